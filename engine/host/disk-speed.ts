import { randomUUID } from "node:crypto";
import { mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Span, StrategyComparison } from "../contract/index.ts";

const syncRounds = 7;
const writeRounds = 3;
const writeBytes = 4 * 1_048_576;
const measured = new Map<string, Promise<StrategyComparison["disk"]>>();

/** How fast the disk below a folder syncs and writes, measured once; undefined where the folder cannot be written to. */
export function diskSpeed(folder: string): Promise<StrategyComparison["disk"]> {
  const known = measured.get(folder) ?? measure(folder).catch(() => undefined);
  measured.set(folder, known);
  return known;
}

async function measure(folder: string): Promise<StrategyComparison["disk"]> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${randomUUID()}.speed.tmp`);
  const handle = await open(path, "wx");
  try {
    const block = new Uint8Array(4096).fill(0xa5);
    const large = new Uint8Array(writeBytes).fill(0xa5);
    const timed = async (bytes: Uint8Array, at: number) => {
      const startedMs = performance.now();
      await handle.write(bytes, 0, bytes.length, at);
      await handle.datasync();
      return Math.max(0.01, performance.now() - startedMs);
    };
    const syncs: number[] = [];
    for (let round = 0; round < syncRounds; round++) syncs.push(await timed(block, round * block.length));
    const rates: number[] = [];
    for (let round = 0; round < writeRounds; round++) rates.push((writeBytes / (await timed(large, round * writeBytes))) * 1000);
    return { syncMs: spanOf(syncs), bytesPerSecond: spanOf(rates) };
  } finally {
    await handle.close();
    await unlink(path);
  }
}

const spanOf = (values: readonly number[]): Span => ({ least: Math.min(...values), most: Math.max(...values) });

/** What writing so many bytes with so many syncs takes on a disk. */
export function timeOn(disk: NonNullable<StrategyComparison["disk"]>, bytes: bigint, syncs: number): Span {
  const { syncMs, bytesPerSecond } = disk;
  return {
    least: (Number(bytes) / bytesPerSecond.most) * 1000 + syncs * syncMs.least,
    most: (Number(bytes) / bytesPerSecond.least) * 1000 + syncs * syncMs.most,
  };
}
