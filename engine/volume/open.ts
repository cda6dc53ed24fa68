import { viewOf } from "../base/bytes.ts";
import { type BlockDevice, readUpTo } from "../device/block-device.ts";
import { WindowDevice } from "../device/window-device.ts";
import type { Finding } from "../findings/finding.ts";
import {
  formatIdentifier,
  isFreeSlot,
  judgeTrailer,
  magicSignature,
  modulesOf,
  namespaceAnchor,
  type PreambleHeader,
  preambleHeader,
  type RegionPointer,
  regionDirectoryHeader,
  tagText,
  walHeader,
} from "../format/core/index.ts";
import { LogStream } from "../journal/log-stream.ts";
import { pendingSuperblock, readLogState } from "../journal/metadata-log.ts";
import { BlockReader } from "./block-reader.ts";
import { findBlockSize } from "./block-size.ts";
import { planLayout } from "./layout-plan.ts";
import * as rules from "./opening-rules.ts";
import { nameSlots } from "./region-names.ts";
import { type ReconciledTables, reconcileTables, samePointer } from "./region-tables.ts";
import { chooseGroup, type Head, headBlock, mirrorStart, type SuperblockGroup } from "./superblock-group.ts";
import { Volume, type VolumeKeys, type VolumeParts, type VolumeRegion } from "./volume.ts";

export interface OpenOptions {
  /** How the volume is called; the device's name unless told. */
  name?: string;
  /** Byte of the device where the volume begins. */
  offset?: bigint;
  keys?: VolumeKeys;
  signal?: AbortSignal | undefined;
}

const headBlocks = 10;

/**
 * Opens a volume for reading. Never throws for damage: gives what could be read, from which copy, with findings. A device that holds
 * no DWVD version 2 volume gives a Volume of kind "unknown". Nothing it waits for grows with the volume. Closing is the caller's.
 */
export async function openVolume(
  sourceDevice: BlockDevice,
  { name = sourceDevice.name, offset = 0n, keys = {}, signal }: OpenOptions = {},
): Promise<Volume> {
  const findings: Finding[] = [];
  const placed = offset > 0n ? new WindowDevice(sourceDevice, offset) : sourceDevice;
  const { device, preamble, volumeOffset } = await findVolume(placed, findings, signal);
  const blockSize = await findBlockSize(device, signal);
  const reader = new BlockReader(device, blockSize.blockBytes);
  const head = await readHead(reader, signal);
  const format = recogniseFormat(head, device);

  const firstGroup = chooseGroup(head);
  const firstTables = await reconcileTables(head, reader, undefined, signal);
  const totalBlocks = positive(firstGroup.superblock.value?.totalBlocks) ?? reader.blockCount;
  const log = await readLog(firstTables, reader, totalBlocks, signal);
  const pendingImage = pendingSuperblock(log?.state);
  const group = pendingImage ? chooseGroup(head, pendingImage) : firstGroup;
  const tables = pendingImage ? await reconcileTables(head, reader, pendingImage, signal) : firstTables;

  const superblock = group.superblock.value;
  // An unsealed block 0 (convention R3) is no evidence by itself: other formats leave zeros in its last 16 bytes too.
  const isVolume = format.isVolume || blockSize.verified > 0;
  const plan =
    superblock && isVolume && superblock.totalBlocks >= 64n
      ? planLayout({ manifest: superblock.moduleManifest, blockBytes: blockSize.blockBytes, totalBlocks: superblock.totalBlocks })
      : undefined;
  const regions = isVolume
    ? nameRegions(tables.slots, superblock?.moduleManifest, blockSize.blockBytes, positive(superblock?.totalBlocks) ?? reader.blockCount)
    : [];
  const planned =
    regions.length === 0 && plan
      ? plan.regions.map((region, slot): VolumeRegion => ({ ...region, slot, usedBlocks: 0n, flags: 1 }))
      : regions;

  const parts: VolumeParts = {
    name,
    kind: isVolume ? "dwvd" : "unknown",
    found: format.found,
    sourceDevice,
    device,
    volumeOffset: volumeOffset + offset,
    preamble,
    blockSize,
    reader,
    head,
    group,
    tables,
    regions: planned,
    plan,
    log: log && { ...log, region: planned.find((region) => region.kind === "MWAL") ?? log.region },
    keys,
    findings,
  };
  findings.push(...openingFindings(parts, format.isVolume));
  return new Volume(parts);
}

const positive = (value: bigint | undefined): bigint | undefined => (value !== undefined && value > 0n ? value : undefined);

