import { isAllZero, toHex, viewOf } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { Json } from "../base/json.ts";
import { type BlockDevice, readUpTo } from "../device/block-device.ts";
import { documentHeader } from "../device/document-header.ts";
import { OverlayFileDevice } from "../device/overlay-file-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import { type BundleRecord, bundleRecord, bundleRecordHead, bundleRecordKinds, bundleRecordTail } from "../format/undo-bundle.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import type { Volume } from "../volume/volume.ts";
import { piecesOf } from "./fresh-content.ts";
import { type BundleOptions, blocksOf, type OperationPlan } from "./operation.ts";

/** What a bundle says of the operation it undoes. */
export interface BundleDocument {
  /** The file or device it was made for. */
  image: string;
  /** The overlay that was changed instead. */
  overlay?: string | undefined;
  operation: string;
  inputs: Json;
  sentences: string[];
  volumeId: string;
  sequenceBefore: string;
  blockBytes: number;
  byteLengthBefore: string;
  steps: string[];
  /** Blocks whose content the operation freed and wrote over, which is not kept here; without it there are none. */
  freedBlocks?: string | undefined;
}

/** Old content of free blocks is kept up to so much; beyond, undo frees them and does not bring it back. Convention "Files of our own". */
const mostFreshBytes = 1_073_741_824;

/** First part of an undo bundle. Convention W9 and "Files of our own". */
const bundleHeader = documentHeader<BundleDocument>("UndoBundleHeader", "BSUNDO");

const emptyHash = new Uint8Array(32);

/**
 * The bundle of a plan, read from the volume as it is before the change: a header, a record for each block, an end record. `content` is
 * handed what goes to free blocks that held zeros, since its source is read here.
 */
export async function* encodeUndoBundle(
  volume: Volume,
  plan: OperationPlan,
  image: string,
  { signal, onProgress, content }: BundleOptions = {},
): AsyncGenerator<Uint8Array> {
  const { sourceDevice } = volume;
  const document: BundleDocument = {
    image,
    ...(sourceDevice instanceof OverlayFileDevice && { overlay: sourceDevice.file.name }),
    operation: plan.operation,
    inputs: plan.inputs,
    sentences: plan.sentences,
    volumeId: plan.volumeId,
    sequenceBefore: `${plan.sequence}`,
    blockBytes: plan.blockBytes,
    byteLengthBefore: `${volume.device.byteLength}`,
    steps: plan.steps.map(({ title }) => title),
    ...(plan.freedBlocks > 0n && { freedBlocks: `${plan.freedBlocks}` }),
  };
  yield bundleHeader.encode(document);
  const map = AllocationBitmap.of(volume);
  let kept = 0;
  let records = 0n;
  const total = blocksOf(plan);
  let done = 0;
  const report = (blocks: number) => {
    done += blocks;
    onProgress?.({ phase: "Saving undo bundle", done, total, unit: "blocks" });
  };
  const encode = (record: Omit<BundleRecord, "checksum" | "beforeBytes" | "reserved">): Uint8Array => {
    records++;
    return bundleRecord.encode({ ...record, beforeBytes: record.before.length, checksum: 0n });
  };
  for (const [step, { changes }] of plan.steps.entries()) {
    for (const { block, before, after } of changes.images) {
      signal?.throwIfAborted();
      const zero = isAllZero(before);
      yield encode({
        kind: zero ? bundleRecordKinds.zeros : bundleRecordKinds.image,
        step,
        block,
        blockCount: 1n,
        before: zero ? new Uint8Array(0) : before,
        afterSha256: checksum.sha256(after),
      });
      report(1);
    }
    for (const run of changes.fresh) {
      for await (const { block, bytes } of piecesOf(run, plan.blockBytes)) {
        signal?.throwIfAborted();
        const count = bytes.length / plan.blockBytes;
        const old = (await isHole(volume, block, count)) ? [] : await blocksBefore(volume, block, count);
        report(count);
        if (old.every((each) => isAllZero(each))) {
          // It is written while it is hashed.
          const writing = content?.write(step, { block, bytes });
          writing?.catch(() => {}); // Awaited below.
          const [before, blockCount] = [new Uint8Array(0), BigInt(count)];
          const record = encode({ kind: bundleRecordKinds.fresh, step, block, blockCount, before, afterSha256: checksum.sha256(bytes) });
          await writing;
          yield record;
          continue;
        }
        // A step may write where the step before it made room: undoing both needs what was in use there, however much it is.
        const inUse = (await map?.countAllocated(block, block + BigInt(count), signal)) ?? 0n;
        for (const [index, each] of old.entries()) {
          const isKept = isAllZero(each) || inUse > 0n || kept + each.length <= mostFreshBytes;
          const before = isAllZero(each) || !isKept ? new Uint8Array(0) : each;
          kept += before.length;
          yield encode({
            kind: isKept ? bundleRecordKinds.fresh : bundleRecordKinds.freshLost,
            step,
            block: block + BigInt(index),
            blockCount: 1n,
            before,
            afterSha256: checksum.sha256(bytes.subarray(index * plan.blockBytes, (index + 1) * plan.blockBytes)),
          });
        }
      }
    }
  }
  const newEnd = (plan.byteLength ?? volume.device.byteLength) / BigInt(plan.blockBytes);
  for await (const { block, bytes } of blocksPast(volume, newEnd)) {
    const isKept = kept + bytes.length <= mostFreshBytes;
    if (isKept) kept += bytes.length;
    const before = isKept ? bytes : new Uint8Array(0);
    yield encode({
      kind: isKept ? bundleRecordKinds.cut : bundleRecordKinds.freshLost,
      step: 0,
      block,
      blockCount: 1n,
      before,
      afterSha256: emptyHash,
    });
  }
  yield bundleRecord.encode({
    kind: bundleRecordKinds.end,
    step: 0,
    block: -1n,
    blockCount: records,
    beforeBytes: 0,
    before: new Uint8Array(0),
    afterSha256: emptyHash,
    checksum: 0n,
  });
}

