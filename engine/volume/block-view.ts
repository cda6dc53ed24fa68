import { isAllZero } from "../base/bytes.ts";
import { type Annotation, bytes, reservedUntil, type Struct, struct } from "../base/struct/index.ts";
import {
  blockTrailer,
  emergencyRecoveryBlock,
  emergencyRecoveryBlock14,
  extendedMetadata,
  extentTreeNode,
  indirectionTable,
  integrityAnchor,
  isExtentTreeNode,
  migrationCheckpoint,
  paddingClaimScratch,
  regionDirectoryHeader,
  regionTable,
  superblock,
  tagMeaning,
  trailerBytes,
} from "../format/core/index.ts";
import { regionReaders } from "./region-readers/index.ts";
import { logRecords } from "./region-readers/log.ts";
import { annotateLogBlock } from "./region-readers/log-blocks.ts";
import { isPaddingClaimScratch } from "./superblock-group.ts";
import type { BlockVerdict, Volume } from "./volume.ts";

const sealedPayload = struct("Block", { payload: bytes((_, left) => left - trailerBytes), trailer: blockTrailer });
const sealedZeros = struct("EmptyBlock", { payload: reservedUntil(trailerBytes), trailer: blockTrailer });
const rawBlock = struct("RawBlock", { data: bytes((_, left) => left) });
const headStructs: readonly Struct<unknown>[] = [
  superblock,
  regionTable,
  extendedMetadata,
  integrityAnchor,
  superblock,
  regionTable,
  extendedMetadata,
  integrityAnchor,
  regionTable,
  regionDirectoryHeader,
] as unknown as Struct<unknown>[];
const headNames = ["SuperblockV2", "RegionPointerTable", "ExtendedMetadata", "IntegrityAnchor"];

/** The structure that stands in a block, by its place and its bytes. */
export function structureOf(volume: Volume, block: bigint, content: Uint8Array): Struct<unknown> {
  return findStructure(volume, block, content) as Struct<unknown>;
}

function findStructure(volume: Volume, block: bigint, content: Uint8Array): unknown {
  const letters = new TextDecoder("latin1").decode(content.subarray(0, 8));
  if (volume.kind === "unknown") return rawBlock;
  if (block === 9n && letters.startsWith("ERCV")) return emergencyRecoveryBlock;
  if (block === 7n && isPaddingClaimScratch(content)) return paddingClaimScratch;
  if (block < 10n) return headStructs[Number(block)];
  if (block === 14n && letters === "RVCRDVWD") return emergencyRecoveryBlock14;
  const verdict = volume.judge(block, content);
  if (verdict.trailer?.verified) {
    if (verdict.trailer.tag === "EXTN" && isExtentTreeNode(content)) return extentTreeNode;
    if (verdict.trailer.tag === "MCHK") return migrationCheckpoint;
    if (verdict.trailer.tag === "SUPB" && letters.startsWith("DWVD")) return superblock;
  }
  if (letters.startsWith("INDR")) return indirectionTable;
  const { region } = verdict;
  const structure = region && regionReaders.get(region.kind)?.structureOf(volume, region, block, content);
  if (structure) return structure;
  if (verdict.state === "raw") return rawBlock;
  if (verdict.state === "never-written") return verdict.expectedTag === undefined ? rawBlock : sealedZeros;
  return isAllZero(content.subarray(0, -trailerBytes)) ? sealedZeros : sealedPayload;
}

/** The meaning of every byte of a block, each exactly once; `start` and `end` are bytes of the volume. */
export async function annotateBlock(volume: Volume, block: bigint, content: Uint8Array, signal?: AbortSignal): Promise<Annotation[]> {
  const structure = structureOf(volume, block, content);
  const region = volume.regionOf(block);
  if (structure !== logRecords || !region) return structure.annotate(content, block * BigInt(volume.blockBytes));
  return annotateLogBlock(volume, region, block, (target, image, at) => structureOf(volume, target, image).annotate(image, at), signal);
}

/** What a block is, for people: "SuperblockV2", "RegionPointerTable (mirror)", "InodeTable + 17". */
export function nameBlock(volume: Volume, verdict: BlockVerdict): string {
  const { block, region } = verdict;
  if (volume.kind === "unknown") return `Block ${block}`;
  if (block < 8n) return `${headNames[Number(block % 4n)]}${block >= 4n ? " (mirror)" : ""}`;
  if (block === 8n) return "RegionDirectory slots";
  if (block === 9n) return "RegionDirectory header";
  if (!region) return block >= volume.totalBlocks ? "Past the end of the volume" : "In no region";
  const offset = block - region.startBlock;
  return offset === 0n && region.blockCount === 1n ? region.name : `${region.name} + ${offset}`;
}

/** What kind of structure a region is, in words. */
export const regionMeaning = (kind: string): string => tagMeaning(kind) ?? "unknown region";
