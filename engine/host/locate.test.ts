import { describe, expect, it } from "vitest";
import { locate, type PlaceNames } from "./locate.ts";

const names: PlaceNames = {
  blockBytes: 4096,
  byteLength: 2048n * 4096n,
  findRegion: (name) => ({ mwal: 1035n, inod: 11n, inodetable: 11n })[name.toLowerCase()],
  findInode: async (inode) => (inode === 212n ? { start: 50_000n, end: 50_384n } : undefined),
};
const block = (first: bigint) => ({ start: first * 4096n, end: (first + 1n) * 4096n });
const byte = (start: bigint) => ({ start, end: start + 1n });

describe("a place in words", () => {
  it.each([
    ["1041", block(1041n)],
    ["0x1041", byte(0x1041n)],
    ["b1041+0x20", byte(1041n * 4096n + 0x20n)],
    ["end-1", block(2047n)],
    ["MWAL", block(1035n)],
    ["INOD+17", block(28n)],
    ["InodeTable", block(11n)],
    ["0x34 * 2", byte(0x68n)],
    ["inode 212", { start: 50_000n, end: 50_384n }],
    ["  7 + 2 ", block(9n)],
  ])("%s is found", async (text, expected) => expect(await locate(text, names)).toEqual(expected));
  it.each(["", "nowhere", "1 +", "1 2", "inode", "inode 7", "end", "0-1", "99999", "1; drop", "(1"])(
    "%j is refused with the character where it ends",
    async (text) => {
      await expect(locate(text, names)).rejects.toMatchObject({ code: "EXPRESSION_NOT_UNDERSTOOD", data: { text } });
    },
  );
});
