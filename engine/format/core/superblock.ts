import {
  bytes,
  type Decoded,
  flags,
  guid,
  i32,
  i64,
  reserved,
  reservedUntil,
  struct,
  text,
  ticks,
  u8,
  u16,
  u32,
  u32be,
  u64,
} from "../../base/struct/index.ts";
import { isWorkingBlockSize } from "../../base/units.ts";
import { blockTrailer, trailerBytes } from "./block-trailer.ts";

export const formatIdentifier = 0x4457_5644; // "DWVD"
export const namespaceAnchor = 0x2f2f_3a77_64n; // "dw://" and three zero bytes, read little-endian

/** First 16 bytes of block 0. Core reference 2.1. */
export const magicSignature = struct("MagicSignature", {
  formatIdentifier: u32be({ as: "constant", oneOf: [formatIdentifier], show: letters, doc: "DWVD" }),
  majorVersion: u8({ oneOf: [2] }),
  minorVersion: u8(),
  specRevision: u16(),
  namespaceAnchor: u64({
    as: "constant",
    oneOf: [namespaceAnchor],
    show: (value) => letters(Number(BigInt.asUintN(40, value)), true),
    doc: "dw:// and three zero bytes",
  }),
});

function letters(value: number, reversed = false): string {
  const found: string[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) found.unshift(String.fromCharCode(rest % 256));
  return (reversed ? found.reverse() : found).join("");
}

/** Bits of the three feature words by number. Core reference 2.2. */
export const incompatibleFeatures = {
  0: "EncryptionEnabled",
  1: "WormRegionActive",
  2: "RaidEnabled",
  3: "ComputeCacheActive",
  4: "FabricLinksActive",
  5: "ConsensusLogActive",
  8: "HasPreamble",
};
export const readOnlyCompatibleFeatures = {
  0: "CompressionEnabled",
  1: "ReplicationEnabled",
  2: "StreamingRegionActive",
  3: "SnapshotActive",
  4: "IntelligenceCacheActive",
};
export const compatibleFeatures = {
  0: "TagIndexActive",
  1: "PolicyEngineActive",
  2: "TamperProofChainActive",
  3: "ComplianceVaultActive",
  4: "AirgapMode",
  5: "FuseCompatMode",
  6: "DirtyFlag",
};

/** Core reference 2.2. */
export const formatVersionInfo = struct("FormatVersionInfo", {
  minReaderVersion: u16(),
  minWriterVersion: u16(),
  incompatibleFeatures: flags(u32(), incompatibleFeatures, { doc: "A reader that does not know a bit must not open the volume" }),
  readOnlyCompatibleFeatures: flags(u32(), readOnlyCompatibleFeatures, { doc: "A writer that does not know a bit must not write" }),
  compatibleFeatures: flags(u32(), compatibleFeatures, { doc: "May be passed over" }),
});

export const sealBytes = 32;
const notNegative = { check: (value: bigint) => value >= 0n, expects: "not negative" } as const;

/** Block 0 and its mirror, block 4: fills a whole block. Core reference 2.4. */
export const superblock = struct("SuperblockV2", {
  magic: magicSignature,
  versionInfo: formatVersionInfo,
  moduleManifest: u32({
    as: "flags",
    show: (value) => `0x${value.toString(16).padStart(8, "0")}`,
    doc: "Bit i is module i; modules 32 to 38 have no bit on disk",
  }),
  moduleConfig: u64({ as: "flags", show: hex16, doc: "A level of four bits for each of modules 0 to 15" }),
  moduleConfigExt: u64({ as: "flags", show: hex16, doc: "A level of four bits for each of modules 16 to 31" }),
  blockSize: i32({ unit: "bytes", check: isWorkingBlockSize, expects: "expected 4096, 8192, 16384, 32768 or 65536" }),
  totalBlocks: i64({ unit: "blocks", ...notNegative, doc: "Blocks of the volume" }),
  freeBlocks: i64({ unit: "blocks", ...notNegative, doc: "Blocks that the bitmap marks free" }),
  expectedFileSize: i64({ unit: "bytes", ...notNegative, doc: "TotalBlocks times BlockSize" }),
  totalAllocatedBlocks: i64({ unit: "blocks", ...notNegative, doc: "Blocks in use, whole regions counted" }),
  volumeUuid: guid(),
  clusterNodeId: guid(),
  defaultCompressionAlgo: u8({ as: "flags" }),
  defaultEncryptionAlgo: u8({ as: "flags" }),
  defaultChecksumAlgo: u8({ as: "flags", doc: "1 is XXH64" }),
  padding: reserved(1),
  inodeSize: u16({ unit: "bytes" }),
  sovereigntyZoneId: u16({ as: "id" }),
  policyVersion: u32(),
  replicationEpoch: u32(),
  wormHighWaterMark: i64({ as: "pointer", doc: "Block below which nothing may be rewritten" }),
  encryptionKeyFingerprint: u64({ as: "id", show: hex16 }),
  volumeLabel: text(64),
  createdTimestampUtc: ticks(),
  modifiedTimestampUtc: ticks(),
  lastScrubTimestamp: ticks(),
  checkpointSequence: i64({ doc: "Raised with each change; its low 32 bits are the group's generation" }),
  errorMapBlockCount: i64({ unit: "blocks" }),
  lastWriterSessionId: guid(),
  lastWriterTimestamp: ticks(),
  lastWriterNodeId: guid(),
  physicalAllocatedBlocks: i64({ unit: "blocks" }),
  unused: reservedUntil(sealBytes + trailerBytes),
  headerIntegritySeal: bytes(sealBytes, { as: "checksum", doc: "HMAC-SHA256 of all bytes before it; all zero is not sealed" }),
  trailer: blockTrailer,
});
export type Superblock = Decoded<typeof superblock>;

function hex16(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}
