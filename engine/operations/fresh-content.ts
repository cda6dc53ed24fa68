import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { maxBigint, minBigint } from "../base/units.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { findBit } from "../format/core/index.ts";
import { AllocationBitmap, type BlockRun } from "../volume/bitmap.ts";
import type { Volume } from "../volume/volume.ts";
import type { ChangeSet, FreshRun } from "../volume/volume-edit.ts";

/** Small enough to be still in the processor's cache when what was read is hashed and written. */
const pieceBytes = 524_288;
/** So much is brought to the medium at a time while more is written. */
const syncedAtOnce = 33_554_432;

/** Part of a run: the block it begins at and its images. */
export interface FreshPiece {
  block: bigint;
  bytes: Uint8Array;
}

/**
 * The images of a run in pieces of up to 512 KiB, those that `isLeftOut` names by their first block not among them. A piece's bytes hold
 * until the next is asked for.
 */
export async function* piecesOf(
  run: FreshRun,
  blockBytes: number,
  isLeftOut: (block: bigint) => boolean = () => false,
): AsyncGenerator<FreshPiece> {
  const { block: first, blockCount, fill } = run;
  const most = fill ? minBigint(BigInt(Math.max(1, Math.floor(pieceBytes / blockBytes))), blockCount) : 1n;
  const wantedFrom = (index: bigint): bigint => {
    let at = index;
    while (at < blockCount && isLeftOut(first + at)) at += most;
    return at;
  };
  if (!fill) {
    for (let index = wantedFrom(0n); index < blockCount; index = wantedFrom(index + 1n))
      yield { block: first + index, bytes: await run.image(index) };
    return;
  }
  const held = [0, 1].map(() => new Uint8Array(Number(most) * blockBytes));
  const read = async (index: bigint, into: Uint8Array | undefined): Promise<Uint8Array> => {
    const bytes = (into ?? new Uint8Array(0)).subarray(0, Number(minBigint(most, blockCount - index)) * blockBytes);
    await fill(index, bytes);
    return bytes;
  };
  // While a piece is used the next one is read into the other buffer.
  let [at, turn] = [wantedFrom(0n), 0];
  let coming = at < blockCount ? read(at, held[turn]) : undefined;
  while (coming) {
    const [block, bytes] = [first + at, await coming];
    [at, turn] = [wantedFrom(at + most), 1 - turn];
    coming = at < blockCount ? read(at, held[turn]) : undefined;
    coming?.catch(() => {}); // Awaited with the next piece, if one is asked for.
    yield { block, bytes };
  }
}

/** SHA-256 of a run's images, one behind the other. */
export async function hashOfRun(run: FreshRun, blockBytes: number): Promise<string> {
  const hash = checksum.startSha256();
  for await (const { bytes } of piecesOf(run, blockBytes)) hash.update(bytes);
  return toHex(hash.digest());
}

/**
 * Content of free blocks that is written while the undo bundle is made of it, so that its source is read once. The bundle is not whole then:
 * E1  Only blocks are written that are free in the volume as it is and hold zeros, so that a change that is broken off destroys nothing.
 * E2  Content of a later step is written only where no earlier step writes, images, content and what it releases, and not into the log.
 * E3  It counts as not written before the sync that the transaction makes of its content (T2 in journal/transaction.ts).
 */
export class EarlyContent {
  readonly #device: BlockDevice;
  readonly #volume: Volume;
  readonly #bitmap: AllocationBitmap | undefined;
  /** What the steps before each step write, ascending. */
  readonly #taken: BlockRun[][];
  readonly #written = new Map<number, Set<bigint>>();
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  readonly #syncedAtOnce: number;
  #page: { block: bigint; bytes: Uint8Array | undefined } | undefined;

  /** For a volume that nothing of the plan was applied to yet. */
  constructor(device: BlockDevice, volume: Volume, steps: readonly { changes: ChangeSet }[], atOnce = syncedAtOnce) {
    this.#syncedAtOnce = atOnce;
    this.#device = device;
    this.#volume = volume;
    this.#bitmap = AllocationBitmap.of(volume);
    const log = volume.log ? [{ startBlock: volume.log.region.startBlock, blockCount: volume.log.region.blockCount }] : [];
    this.#taken = [log, ...steps.map(({ changes }) => takenBy(changes))];
  }

  /** Writes a piece whose blocks hold zeros, if that may be done already. */
  async write(step: number, { block, bytes }: FreshPiece): Promise<void> {
    const end = block + BigInt(bytes.length / this.#volume.blockBytes);
    if (!(await this.#isFree(block, end)) || this.#taken.slice(0, step + 1).some((runs) => overlaps(runs, block, end))) return;
    await this.#device.write(block * BigInt(this.#volume.blockBytes), bytes);
    const written = this.#written.get(step) ?? new Set();
    this.#written.set(step, written.add(block));
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes >= this.#syncedAtOnce) this.#startSync();
  }

  /** The transaction's sync then has less to wait for. */
  #startSync(): void {
    if (this.#syncing || this.#failure) return;
    this.#unsyncedBytes = 0;
    this.#syncing = this.#sync();
  }

  async #sync(): Promise<void> {
    try {
      await this.#device.sync();
    } catch (error) {
      this.#failure = { error };
    }
    this.#syncing = undefined;
  }

  /** Waits for what was begun. DEVICE_SYNC_FAILED. */
  async settle(): Promise<void> {
    await this.#syncing;
    if (this.#failure) throw this.#failure.error;
  }

  /** Whether the piece of a step that begins at a block was written. */
  isWritten(step: number, block: bigint): boolean {
    return this.#written.get(step)?.has(block) === true;
  }

  /** Whether blocks lie inside the file and none of them is allocated. */
  async #isFree(start: bigint, end: bigint): Promise<boolean> {
    if (!this.#bitmap || end * BigInt(this.#volume.blockBytes) > this.#device.byteLength) return false;
    const perBlock = BigInt(this.#bitmap.bitsPerBlock);
    for (let at = start; at < end; ) {
      const page = this.#bitmap.blockFor(at);
      if (this.#page?.block !== page) this.#page = { block: page, bytes: await this.#volume.reader.read(page) };
      const stop = minBigint((at / perBlock + 1n) * perBlock, end);
      const [from, to] = [Number(at % perBlock), Number(at % perBlock) + Number(stop - at)];
      if (!this.#page.bytes || findBit(this.#page.bytes, from, to, true) < to) return false;
      at = stop;
    }
    return true;
  }
}

/** What a step writes, ascending and joined. */
function takenBy({ images, fresh, released = [] }: ChangeSet): BlockRun[] {
  const all = [
    ...images.map(({ block }) => ({ startBlock: block, blockCount: 1n })),
    ...[...fresh, ...released].map(({ block, blockCount }) => ({ startBlock: block, blockCount })),
  ].sort((a, b) => (a.startBlock < b.startBlock ? -1 : 1));
  const joined: BlockRun[] = [];
  for (const run of all) {
    const last = joined.at(-1);
    if (!last || run.startBlock > last.startBlock + last.blockCount) joined.push(run);
    else last.blockCount = maxBigint(last.blockCount, run.startBlock + run.blockCount - last.startBlock);
  }
  return joined;
}

/** Whether one of `runs`, which are ascending and do not overlap, reaches into `[start, end)`. */
function overlaps(runs: readonly BlockRun[], start: bigint, end: bigint): boolean {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const run = runs[middle];
    if (run && run.startBlock + run.blockCount <= start) low = middle + 1;
    else high = middle;
  }
  const found = runs[low];
  return found !== undefined && found.startBlock < end;
}
