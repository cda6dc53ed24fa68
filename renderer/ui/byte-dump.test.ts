import { describe, expect, it } from "vitest";
import { hexDump, isLikelyText, textDump } from "./byte-dump.ts";

const utf8 = new TextEncoder();

describe("bytes as a listing", () => {
  it("have an offset, two groups of eight and their characters", () => {
    expect(hexDump(utf8.encode("Hello, world of 17\n"), 0x10n)).toBe(
      [
        "00000010  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 20 6f 66 20  Hello, world of ",
        "00000020  31 37 0a                                          17·",
      ].join("\n"),
    );
    expect(hexDump(new Uint8Array(0), 0n)).toBe("");
  });
});

describe("bytes as text", () => {
  it("keep lines and tabs and show what would hide or turn text", () => {
    expect(textDump(utf8.encode("a\tb\nc\u202Ed\u0007"))).toBe("a\tb\nc\\u{202e}d\\u{7}");
  });
  it("are told from others", () => {
    expect(isLikelyText(utf8.encode("Größe, 3 µm\r\n"))).toBe(true);
    expect(isLikelyText(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1))).toBe(false);
    expect(isLikelyText(new Uint8Array(100))).toBe(false);
    expect(isLikelyText(new Uint8Array(0))).toBe(false);
  });
});
