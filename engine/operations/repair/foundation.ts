import { isAllZero } from "../../base/bytes.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { EngineError } from "../../errors/engine-error.ts";
import {
  formatIdentifier,
  judgeTrailer,
  type RegionPointer,
  regionDirectoryHeader,
  regionTable,
  type Superblock,
  sealBlock,
  slotCount,
  superblock,
  trailerBytes,
  walHeader,
} from "../../format/core/index.ts";
import { everyRecord } from "../../journal/find-records.ts";
import { LogStream } from "../../journal/log-stream.ts";
import { openVolume } from "../../volume/open.ts";
import type { Volume } from "../../volume/volume.ts";
import { layoutByTags, type TagRun } from "./layout-by-tags.ts";
import { findPayload } from "./restore.ts";

/** What a volume without superblock or region tables is put on, so that it can be opened and changed at all. */
export interface Foundation {
  /** The volume with these blocks in place of the lost ones, on a layer in memory. */
  volume: Volume;
  /** In the order in which they are written, each synced before the next: what tells of the others comes last, so that a torn write loses nothing. */
  images: { block: bigint; image: Uint8Array }[];
  said: string[];
  losses: string[];
}

/** What else in the volume tells of lost blocks: blocks by their tags, and images that the log still holds. */
interface Witnesses {
  runs: TagRun[];
  /** Images of blocks 0 and 8 in the transaction that was committed last. */
  logged: { superblock?: Uint8Array | undefined; directory?: Uint8Array | undefined; sequence: bigint };
}

const noTable = ({ tables }: Volume): boolean => !tables.tables.some(({ holds, table }) => holds && table);

/** Whether superblock or region tables are lost in every copy, so that a repair must first find them anew. */
export const needsFoundation = (volume: Volume): boolean => volume.kind === "dwvd" && (!volume.group.superblock.holds || noTable(volume));

/**
 * Finds superblock and region tables again: by the stored hash of a copy, in the log, in a recovery footer, or from the creator's layout where
 * the blocks' own tags bear it out. Only reads. VOLUME_READ_ONLY where nothing tells what was there. Operations reference 15.3, 17.4.
 */
export async function findFoundation(volume: Volume, signal?: AbortSignal): Promise<Foundation> {
  const witnesses = await lookThrough(volume, signal);
  const found: Pick<Foundation, "images" | "said" | "losses"> = { images: [], said: [], losses: [] };
  const held = volume.group.superblock.holds ? volume.group.superblock.value : undefined;
  const head = held ?? (await findSuperblock(volume, witnesses, found));
  if (noTable(volume)) await findTables(volume, head, witnesses, found);
  const layer = new OverlayDevice(volume.device);
  for (const { block, image } of found.images) await layer.write(block * BigInt(volume.blockBytes), image);
  return { ...found, volume: await openVolume(layer, { name: volume.name, keys: volume.keys, signal }) };
}

/** Reads every block once: where which tags stand, and what the log holds. */
async function lookThrough(volume: Volume, signal: AbortSignal | undefined): Promise<Witnesses> {
  const runs: TagRun[] = [];
  let log: { startBlock: bigint; blockCount: bigint } | undefined;
  await volume.reader.walk(
    10n,
    volume.fileBlocks,
    (block, bytes) => {
      if (!bytes || isAllZero(bytes)) return;
      const { verified, tag } = judgeTrailer(bytes);
      if (!verified) return;
      const last = runs.at(-1);
      if (last && last.tag === tag && last.startBlock + last.blockCount === block) last.blockCount++;
      else runs.push({ tag, startBlock: block, blockCount: 1n });
      if (tag !== "MWAL" || log) return;
      const { type, maxBlocks } = walHeader.parse(bytes);
      if (type === 0 && maxBlocks > 1n && block + maxBlocks <= volume.fileBlocks) log = { startBlock: block, blockCount: maxBlocks };
    },
    signal,
  );
  return { runs, logged: log ? await lastLogged(volume, log, signal) : { sequence: -1n } };
}

async function lastLogged(
  { device, blockBytes, fileBlocks }: Volume,
  log: { startBlock: bigint; blockCount: bigint },
  signal: AbortSignal | undefined,
): Promise<Witnesses["logged"]> {
  const stream = new LogStream(device, { ...log, blockBytes, totalBlocks: fileBlocks });
  let best: Witnesses["logged"] = { sequence: -1n };
  let open: { superblock?: Uint8Array; directory?: Uint8Array } = {};
  for await (const record of everyRecord(stream, stream.end, signal)) {
    if (record.kind === "entry") {
      const image = judgeTrailer(record.image).verified ? record.image.slice() : undefined;
      if (record.targetBlock === 0n && image) open.superblock = image;
      else if (record.targetBlock === 8n && image) open.directory = image;
    } else if (record.kind === "commit") {
      if (record.sequence > best.sequence && (open.superblock || open.directory)) best = { ...open, sequence: record.sequence };
      open = {};
    } else open = {};
  }
  return best;
}

