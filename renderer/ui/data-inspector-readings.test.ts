import { describe, expect, it } from "vitest";
import { guidText, readingsOf, ticksText } from "./data-inspector-readings.ts";

const value = (bytes: number[], name: string, littleEndian = true) =>
  readingsOf(Uint8Array.from(bytes), littleEndian).find((reading) => reading.name === name)?.values;

describe("readings of bytes", () => {
  it("are signed and unsigned, in either order", () => {
    expect(value([0xa8, 0x30], "i8 / u8")).toEqual(["-88", "168"]);
    expect(value([0xa8, 0x30], "i16 / u16")).toEqual(["12\u2009456", "12\u2009456"]);
    expect(value([0xa8, 0x30], "i16 / u16", false)).toEqual(["-22\u2009480", "43\u2009056"]);
  });
  it("keep every digit of 64 bits", () => {
    const all = Array<number>(8).fill(255);
    expect(value(all, "i64 / u64")?.map((text) => text.replaceAll("\u2009", ""))).toEqual(["-1", "18446744073709551615"]);
  });
  it("leave out what there are too few bytes for", () => expect(value([1, 2, 3], "i32 / u32")).toBeUndefined());
  it("read ticks to the last decimal, and say so where there is no such year", () => {
    expect(ticksText(621_355_968_000_000_000n)).toBe("1970-01-01 00:00:00.0000000");
    expect(ticksText(621_355_968_000_000_000n + 1n)).toBe("1970-01-01 00:00:00.0000001");
    expect(ticksText(471_208n)).toBe("0001-01-01 00:00:00.0471208");
    expect(ticksText(2n ** 62n - 1n)).toBe("past year 9999");
  });
  it("read a guid in .NET order", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index);
    expect(guidText(bytes, true)).toBe("03020100-0504-0706-0809-0a0b0c0d0e0f");
  });
});
