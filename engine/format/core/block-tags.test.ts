import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { goldenJson } from "../../testing/golden.ts";
import { isKnownTag, knownTags, tagMeaning, tagNumber, tagText } from "./block-tags.ts";
import { blockTrailer } from "./block-trailer.ts";

interface Row {
  name: string;
  value: number;
  text: string;
  onDisk: string;
  known: boolean;
}
const rows = goldenJson("table-block-tags").cases as Row[];

describe("block type tags", () => {
  it.each(rows)("$name has the number and the bytes that the SDK gives it", ({ name, value, text, onDisk, known }) => {
    expect(tagNumber(name)).toBe(value);
    expect(tagText(value)).toBe(text);
    expect(isKnownTag(name)).toBe(known);
    const trailer = blockTrailer.encode({ blockTypeTag: value, generationNumber: 0, xxHash64Checksum: 0n });
    expect(toHex(trailer.subarray(0, 4))).toBe(onDisk);
  });
  it("are the SDK's forty and no others", () => {
    expect([...knownTags].sort()).toEqual(
      rows
        .filter((row) => row.known)
        .map((row) => row.name)
        .sort(),
    );
  });
  it("know MCHK's meaning without knowing the tag, as the SDK does not", () => {
    expect(isKnownTag("MCHK")).toBe(false);
    expect(tagMeaning("MCHK")).toBe("inode migration checkpoint");
    expect(tagMeaning("ABCD")).toBeUndefined();
  });
  it.each([
    [0, ""],
    [0x41ff_4243, "A?BC"],
    [0x8000_0000, "?\0\0\0"],
    [0x4100_0a42, "A\0\nB"],
  ])("read 0x%s as text whatever its bytes are", (value, text) => expect(tagText(value)).toBe(text));
  it.each(["", "ABC", "ABCDE", "ABC\n", "ÄBCD"])("are made of four printable ASCII letters, so not of %j", (text) =>
    expect(() => tagNumber(text)).toThrow(TypeError),
  );
  it("do not take a name of Object for a tag", () => expect(isKnownTag("constructor")).toBe(false));
});
