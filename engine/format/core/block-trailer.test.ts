import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "./block-trailer.ts";

describe("the universal block trailer", () => {
  it("of an empty block of 4096 bytes ends in the hash of 4080 zero bytes (core reference 1.4)", () => {
    const block = sealBlock(new Uint8Array(4096), "EXMD", 1);
    expect(toHex(block.subarray(-trailerBytes))).toBe("444d58450100" + "0000" + "f050e50a6bbef651");
  });
  it("verifies while the payload is as it was sealed, and no longer", () => {
    const block = sealBlock(
      Uint8Array.from({ length: 512 }, (_, index) => index),
      "BMAP",
      0xffff_fff0,
    );
    expect(judgeTrailer(block)).toMatchObject({ tag: "BMAP", generationNumber: 0xffff_fff0, verified: true, zero: false });
    block[495] = 0;
    const damaged = judgeTrailer(block);
    expect(damaged.verified).toBe(false);
    expect(damaged.computed).not.toBe(damaged.xxHash64Checksum);
  });
  it("does not cover tag and generation", () => {
    const block = sealBlock(new Uint8Array(512), "BMAP", 1);
    block.set(fromHex("444f4e49ffffffff"), 496);
    expect(judgeTrailer(block)).toMatchObject({ tag: "INOD", generationNumber: 0xffff_ffff, verified: true });
  });
  it("of a block that was never written does not verify", () => {
    expect(judgeTrailer(new Uint8Array(4096))).toMatchObject({ tag: "", verified: false, zero: true });
  });
  it("verifies over an empty payload", () => {
    expect(judgeTrailer(sealBlock(new Uint8Array(trailerBytes), "DATA", 1)).verified).toBe(true);
  });
  it("is refused by a strict reader where the hash does not hold", () => {
    expect(() => blockTrailer.decode(new Uint8Array(trailerBytes), 4080n)).toThrowError(
      expect.objectContaining({ code: "CHECKSUM_MISMATCH", data: expect.objectContaining({ at: 4088n }) }),
    );
  });
});
