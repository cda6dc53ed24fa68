import { concatBytes, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { toJson } from "../../base/json.ts";
import {
  emergencyRecoveryBlock,
  emergencyRecoveryBlock14,
  judgeTrailer,
  migrationCheckpoint,
  superblock,
  tagText,
} from "../../format/core/index.ts";
import { isPaddingClaimScratch } from "../../volume/superblock-group.ts";
import type { Volume } from "../../volume/volume.ts";
import { type Document, describeSuperblock } from "./inspect.ts";

const letters = (bytes: Uint8Array, count: number): string => new TextDecoder("latin1").decode(bytes.subarray(0, count));

/** Structures that stand at a fixed place where something put them: recovery blocks, footer, migration checkpoint, padding claim. Core reference 7. */
export async function inspectFixedStructures(volume: Volume, signal?: AbortSignal): Promise<Document> {
  const document: Document = {};
  const block9 = volume.head[9]?.bytes;
  if (block9 && letters(block9, 4) === "ERCV") document.emergencyRecoveryBlock = content(emergencyRecoveryBlock.parse(block9));
  const block14 = await volume.reader.read(14n, signal);
  if (block14 && letters(block14, 8) === "RVCRDVWD") document.emergencyRecoveryBlock14 = content(emergencyRecoveryBlock14.parse(block14));
  const footer = await findRecoveryFooter(volume, signal);
  if (footer) document.recoveryFooter = footer;
  const checkpoint = await findMigrationCheckpoint(volume, signal);
  if (checkpoint) document.migrationCheckpoint = checkpoint;
  const claim = describePaddingClaim(volume);
  if (claim) document.paddingClaim = claim;
  return document;
}

const frame = new Set(["magic", "unused", "padding", "trailer"]);
const content = (value: object): Document =>
  toJson(Object.fromEntries(Object.entries(value).filter(([key]) => !frame.has(key)))) as Document;

async function findRecoveryFooter(volume: Volume, signal?: AbortSignal): Promise<Document | undefined> {
  const last = volume.fileBlocks - 1n;
  const bytes = last > 9n ? await volume.reader.read(last, signal) : undefined;
  if (!bytes) return undefined;
  const trailer = judgeTrailer(bytes);
  if (!trailer.verified || trailer.tag !== "SUPB") return undefined;
  return { block: toJson(last), generation: trailer.generationNumber, superblock: describeSuperblock(superblock.parse(bytes)) };
}

/** Looked for in the last block of the inode table of each region table. Core reference 7.6. */
async function findMigrationCheckpoint(volume: Volume, signal?: AbortSignal): Promise<Document | undefined> {
  for (const { table } of volume.tables.tables) {
    for (const pointer of table?.slots ?? []) {
      if (tagText(pointer.regionTypeId) !== "INOD" || pointer.blockCount < 1n) continue;
      const block = pointer.startBlock + pointer.blockCount - 1n;
      const bytes = await volume.reader.read(block, signal);
      if (!bytes) continue;
      const checkpoint = migrationCheckpoint.parse(bytes);
      const sumHolds = checkpoint.checksum === checksum.xxh64(bytes.subarray(0, 90));
      const trailer = judgeTrailer(bytes);
      if (trailer.tag !== "MCHK" && !sumHolds) continue;
      const { checksum: _, ...fields } = checkpoint;
      return { block: toJson(block), ...content(fields), verified: trailer.verified && sumHolds };
    }
  }
  return undefined;
}

/** What a padding claim left in block 7 and at the start of block 8. Core reference 8.2. */
function describePaddingClaim(volume: Volume): Document | undefined {
  const block7 = volume.head[7]?.bytes;
  const block8 = volume.head[8]?.bytes;
  if (!block7 || !block8 || !isPaddingClaimScratch(block7)) return undefined;
  const view = new DataView(block7.buffer, block7.byteOffset);
  const saved = concatBytes([block7.subarray(9), block8.subarray(0, 9)]);
  const restored = block8.slice();
  const table = volume.head[1]?.bytes;
  if (table) restored.set(table.subarray(0, 9));
  return {
    scratch: {
      blockNumber: view.getInt32(0, true),
      length: view.getInt32(4, true),
      marker: view.getUint8(8),
      savedBlockSha256: toHex(checksum.sha256(saved)),
      savedBlockTrailerVerified: judgeTrailer(saved).verified,
      block8FirstBytes: toHex(block8.subarray(0, 9)),
    },
    block8RestoredFromPointerTableVerifies: judgeTrailer(restored).verified,
  };
}
