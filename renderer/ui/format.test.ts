import { describe, expect, it } from "vitest";
import { formatAddress, formatBlocks, formatBytes, formatCount, formatDuration, formatSpan, groupDigits, visible } from "./format.ts";

describe("numbers on the screen", () => {
  it("are grouped and never rounded", () => {
    expect(formatCount(18_446_744_073_709_551_615n)).toBe("18\u2009446\u2009744\u2009073\u2009709\u2009551\u2009615");
    expect(formatCount(-1234)).toBe("-1\u2009234");
    expect(formatCount(999)).toBe("999");
  });
  it("are grouped in sentences, and left alone in ids and names", () => {
    expect(groupDigits("1024 blocks, 1296 at least, id 1234-5678, b4096, 0.12345")).toBe(
      "1\u2009024 blocks, 1\u2009296 at least, id 1234-5678, b4096, 0.12345",
    );
  });
  it("give spans of time as ranges, each end in the unit that shows it", () => {
    const spans: [number, number][] = [
      [120, 240],
      [2.66, 28.2],
      [42, 210],
      [31_000, 31_400],
      [90_000, 240_000],
    ];
    expect(spans.map(([least, most]) => formatSpan(least, most))).toEqual([
      "0.1 to 0.2 s",
      "2.7 to 28 ms",
      "42 ms to 0.2 s",
      "about 31 s",
      "2 min to 4 min",
    ]);
  });
  it("give sizes with three figures", () => {
    expect([0n, 1n, 1023n, 4096n, 10_000n, 2n ** 32n, 15n * 2n ** 40n].map(formatBytes)).toEqual([
      "0 bytes",
      "1 byte",
      "1\u2009023 bytes",
      "4.00 KiB",
      "9.77 KiB",
      "4.00 GiB",
      "15.0 TiB",
    ]);
  });
  it("group addresses from eight digits on", () => {
    expect([0x1041n, 0xf000_1041n, 0xeff_ffff_fff8n].map(formatAddress)).toEqual([
      "0x1041",
      "0xf000\u20091041",
      "0xeff\u2009ffff\u2009fff8",
    ]);
  });
  it("write ranges with both ends included", () => {
    expect([formatBlocks(7n, 1n), formatBlocks(1561n, 64n)]).toEqual(["7", "1\u2009561–1\u2009624 (64)"]);
  });
  it("round durations", () =>
    expect([formatDuration(4000), formatDuration(540_000), formatDuration(5_400_000)]).toEqual(["4 s", "9 min", "1 h 30 min"]));
  it("show control and bidirectional characters of an image's text", () => expect(visible("a\u202eb\u0007")).toBe("a\\u{202e}b\\u{7}"));
});