/** The superblock from whatever still holds one. VOLUME_READ_ONLY. */
async function findSuperblock(
  volume: Volume,
  { logged }: Witnesses,
  found: Pick<Foundation, "images" | "said" | "losses">,
): Promise<Superblock> {
  const candidates: { image: Uint8Array; words: string; isExact: boolean; from?: bigint }[] = [];
  for (const block of [0, 4]) {
    const stored = volume.head[block];
    const restored = stored && !stored.allZero ? await findPayload(stored.bytes, stored.trailer) : undefined;
    if (restored)
      candidates.push({ image: restored.payload, words: `block ${block}: ${restored.words}`, isExact: true, from: BigInt(block) });
  }
  if (logged.superblock) candidates.push({ image: logged.superblock, words: `transaction ${logged.sequence} of the log`, isExact: false });
  const last = volume.fileBlocks - 1n;
  const footer = last > 9n ? await volume.reader.read(last) : undefined;
  if (footer && judgeTrailer(footer).tag === "SUPB" && judgeTrailer(footer).verified)
    candidates.push({ image: footer.slice(), words: `the recovery footer in block ${last}`, isExact: false });
  const whole = candidates.filter(({ image }) => isOfThisVolume(superblock.parse(image), volume));
  const newest = (image: Uint8Array) => superblock.parse(image).checkpointSequence;
  const best = whole.toSorted((a, b) => Number(b.isExact) - Number(a.isExact) || (newest(a.image) > newest(b.image) ? -1 : 1))[0];
  if (!best)
    throw new EngineError("VOLUME_READ_ONLY", {
      reason:
        "neither copy of the superblock holds, and nothing else in it tells its id: no hash proves one, and neither log nor footer holds another",
    });
  const generation = judgeTrailer(best.image).generationNumber;
  for (const block of best.from === 0n ? [4n, 0n] : [0n, 4n])
    found.images.push({ block, image: sealBlock(best.image.slice(), "SUPB", generation) });
  found.said.push(`Take the superblock from ${best.words}.`);
  if (!best.isExact)
    found.losses.push(
      `what a writer that does not use the log changed in the superblock after sequence ${newest(best.image)}: label, levels, times`,
    );
  return superblock.parse(best.image);
}

const isOfThisVolume = ({ magic, blockSize, totalBlocks }: Superblock, { blockBytes, fileBlocks }: Volume): boolean =>
  magic.formatIdentifier === formatIdentifier && blockSize === blockBytes && totalBlocks > 10n && totalBlocks <= fileBlocks;

/** The slots of the tables from whatever still tells them. VOLUME_READ_ONLY. */
async function findTables(
  volume: Volume,
  head: Superblock,
  { logged, runs }: Witnesses,
  found: Pick<Foundation, "images" | "said" | "losses">,
): Promise<void> {
  const generation = Number(BigInt.asUintN(32, head.checkpointSequence));
  const put = (slots: readonly RegionPointer[], words: string, { loss, from }: { loss?: string; from?: bigint } = {}) => {
    const images = tableImages(slots, volume.blockBytes, generation);
    found.images.push(...images.filter(({ block }) => block !== from), ...images.filter(({ block }) => block === from));
    found.said.push(`Rebuild region directory and pointer tables from ${words}.`);
    if (loss) found.losses.push(loss);
  };
  for (const block of [8, 1, 5]) {
    const stored = volume.head[block];
    const restored = stored && !stored.allZero ? await findPayload(stored.bytes, stored.trailer) : undefined;
    if (restored && !isAllZero(restored.payload.subarray(0, -trailerBytes)))
      return put(regionTable.parse(restored.payload).slots, `block ${block}: ${restored.words}`, { from: BigInt(block) });
  }
  const isOfNow = logged.superblock && superblock.parse(logged.superblock).checkpointSequence === head.checkpointSequence;
  if (logged.directory && isOfNow) return put(regionTable.parse(logged.directory).slots, `transaction ${logged.sequence} of the log`);
  const layout = layoutByTags(head, runs);
  if (layout)
    return put(layout, "the layout of the manifest, which the blocks' own tags bear out", {
      loss: "which blocks of a region were in use, which only the tables said, and what a region that bears no tag held if it was moved",
    });
  if (logged.directory)
    return put(regionTable.parse(logged.directory).slots, `transaction ${logged.sequence} of the log, which is not the last change`, {
      loss: "regions that were added or moved since that transaction",
    });
  throw new EngineError("VOLUME_READ_ONLY", {
    reason:
      "no region table holds, and nothing else says where its regions lie: no hash proves one, the log holds none, and the blocks' tags fit no layout",
  });
}

/** Directory, its header, pointer table and mirror with these slots, sealed. Core reference 2.5, 2.8. */
function tableImages(pointers: readonly RegionPointer[], blockBytes: number, generation: number): Foundation["images"] {
  const empty = new Uint8Array(blockBytes);
  const options = { byteLength: blockBytes };
  const slots = Array.from(
    { length: slotCount },
    (_, slot) => pointers[slot] ?? { regionTypeId: 0, flags: 0, startBlock: 0n, blockCount: 0n, usedBlocks: 0n },
  );
  const table = sealBlock(regionTable.encode({ ...regionTable.parse(empty), slots }, options), "RMAP", generation);
  const activeCount = slots.filter(({ flags }) => (flags & 1) !== 0).length;
  const block0Hash = judgeTrailer(table).computed;
  const header = regionDirectoryHeader.encode(
    { ...regionDirectoryHeader.parse(empty), version: 1, slotCount, activeCount, block0Hash },
    options,
  );
  return [
    { block: 8n, image: table },
    { block: 9n, image: sealBlock(header, "RMAP", generation) },
    { block: 1n, image: table.slice() },
    { block: 5n, image: table.slice() },
  ];
}
