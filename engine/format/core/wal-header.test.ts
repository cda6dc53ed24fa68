import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenJson } from "../../testing/golden.ts";
import { judgeTrailer } from "./block-trailer.ts";
import { walHeader, walHeaderBlock } from "./wal-header.ts";

const now = 638_400_000_000_000_000n;
const fresh = {
  type: 0,
  version: 1,
  sequenceStart: 0n,
  sequenceEnd: 0n,
  headOffset: 0n,
  tailOffset: 0n,
  totalEntries: 0n,
  maxBlocks: 64n,
  usedBlocks: 1n,
  createdTimestampUtc: now,
  lastCheckpointTimestamp: 0n,
  checkpointInterval: 1024,
  isClean: true,
};

describe("a log header", () => {
  it.each((goldenJson("vectors-wal-header").cases as { hex: string; fields: object }[]).map((each, index) => [index, each] as const))(
    "reads as the SDK reads vector %i, and encodes back",
    (_, { hex, fields }) => {
      const header = walHeader.parse(fromHex(hex));
      expect(toJson(header)).toMatchObject(fields);
      const again = toHex(walHeader.encode(header));
      expect(again.slice(0, -2)).toBe(hex.slice(0, -2));
      expect(again.endsWith("00")).toBe(hex.endsWith("00"));
    },
  );
  it("takes 83 bytes", () => expect(walHeader.byteLength).toBe(83));
  it("of a fresh metadata log is the one of core reference 4.1", () => {
    expect(toHex(walHeader.encode(fresh))).toBe(
      `000001000000${"00".repeat(40)}4000000000000000010000000000000000009ce86a0ddc0800000000000000000004000001`,
    );
  });
  it("of a fresh data log is the one of core reference 11, with its trailer", () => {
    const header = { ...fresh, type: 1, maxBlocks: 128n, checkpointInterval: 4096 };
    const trailer = { blockTypeTag: 0x4457_414c, generationNumber: 1, xxHash64Checksum: 0n };
    const block = walHeaderBlock.encode({ header, trailer }, { byteLength: 4096 });
    expect(toHex(block.subarray(0, 83))).toBe(
      `010001000000${"00".repeat(40)}8000000000000000010000000000000000009ce86a0ddc0800000000000000000010000001`,
    );
    expect(toHex(block.subarray(-16))).toBe("4c4157440100000076b1ca7a01e5a540");
    expect(judgeTrailer(block).verified).toBe(true);
  });
  it("with a type, version or interval of no log is refused by a strict reader", () => {
    for (const change of [{ type: 2 }, { version: 2 }, { checkpointInterval: 0 }])
      expect(() => walHeader.decode(walHeader.encode({ ...fresh, ...change }))).toThrowError(
        expect.objectContaining({ code: "VALUE_OUT_OF_RANGE" }),
      );
  });
});
