import { describe, expect, it } from "vitest";
import { fromHex } from "../base/bytes.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { bitsPerBitmapBlock, setBits, trailerBytes } from "../format/core/index.ts";
import { goldenJson } from "../testing/golden.ts";
import { volumeDevice } from "../testing/small-volume.ts";
import { BlockReader } from "./block-reader.ts";
import { FreeSpace } from "./free-space.ts";
import { openVolume } from "./open.ts";

type Pair = [start: number, count: number];
interface Row {
  name: string;
  blockSize: number;
  bitmapBlocks: number;
  totalBlocks: number;
  bitmapBits: number;
  allocatedRule?: string;
  allocatedRuns?: Pair[];
  payloadHex?: string;
  findAllFreeRanges: Record<string, Pair[] | { count: number; sha256: string }>;
  findContiguousFreeBlocks: [number, Pair | null][];
  getTotalFreeBlocks: number;
  withinVolume: { free: number; largest: number; firstFit: [number, Pair | null][] };
}
const rows: Row[] = goldenJson("vectors-freespace").rows;

function freeSpaceOf(row: Row, end = BigInt(row.totalBlocks)): FreeSpace {
  const payload = row.payloadHex ? fromHex(row.payloadHex) : new Uint8Array(row.bitmapBlocks * (row.blockSize - trailerBytes));
  if (!row.payloadHex) for (const [start, count] of row.allocatedRuns ?? []) setBits(payload, start, start + count);
  const bytes = new Uint8Array(row.bitmapBlocks * row.blockSize).fill(0xee);
  for (let block = 0; block < row.bitmapBlocks; block++)
    bytes.set(
      payload.subarray(block * (row.blockSize - trailerBytes), (block + 1) * (row.blockSize - trailerBytes)),
      block * row.blockSize,
    );
  const reader = new BlockReader(new MemoryDevice(bytes), row.blockSize);
  return new FreeSpace({ reader, bitmap: { startBlock: 0n, blockCount: BigInt(row.bitmapBlocks) }, end });
}
const pair = (run: { startBlock: bigint; blockCount: bigint } | undefined): Pair | null =>
  run ? [Number(run.startBlock), Number(run.blockCount)] : null;

/** Vectors in which the SDK finds blocks free that the volume does not have. */
const sdkIsWrong = rows.filter((row) => row.getTotalFreeBlocks !== row.withinVolume.free).map(({ name }) => name);

describe("free space", () => {
  it.each(rows)("of vector $name is what the volume has", async (row) => {
    const space = freeSpaceOf(row);
    const runs: Pair[] = [];
    for await (const run of space.runs()) runs.push([Number(run.startBlock), Number(run.blockCount)]);
    expect(await space.count()).toBe(BigInt(row.withinVolume.free));
    expect(runs.reduce((most, [, count]) => Math.max(most, count), 0)).toBe(row.withinVolume.largest);
    for (const [asked, expected] of row.withinVolume.firstFit) {
      expect(pair(await space.findFirst(BigInt(asked))), `first ${asked}`).toEqual(expected);
      const last = runs.findLast(([, count]) => count >= asked);
      expect(pair(await space.findLast(BigInt(asked))), `last ${asked}`).toEqual(last ? [last[0] + last[1] - asked, asked] : null);
    }
  });
  it.each(rows)("of vector $name is the SDK's below the bits that its bitmap does not have", async (row) => {
    const space = freeSpaceOf(row, BigInt(row.bitmapBits));
    for (const [least, expected] of Object.entries(row.findAllFreeRanges)) {
      if (!Array.isArray(expected)) continue;
      const clipped = expected
        .map(([start, count]): Pair => [start, Math.min(count, row.bitmapBits - start)])
        .filter(([, count]) => count >= Number(least));
      const runs: Pair[] = [];
      for await (const run of space.runs(BigInt(least))) runs.push([Number(run.startBlock), Number(run.blockCount)]);
      expect(runs).toEqual(clipped);
    }
  });
  it("differs from the SDK's in every vector, since its buffer is longer than the bitmap", () => {
    expect(sdkIsWrong).toEqual(rows.map(({ name }) => name));
  });
  it("takes out what is reserved and what was taken", async () => {
    const row: Row = { ...(rows[0] as Row), allocatedRuns: [], payloadHex: "" };
    const space = freeSpaceOf({ ...row, blockSize: 4096, totalBlocks: 1000 });
    space.take(990n, 10n);
    space.take(100n, 5n);
    expect(await space.count()).toBe(985n);
    expect(pair(await space.findLast(5n))).toEqual([985, 5]);
    expect(pair(await space.findFirst(101n))).toEqual([105, 101]);
    expect(pair(await space.findLast(886n))).toBeNull();
    expect(await space.lastUsed()).toBe(999n);
    expect(await space.lastUsed({ end: 990n })).toBe(104n);
  });
  it("gives pieces where no run is long enough", async () => {
    const row = rows.find(({ name }) => name.startsWith("two fits")) as Row;
    const pieces = await freeSpaceOf(row).findPieces(210n);
    expect(pieces?.map(pair)).toEqual([
      [50, 200],
      [260, 10],
    ]);
    expect(await freeSpaceOf(row).findPieces(265n)).toBeUndefined();
  });
  it("of a volume leaves out regions whose bits are clear, and a recovery footer", async () => {
    const device = await volumeDevice();
    const bitmap = (await openVolume(device)).findRegion("BMAP");
    await device.write((bitmap?.startBlock ?? 0n) * 4096n, new Uint8Array(4096));
    const space = await FreeSpace.of(await openVolume(device));
    expect(pair(await space.findFirst(1n))).toEqual([1099, 1]);
    expect(await space.count()).toBe(201n);
    await device.write(1299n * 4096n, device.bytes.slice(0, 4096));
    expect(await (await FreeSpace.of(await openVolume(device))).count()).toBe(200n);
  });
  it("of a bitmap that cannot be read is none", async () => {
    const reader = new BlockReader(new MemoryDevice(new Uint8Array(0)), 4096);
    const space = new FreeSpace({ reader, bitmap: { startBlock: 7n, blockCount: 1n }, end: 1000n });
    expect([await space.count(), await space.findFirst(1n), await space.findLast(1n)]).toEqual([0n, undefined, undefined]);
  });
  it("has no more blocks than the bitmap has bits", async () => {
    const reader = new BlockReader(new MemoryDevice(new Uint8Array(4096)), 4096);
    const space = new FreeSpace({ reader, bitmap: { startBlock: 0n, blockCount: 1n }, end: 100_000n });
    expect(await space.count()).toBe(BigInt(bitsPerBitmapBlock(4096)));
  });
});
