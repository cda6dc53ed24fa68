import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { blocksOf, writtenBlocks } from "../../testing/golden-region.ts";
import { judgeTrailer, sealBlock } from "../core/index.ts";
import { headState, isFormatted, judgeBlocks, regionCodecs } from "./index.ts";

const core = ["REPL", "RAID", "SNAP", "CODE", "POLV", "ENCR", "MTRK"];
const fresh = (tag: string, blockBytes = 4096, generation = 1): Uint8Array => sealBlock(new Uint8Array(blockBytes), tag, generation);

describe("a block of zeros that is sealed (core regions reference 0.4)", () => {
  it.each([
    [512, "02ea755369d099b0"],
    [1024, "eef026edb50eeeb0"],
    [2048, "046423378f3c3144"],
    [4096, "f050e50a6bbef651"],
    [8192, "917d976b6b7c1090"],
    [16_384, "14c4e6212409dba5"],
    [32_768, "dc4817b9a116c53f"],
    [65_536, "5de374a97801c1c3"],
  ])("of %i bytes has this hash", (blockBytes, hash) => expect(toHex(fresh("SNAP", blockBytes).subarray(-8))).toBe(hash));
});

describe("the tags of the core regions (core regions reference 0.2)", () => {
  it.each([
    ["REPL", "4c504552"],
    ["RAID", "44494152"],
    ["SNAP", "50414e53"],
    ["CODE", "45444f43"],
    ["POLV", "564c4f50"],
    ["ENCR", "52434e45"],
    ["MTRK", "4b52544d"],
  ])("%s stands in a block as %s", (tag, bytes) => expect(toHex(fresh(tag).subarray(-16, -12))).toBe(bytes));
});

describe("the head of a region", () => {
  const stateOf = (...blocks: Uint8Array[]) => headState(writtenBlocks(blocks, 64), "SNAP");
  const damaged = (block: Uint8Array): Uint8Array => block.with(0, (block[0] ?? 0) ^ 1);
  it("is absent where the region was never written", () => expect(stateOf(new Uint8Array(4096))).toBe("absent"));
  it("is formatted as the creator leaves it", () => expect(stateOf(fresh("SNAP"))).toBe("formatted"));
  it("is formatted with blocks behind it that are sealed in the same way (convention W4)", () =>
    expect(isFormatted(writtenBlocks([fresh("SNAP"), fresh("SNAP")], 64))).toBe(true));
  it("is not formatted once anything else stands behind it, or the generation is another", () => {
    expect(isFormatted(writtenBlocks([fresh("SNAP"), fresh("DICT")], 64))).toBe(false);
    expect(isFormatted(writtenBlocks([fresh("SNAP"), fresh("SNAP", 4096, 2)], 64))).toBe(false);
    expect(isFormatted(writtenBlocks([fresh("SNAP", 4096, 2)], 64))).toBe(false);
  });
  it("is foreign with another tag, whether that verifies or not", () => {
    expect(stateOf(fresh("DICT"))).toBe("foreign");
    expect(stateOf(damaged(fresh("DICT")))).toBe("foreign");
  });
  it("is readable with its own tag, also where its hash fails", () => expect(stateOf(damaged(fresh("SNAP")))).toBe("readable"));
});

describe("a region that was never filled", () => {
  it.each(core)("%s has no content and breaks no rule", (tag) => {
    for (const first of [new Uint8Array(4096), fresh(tag)]) {
      const { content, problems } = regionCodecs.get(tag)?.read(writtenBlocks([first], 64)) ?? {};
      expect([content, problems]).toEqual([undefined, []]);
    }
  });
});

describe("blocks of a region", () => {
  const blocks = [fresh("SNAP", 4096, 3), fresh("SNAP", 4096, 2), fresh("DICT", 4096, 3), new Uint8Array(4096)];
  it("are judged one by one, by hash, tag and the first one's generation", () => {
    expect(judgeBlocks(writtenBlocks(blocks), "snap", 4).map(({ rule, block }) => `${block} ${rule}`)).toEqual([
      "1 snap.generations-differ",
      "2 snap.block-foreign",
      "3 snap.block-damaged",
    ]);
    expect(judgeTrailer(blocks[1] ?? new Uint8Array(16)).verified).toBe(true);
  });
  it("are too few where more are counted, unless some were left unread", () => {
    const given = blocksOf(fresh("SNAP"), 4096, 0, 1);
    expect(judgeBlocks(given, "snap", 2).map(({ rule }) => rule)).toEqual(["snap.blocks-exceed-region"]);
    expect(judgeBlocks({ ...given, isCut: true }, "snap", 2)).toEqual([]);
  });
});
