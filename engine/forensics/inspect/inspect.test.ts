import { describe, expect, it } from "vitest";
import { goldenDifferences } from "../../testing/compare-golden.ts";
import { goldenDevice, goldenJson, goldenKeys, goldenNames } from "../../testing/golden.ts";
import { openVolume } from "../../volume/open.ts";
import { inspectVolume } from "./inspect.ts";

/** What the SDK was given before it wrote the image is not in the image. */
const notStored = new Set(["lastEventGiven"]);
const stored = (wanted: unknown): unknown =>
  wanted !== null && typeof wanted === "object" && !Array.isArray(wanted)
    ? Object.fromEntries(Object.entries(wanted).filter(([key]) => !notStored.has(key)))
    : wanted;

/** What a golden says of the tag index's look-ups, which stands beside the regions. */
const lookupsIn = (sdkReads: Record<string, unknown> = {}): unknown => {
  const { lookupAllMisses, lookupAllThrows } = sdkReads;
  return lookupAllMisses || lookupAllThrows ? sdkReads : undefined;
};

describe("the inspect document", () => {
  it.each(goldenNames(/./, { ending: ".dwvd.gz" }))("of %s has what the golden expects", async (name) => {
    const expected = goldenJson(name).expect;
    const device = await goldenDevice(name);
    const document = await inspectVolume(await openVolume(device, { keys: goldenKeys(name) }));
    expect(goldenDifferences(document, expected)).toEqual([]);
    for (const region of (document.regions ?? []) as { tag: string; kind?: string; content?: unknown; sdkReads?: unknown }[]) {
      const kind = region.kind ?? region.tag;
      const wanted = goldenJson(name).sdkReads?.[kind] ?? (kind === "TAGI" ? lookupsIn(goldenJson(name).sdkReads) : undefined);
      if (wanted !== undefined) expect(goldenDifferences(region.sdkReads ?? region.content, stored(wanted)), kind).toEqual([]);
    }
  });
});