/** Looks behind a bootable preamble. Core reference 7.1. */
async function findVolume(
  device: BlockDevice,
  findings: Finding[],
  signal?: AbortSignal,
): Promise<{ device: BlockDevice; preamble: PreambleHeader | undefined; volumeOffset: bigint }> {
  const first = await readUpTo(device, 0n, 64, signal).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    return new Uint8Array(0);
  });
  const isPreamble = new TextDecoder("latin1").decode(first.subarray(0, 8)) === "DWVD-BOO";
  if (!isPreamble || first.length < 64) return { device, preamble: undefined, volumeOffset: 0n };
  const preamble = preambleHeader.parse(first);
  if (preamble.vdeOffset === 0n || preamble.vdeOffset >= device.byteLength) {
    findings.push(
      rules.preambleOffsetUnusable({ volumeOffset: preamble.vdeOffset, fileBytes: device.byteLength }, { byteOffset: 24n, byteLength: 8 }),
    );
    return { device, preamble, volumeOffset: 0n };
  }
  findings.push(rules.preambleInFront({ volumeOffset: preamble.vdeOffset }));
  return { device: new WindowDevice(device, preamble.vdeOffset), preamble, volumeOffset: preamble.vdeOffset };
}

async function readHead(reader: BlockReader, signal?: AbortSignal): Promise<Head> {
  const blocks = await reader.readRun(0n, headBlocks, signal);
  return blocks.map((bytes, block) => bytes && headBlock(block, bytes));
}

/** Whether block 0 or 4 begins a version 2 volume, and what block 0 is otherwise. Core reference 9. */
function recogniseFormat(head: Head, device: BlockDevice): { isVolume: boolean; found: string } {
  const isV2 = (block: number): boolean => {
    const bytes = head[block]?.bytes;
    if (!bytes) return false;
    const magic = magicSignature.parse(bytes);
    return magic.formatIdentifier === formatIdentifier && magic.majorVersion >= 2 && magic.namespaceAnchor === namespaceAnchor;
  };
  if (device.byteLength === 0n) return { isVolume: false, found: "missing: the file is empty" };
  if (isV2(0)) return { isVolume: true, found: "DWVD version 2" };
  const first = head[0]?.bytes;
  const isVolume = isV2(mirrorStart);
  if (!first) return { isVolume, found: device.byteLength < 4096n ? "too few for a block" : "unreadable" };
  const letters = new TextDecoder("latin1").decode(first.subarray(0, 4));
  if (letters === "DVWD") return { isVolume, found: "a DWVD version 1 container" };
  if (letters === "DWVD" && (first[4] ?? 0) < 2) return { isVolume, found: "a DWVD version 1 header" };
  if (head[0]?.allZero) return { isVolume, found: "all zero" };
  return { isVolume, found: `another format's (${[...first.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")})` };
}

function nameRegions(
  slots: readonly RegionPointer[],
  manifest: number | undefined,
  blockBytes: number,
  totalBlocks: bigint,
): VolumeRegion[] {
  const used = slots.map((pointer, slot) => ({ ...pointer, slot })).filter((pointer) => !isFreeSlot(pointer));
  const names = nameSlots({ slots: used, manifest, blockBytes, totalBlocks });
  return used.map((pointer, index) => ({
    slot: pointer.slot,
    tag: tagText(pointer.regionTypeId),
    kind: names[index]?.kind ?? tagText(pointer.regionTypeId),
    name: names[index]?.name ?? "",
    startBlock: pointer.startBlock,
    blockCount: pointer.blockCount,
    usedBlocks: pointer.usedBlocks,
    flags: pointer.flags,
  }));
}

async function readLog(
  tables: ReconciledTables,
  reader: BlockReader,
  totalBlocks: bigint,
  signal?: AbortSignal,
): Promise<VolumeParts["log"]> {
  const slot = tables.slots.findIndex((pointer) => tagText(pointer.regionTypeId) === "MWAL");
  const pointer = tables.slots[slot];
  if (!pointer || pointer.startBlock < 0n || pointer.blockCount < 2n) return undefined;
  const bytes = await reader.read(pointer.startBlock, signal);
  if (!bytes) return undefined;
  const header = walHeader.parse(bytes);
  const headerVerified = judgeTrailer(bytes).verified;
  const region: VolumeRegion = {
    slot,
    tag: "MWAL",
    kind: "MWAL",
    name: "MetadataWAL",
    startBlock: pointer.startBlock,
    blockCount: pointer.blockCount,
    usedBlocks: pointer.usedBlocks,
    flags: pointer.flags,
  };
  const stream = new LogStream(reader.device, { ...region, blockBytes: reader.blockBytes, totalBlocks });
  return { region, header, headerVerified, stream, state: headerVerified ? await readLogState(stream, header, signal) : undefined };
}

