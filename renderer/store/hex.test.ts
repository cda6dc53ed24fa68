import { beforeEach, describe, expect, it } from "vitest";
import type { BlockView, ByteRun } from "../../engine/contract/index.ts";
import { forgetBlocks, readBlocks, selectBlocks, selectFailures, useHex } from "./hex.ts";

const calls: bigint[] = [];
const volume = {
  id: "v",
  api: {
    async block(block: bigint): Promise<BlockView> {
      calls.push(block);
      if (block === 13n) throw new Error("I/O error");
      return { block, name: "", tag: "", state: "raw", byteOffset: block * 4096n, bytes: new Uint8Array(4096), fields: [], findings: [] };
    },
    async bytes(start: bigint, byteLength: number): Promise<ByteRun> {
      return { start, bytes: new Uint8Array(byteLength), unread: [], holes: [] };
    },
  },
};
const blocks = () => selectBlocks("v")(useHex.getState());

describe("blocks of the hex view", () => {
  beforeEach(() => {
    calls.length = 0;
    forgetBlocks("v");
  });
  it("are read once", async () => {
    await Promise.all([readBlocks(volume, [1n, 2n], 4096), readBlocks(volume, [1n, 2n], 4096)]);
    await readBlocks(volume, [2n], 4096);
    expect(calls).toEqual([1n, 2n]);
    expect([...blocks().keys()]).toEqual([1n, 2n]);
  });
  it("make room for newer ones", async () => {
    for (let block = 100n; block < 300n; block++) await readBlocks(volume, [block], 4096);
    expect(blocks().size).toBeLessThanOrEqual(96);
    expect(blocks().has(299n)).toBe(true);
  });
  it("say why they could not be read, without asking for ever", async () => {
    await readBlocks(volume, [13n], 4096);
    await readBlocks(volume, [13n], 4096);
    expect(selectFailures("v")(useHex.getState()).get(13n)).toBe("I/O error");
    expect(calls).toEqual([13n]);
  });
});
