import { equalBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { type Json, toJson } from "../base/json.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { ReadOnlyDevice } from "../device/index.ts";
import type { OverlayFile, OverlayIdentity } from "../device/overlay-file.ts";
import { OverlayFileDevice } from "../device/overlay-file-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import type { Volume } from "../volume/volume.ts";
import type { OperationPlan, PlanStep } from "./operation.ts";

/** A run of free blocks that a change wrote. */
interface WrittenRun {
  block: bigint;
  blockCount: bigint;
  reason: string;
}

/** One change in an overlay: a transaction of an operation, or a recovery of the log. */
export interface OverlayChange {
  operation: string;
  title: string;
  /** What the operation did, in sentences: of one with several transactions they stand at each. */
  sentences: string[];
  inputs: Json;
  now: bigint;
  freeBlocks: { before: bigint; after: bigint };
  /** What the transaction rewrote, in its order; undefined of a recovery, which is no transaction. */
  images: { block: bigint; reason: string }[] | undefined;
  fresh: WrittenRun[];
  released: WrittenRun[];
  /** Whether block 0 as it was before belongs into the log. */
  witness: boolean;
}

/** What an overlay over a volume says of the image below. */
export async function identifyBase(volume: Volume, image: string): Promise<OverlayIdentity> {
  const { sourceDevice } = volume;
  const first = new Uint8Array(volume.blockBytes);
  await sourceDevice.read(0n, first);
  return {
    image,
    byteLength: `${sourceDevice.byteLength}`,
    blockBytes: volume.blockBytes,
    volumeId: volume.superblock?.volumeUuid ?? "",
    firstBlockSha256: Buffer.from(checksum.sha256(first)).toString("hex"),
  };
}

/** What a mark in an overlay says of a step that was applied to it. */
export function describeChange({ operation, inputs, sentences, ...plan }: OperationPlan, { title, changes, now }: PlanStep): string {
  const runs = (written: readonly WrittenRun[]) => written.map(({ block, blockCount, reason }) => ({ block, blockCount, reason }));
  return JSON.stringify(
    toJson({
      operation,
      title,
      sentences,
      inputs,
      now: now ?? BigInt((inputs as { now?: string | number }).now ?? 0),
      freeBlocks: changes.freeBlocks,
      images: changes.images.map(({ block, reason }) => ({ block, reason })),
      fresh: runs(changes.fresh),
      released: runs(changes.released ?? []),
      witness: changes.witness !== undefined,
      sequence: plan.sequence,
    }),
  );
}

/** What a mark says of a recovery of the log. */
export const describeRecovery = (sentence: string): string =>
  JSON.stringify({ operation: "recover", title: "Bring the log to rest", sentences: [sentence], inputs: {} });

/** The changes in an overlay, as they were made. OVERLAY_DAMAGED. */
export function changesOf(file: OverlayFile): OverlayChange[] {
  return file.marks.map(({ document }, index) => {
    try {
      return readChange(JSON.parse(document) as Json);
    } catch (cause) {
      const reason = `change ${index + 1} does not say what it did`;
      throw new EngineError("OVERLAY_DAMAGED", { path: file.name, at: file.byteLength, reason }, { cause });
    }
  });
}

function readChange(document: Json): OverlayChange {
  const said = document as { [key: string]: Json };
  const integer = (value: Json | undefined): bigint => BigInt((value ?? 0) as string | number);
  const list = (value: Json | undefined): { [key: string]: Json }[] => (Array.isArray(value) ? (value as { [key: string]: Json }[]) : []);
  const runs = (value: Json | undefined): WrittenRun[] =>
    list(value).map(({ block, blockCount, reason }) => ({ block: integer(block), blockCount: integer(blockCount), reason: `${reason}` }));
  const free = (said.freeBlocks ?? {}) as { [key: string]: Json };
  return {
    operation: `${said.operation}`,
    title: `${said.title}`,
    sentences: (said.sentences as Json[]).map((each) => `${each}`),
    inputs: said.inputs ?? {},
    now: integer(said.now),
    freeBlocks: { before: integer(free.before), after: integer(free.after) },
    images:
      said.images === undefined ? undefined : list(said.images).map((each) => ({ block: integer(each.block), reason: `${each.reason}` })),
    fresh: runs(said.fresh),
    released: runs(said.released),
    witness: said.witness === true,
  };
}

/** The image as an overlay shows it after so many of its changes. Closing it leaves image and overlay open. */
export const imageAfter = (base: BlockDevice, file: OverlayFile, changes: number): BlockDevice =>
  new KeptOpen(new OverlayFileDevice(base, file, { changes }));

class KeptOpen extends ReadOnlyDevice {
  protected override async closeRun(): Promise<void> {}
}

const headBlocks = 10n;

/** OVERLAY_OTHER_IMAGE where an overlay was made over another volume. */
export function assertSameImage(file: OverlayFile, volume: Volume): void {
  const { identity } = file;
  const refuse = (reason: string) => new EngineError("OVERLAY_OTHER_IMAGE", { path: file.name, image: volume.sourceDevice.name, reason });
  const volumeId = volume.superblock?.volumeUuid ?? "";
  if (identity.volumeId !== volumeId) throw refuse(`it is of volume ${identity.volumeId || "none"}, this is ${volumeId || "none"}`);
  if (identity.blockBytes !== volume.blockBytes)
    throw refuse(`its blocks have ${identity.blockBytes} bytes, the image's ${volume.blockBytes}`);
}

/**
 * How many changes of an overlay the image below holds already: none before a commit, all of them after it, and some where a commit was
 * cut off between two transactions. Every change rewrites the volume's head, so `head` alone tells quickly that the image was changed
 * otherwise; without it every covered block is compared. OVERLAY_BASE_CHANGED.
 */
export async function changesInImage(
  base: BlockDevice,
  file: OverlayFile,
  {
    log,
    head = false,
    signal,
  }: { log?: { startBlock: bigint; blockCount: bigint } | undefined; head?: boolean; signal?: AbortSignal } = {},
): Promise<number> {
  const all = file.marks.length;
  const changes = changesOf(file);
  let possible = Array.from({ length: all + 1 }, (_, index) => index);
  const below = new OverlayFileDevice(base, file, { changes: 0 });
  const blocks = [...file.covered(all)].sort((a, b) => (a < b ? -1 : 1));
  for (const block of blocks) {
    if (head && block >= headBlocks) break;
    // The log's blocks tell only that there were transactions.
    if (log && block >= log.startBlock && block < log.startBlock + log.blockCount) continue;
    signal?.throwIfAborted();
    const now = await below.hashBelow(block);
    const holds = memoized(async (change: number) => equalBytes(now, await hashAfter(file, block, change)));
    const left: number[] = [];
    for (const change of possible) if ((await holds(change)) || (await isOnItsWay(changes, block, change, holds))) left.push(change);
    if (left.length === 0)
      throw new EngineError("OVERLAY_BASE_CHANGED", { path: file.name, image: base.name, block, blockBytes: file.blockBytes });
    possible = left;
  }
  return possible.at(-1) ?? 0;
}

/** Whether a block that is free after `change` may hold something else: a commit that was cut off writes free blocks before its transaction, and behind it. */
async function isOnItsWay(
  changes: readonly OverlayChange[],
  block: bigint,
  change: number,
  holds: (change: number) => Promise<boolean>,
): Promise<boolean> {
  const isIn = (runs: readonly WrittenRun[] | undefined) => runs?.some((run) => block >= run.block && block < run.block + run.blockCount);
  for (let later = change; later < changes.length; later++) if (isIn(changes[later]?.fresh) && (await holds(later + 1))) return true;
  return change > 0 && isIn(changes[change - 1]?.released) === true && holds(change - 1);
}

async function hashAfter(file: OverlayFile, block: bigint, change: number): Promise<Uint8Array> {
  const place = file.placeAt(block, change);
  if (place !== undefined) return checksum.sha256(await file.read(place));
  const { belowEnd } = file.shapeAt(change);
  // Cut off and not written since: such a block reads as zeros, if the image reaches it at all.
  if (block * BigInt(file.blockBytes) >= belowEnd) return checksum.sha256(new Uint8Array(file.blockBytes));
  return file.baseSha256(block);
}

function memoized<Result>(work: (key: number) => Promise<Result>): (key: number) => Promise<Result> {
  const known = new Map<number, Promise<Result>>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    return result;
  };
}