function openingFindings(parts: VolumeParts, magicFound: boolean): Finding[] {
  const { head, group, tables, blockSize, reader } = parts;
  const found: Finding[] = [];
  if (parts.kind === "unknown") return [rules.notAVolume({ found: parts.found }, { block: 0n })];
  if (!magicFound || parts.found !== "DWVD version 2") {
    if (head[0] && !head[0].allZero)
      found.push(rules.otherFormatInFront({ found: parts.found }, { block: 0n, byteOffset: 0n, byteLength: 16 }));
  }
  if (blockSize.stored !== undefined && head[0] && !head[0].allZero && blockSize.stored !== blockSize.blockBytes) {
    found.push(
      rules.blockSizeDiffers(
        { stored: blockSize.stored, found: blockSize.blockBytes, verified: blockSize.verified },
        { block: 0n, byteOffset: 0x34n, byteLength: 4 },
      ),
    );
  }
  for (const { block, reason } of reader.unread) found.push(rules.blockUnread({ block, reason }, { block }));
  found.push(...groupFindings(head, group), ...tableFindings(head, tables));
  return found;
}

function groupFindings(head: Head, group: SuperblockGroup): Finding[] {
  if (group.trusted === undefined) return [rules.noSuperblock({}, { block: 0n })];
  const parts = [group.superblock, group.pointerTable, group.extendedMetadata, group.integrityAnchor];
  const sequenceOf = (block: number) =>
    head[block] && !head[block].allZero ? viewOf(head[block].bytes).getBigInt64(0xf0, true) : "unknown";
  const found: Finding[] = [];
  if (group.trusted === "mirror") {
    const reason =
      group.superblock.block === mirrorStart && sequenceOf(0) !== "unknown" && sequenceOf(0) < sequenceOf(mirrorStart)
        ? "Block 4 has the higher CheckpointSequence"
        : "Block 0 does not hold";
    found.push(rules.mirrorUsed({ reason, primarySequence: sequenceOf(0), mirrorSequence: sequenceOf(mirrorStart) }, { block: 0n }));
  }
  const other = parts.filter((part) => part.source !== "stored" && part.source !== group.trusted);
  const wholeGroup = (first: number) => [0, 1, 2, 3].every((index) => head[first + index]?.trailer.verified);
  if (other.length > 0 && !wholeGroup(0) && !wholeGroup(mirrorStart)) {
    found.push(rules.groupMixed({ blocks: other.map((part) => part.block).join(", ") }, { block: BigInt(other[0]?.block ?? 0) }));
  }
  return found;
}

function tableFindings(head: Head, tables: ReconciledTables): Finding[] {
  const found: Finding[] = [];
  const [directory, table, mirror] = tables.tables;
  if (!directory || !table || !mirror) return found;
  const header = head[9];
  const problem =
    !head[8] || !header
      ? "Block 8 or 9 cannot be read"
      : !head[8].trailer.verified
        ? "Block 8 does not verify"
        : !header.trailer.verified
          ? "Block 9 does not verify"
          : regionDirectoryHeader.parse(header.bytes).version !== 1
            ? `Block 9 says version ${regionDirectoryHeader.parse(header.bytes).version}`
            : undefined;
  const isStored = tables.source !== "none";
  if (!tables.tables.some(({ holds, table }) => holds && table)) found.push(rules.noTables({ isStored }, { block: 1n }));
  if (isStored && problem) {
    const fallback = { directory: "block 8, whose slots verify", table: "block 1", mirror: "block 5", none: "nowhere" }[tables.source];
    found.push(rules.directoryUnreadable({ reason: problem, fallback }, { block: problem.includes("8 does") ? 8n : 9n }));
  }
  const describe = (pointer: RegionPointer | undefined) =>
    !pointer
      ? "unreadable"
      : isFreeSlot(pointer)
        ? "free"
        : `${tagText(pointer.regionTypeId) || "untyped"} ${pointer.startBlock} + ${pointer.blockCount}`;
  for (const difference of tables.differences) {
    const of = (source: string) => difference.pointers.find((each) => each.source === source)?.pointer;
    const [fromDirectory, fromTable, fromMirror] = [of("directory"), of("table"), of("mirror")];
    const onlyMirror = fromMirror && fromDirectory && fromTable && samePointer(fromDirectory, fromTable);
    if (onlyMirror) continue;
    const chosen = { directory: "directory", table: "pointer table", mirror: "mirror" }[difference.chosen];
    found.push(
      rules.tablesDiffer(
        { slot: difference.slot, directory: describe(fromDirectory), table: describe(fromTable), mirror: describe(fromMirror), chosen },
        { slot: difference.slot, block: 1n, byteOffset: BigInt(32 * difference.slot), byteLength: 32 },
      ),
    );
  }
  if (table.table && mirror.table && table.holds && mirror.holds) {
    const slots = table.table.slots.flatMap((pointer, slot) => {
      const other = mirror.table?.slots[slot];
      return other && samePointer(pointer, other) && pointer.usedBlocks === other.usedBlocks ? [] : [slot];
    });
    if (slots.length > 0)
      found.push(rules.mirrorTableBehind({ slots: slots.join(", "), count: slots.length }, { block: 5n, slot: slots[0] }));
  }
  return found;
}

/** Modules of the trusted manifest; none without a superblock. */
export const activeModules = (volume: Volume) => modulesOf(volume.superblock?.moduleManifest ?? 0);