/** Whether nothing is stored in a run of blocks. */
async function isHole({ device, blockBytes }: Volume, block: bigint, count: number): Promise<boolean> {
  const start = block * BigInt(blockBytes);
  for await (const extent of device.extents(start, start + BigInt(count * blockBytes))) if (!extent.hole) return false;
  return true;
}

/** Blocks as they are; those behind the end of a file that grows held nothing. DEVICE_READ_FAILED. */
async function blocksBefore(volume: Volume, block: bigint, count: number): Promise<Uint8Array[]> {
  const found = await volume.reader.readRun(block, count);
  return Promise.all(
    found.map((bytes, index) => {
      const at = block + BigInt(index);
      return bytes ?? (at < volume.fileBlocks ? volume.requireBlock(at) : new Uint8Array(0));
    }),
  );
}

/** The blocks from `start` to the end of the file that are not zero. */
async function* blocksPast(volume: Volume, start: bigint): AsyncGenerator<{ block: bigint; bytes: Uint8Array }> {
  const size = BigInt(volume.blockBytes);
  for await (const extent of volume.device.extents(start * size, volume.fileBlocks * size)) {
    if (extent.hole) continue;
    for (let block = extent.start / size; block * size < extent.end; block++) {
      const bytes = await volume.requireBlock(block);
      if (!isAllZero(bytes)) yield { block, bytes };
    }
  }
}

/** One record of a bundle; its image is read when it is asked for. */
export interface BundleEntry {
  kind: number;
  step: number;
  block: bigint;
  /** More than one only for a run of free blocks that held zeros. */
  blockCount: bigint;
  afterSha256: string;
  /** What each of its blocks was. */
  before: () => Promise<Uint8Array>;
}
export interface UndoBundle {
  document: BundleDocument;
  entries: BundleEntry[];
}

/** Blocks of one run at most: what is written at once. */
const mostRunBlocks = 65_536n;

const damagedIn = (device: BlockDevice) => (at: bigint, reason: string) =>
  new EngineError("BUNDLE_DAMAGED", { path: device.name, at, reason });

/** What a bundle says of its operation; its records are not looked at. BUNDLE_DAMAGED. */
export const readBundleDocument = async (device: BlockDevice): Promise<BundleDocument> =>
  (await bundleHeader.read(device, damagedIn(device))).document;

/** Reads a bundle and checks each part of it. BUNDLE_DAMAGED. */
export async function readUndoBundle(device: BlockDevice): Promise<UndoBundle> {
  const damaged = damagedIn(device);
  const { document, byteLength: headerBytes } = await bundleHeader.read(device, damaged);
  const entries: BundleEntry[] = [];
  for (let at = headerBytes; ; ) {
    const start = await readUpTo(device, at, bundleRecordHead);
    if (start.length < bundleRecordHead) throw damaged(at, "it ends without its end record");
    const beforeBytes = viewOf(start).getUint32(24, true);
    if (beforeBytes > document.blockBytes) throw damaged(at + 24n, "a record is longer than a block");
    const byteLength = bundleRecordHead + beforeBytes + bundleRecordTail;
    const whole = await readUpTo(device, at, byteLength);
    const record = parseRecord(whole, byteLength, (reason) => damaged(at, reason));
    if (record.kind === bundleRecordKinds.end) {
      if (record.blockCount !== BigInt(entries.length))
        throw damaged(at, `${record.blockCount} records are counted, ${entries.length} are there`);
      return { document, entries };
    }
    const isRun = record.kind === bundleRecordKinds.fresh && beforeBytes === 0;
    if (record.blockCount < 1n || (record.blockCount > 1n && !isRun) || record.blockCount > mostRunBlocks)
      throw damaged(at, `a record is about ${record.blockCount} blocks`);
    const imageAt = at + BigInt(bundleRecordHead);
    entries.push({
      kind: record.kind,
      step: record.step,
      block: record.block,
      blockCount: record.blockCount,
      afterSha256: toHex(record.afterSha256),
      before: async () => {
        const image = new Uint8Array(document.blockBytes);
        await device.read(imageAt, image.subarray(0, beforeBytes));
        return image;
      },
    });
    at += BigInt(byteLength);
  }
}

function parseRecord(bytes: Uint8Array, byteLength: number, damaged: (reason: string) => EngineError): BundleRecord {
  if (bytes.length < byteLength) throw damaged("a record is cut off");
  try {
    return bundleRecord.decode(bytes);
  } catch (cause) {
    throw Object.assign(damaged("a record does not verify"), { cause });
  }
}
