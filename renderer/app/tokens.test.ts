import { describe, expect, it } from "vitest";
import css from "./tokens.css?raw";

const blockOf = (start: number) => css.slice(start, css.indexOf("}", start));
const colours = (text: string) =>
  Object.fromEntries([...text.matchAll(/--bs-([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
const dark = colours(blockOf(0));
const themes = { dark, light: { ...dark, ...colours(blockOf(css.indexOf(".bs-light {"))) } };

/** WCAG 2 contrast of two colours. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

const surfaces = ["window", "panel", "header", "raised", "selected"];
const texts = ["text", "text-2", "text-3", "link", "error", "warning", "info", "ok", "not-run"];
const marks = [
  ...Array.from({ length: 9 }, (_, index) => `cat-${index + 1}`),
  "block-free",
  "block-live",
  "block-damaged",
  "block-misplaced",
  "block-unverified",
];

describe.each(Object.entries(themes))("the colours of the %s theme", (_, theme) => {
  const of = (name: string) => theme[name] ?? "#000000";
  it.each(texts.flatMap((text) => surfaces.map((surface) => [text, surface] as const)))("%s is readable on %s", (text, surface) => {
    expect(contrast(of(text), of(surface))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(marks)("%s is seen on the canvas", (mark) => expect(contrast(of(mark), of("canvas"))).toBeGreaterThanOrEqual(3));
  it.each(Array.from({ length: 9 }, (_, index) => index + 1))("a label on family %i is readable", (family) => {
    expect(contrast(of(`on-cat-${family}`), of(`cat-${family}`))).toBeGreaterThanOrEqual(4.5);
  });
});
