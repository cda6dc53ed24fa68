import {
  array,
  bytes,
  constant,
  type Decoded,
  enumeration,
  guid,
  i32,
  i64,
  reserved,
  reservedUntil,
  sha256,
  struct,
  text,
  ticks,
  u8,
  u16,
  u32,
  u64,
  xxh64,
} from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "./block-trailer.ts";
import { modules } from "./modules.ts";

/** The older emergency recovery block; overwrites block 9, the directory's header. Core reference 7.2. */
export const emergencyRecoveryBlock = struct("EmergencyRecoveryBlock", {
  magic: constant("ERCV"),
  volumeUuid: guid(),
  creationTimestampUtcTicks: ticks(),
  volumeLabel: text(64),
  contactInfo: text(128),
  majorVersion: u8(),
  minorVersion: u8(),
  specRevision: u16(),
  errorCount: i64(),
  mountCount: i64(),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

/** The newer emergency recovery block, in block 14. Core reference 7.3. */
export const emergencyRecoveryBlock14 = struct("EmergencyRecoveryBlock14", {
  magic: constant("RVCRDVWD"),
  vdeUuid: guid(),
  creationTimestamp: i64({ as: "time", doc: "Unix nanoseconds" }),
  formatMajorVersion: u16(),
  formatMinorVersion: u16(),
  moduleManifest: u64({ as: "flags" }),
  totalBlocks: i64({ unit: "blocks" }),
  blockSize: u32({ unit: "bytes" }),
  inodeSize: u16({ unit: "bytes" }),
  padding: reserved(2),
  adminContact: text(128),
  organizationName: text(128),
  volumeLabel: text(64),
  namespacePrefix: text(32),
  recoveryNotes: text(256),
  recoveryHMAC: bytes(32, { as: "checksum", doc: "HMAC-SHA256 of all bytes before it" }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

export const migrationPhases = { 0: "Allocating", 1: "Copying", 2: "Swapping", 3: "Complete", 4: "RollingBack" };

/** Left in the last inode-table block by an inode migration. Core reference 7.6. */
export const migrationCheckpoint = struct("MigrationCheckpoint", {
  migrationId: guid(),
  targetModule: enumeration(u8(), Object.fromEntries(modules.map((module) => [module.id, module.name]))),
  originalManifest: u32({ as: "flags" }),
  targetManifest: u32({ as: "flags" }),
  totalInodes: i64(),
  migratedInodes: i64(),
  newInodeTableStartBlock: i64({ as: "pointer", unit: "block" }),
  newInodeTableBlockCount: i64({ unit: "blocks" }),
  oldInodeTableStartBlock: i64({ as: "pointer", unit: "block" }),
  oldInodeTableBlockCount: i64({ unit: "blocks" }),
  startedUtc: ticks(),
  lastCheckpointUtc: ticks(),
  phase: enumeration(u8(), migrationPhases),
  checksum: xxh64({ over: (at, from) => [from, at] }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
export type MigrationCheckpoint = Decoded<typeof migrationCheckpoint>;

const mapping = struct("BlockMapping", { logicalBlock: i64({ as: "pointer" }), physicalBlock: i64({ as: "pointer" }) });

/** The defragmenter's table of moved blocks; no trailer. Core reference chapter 7. */
export const indirectionTable = struct("IndirectionTable", {
  magic: constant("INDR"),
  version: u16({ oneOf: [1] }),
  mappingCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(6),
  mappings: array(mapping, (values, left) => Math.max(0, Math.min(values.mappingCount as number, Math.floor((left - 8) / 16)))),
  unused: reservedUntil(8),
  checksum: xxh64({ over: (at) => [0, at] }),
});

const preambleFlags = ["compressed", "signature", "encrypted runtime"];
const architectures = ["x86-64", "AArch64", "RISC-V 64"];

/** 64 bytes at offset 0 of a bootable file; the volume begins at vdeOffset. Core reference 7.1. */
export const preambleHeader = struct("PreambleHeader", {
  magic: u64({ as: "constant", oneOf: [0x4f4f_422d_4456_5744n], show: () => "DWVD-BOO" }),
  preambleVersion: u16({ oneOf: [1] }),
  flags: u16({
    as: "flags",
    show: (value) =>
      [
        `0x${value.toString(16)}`,
        ...preambleFlags.filter((_, bit) => (value >>> bit) & 1),
        architectures[(value >>> 3) & 7] ?? "unknown architecture",
      ].join(" · "),
  }),
  contentHashOffset: u32({ unit: "bytes" }),
  preambleTotalSize: u64({ unit: "bytes" }),
  vdeOffset: u64({ as: "pointer", unit: "bytes", doc: "Where block 0 of the volume lies in the file" }),
  kernelOffset: u32({ unit: "bytes" }),
  kernelSize: u32({ unit: "bytes" }),
  spdkOffset: u32({ unit: "bytes" }),
  spdkSize: u32({ unit: "bytes" }),
  runtimeOffset: u32({ unit: "bytes" }),
  runtimeSize: u32({ unit: "bytes" }),
  headerChecksum: sha256(8, { over: (at, from) => [from, at], doc: "First 8 bytes of the SHA-256 of all bytes before it" }),
});
export type PreambleHeader = Decoded<typeof preambleHeader>;

/** What a padding claim leaves in block 7 and the first nine bytes of block 8. Core reference 8.2, operations reference 15.3. */
export const paddingClaimScratch = struct("PaddingClaimScratch", {
  blockNumber: i32({ as: "pointer", oneOf: [0, 2] }),
  length: i32({ unit: "bytes" }),
  marker: enumeration(u8(), { 1: "Pending", 2: "Committed" }),
  savedBlockStart: bytes((_, left) => left, { doc: "The saved block; its last nine bytes lie at the start of block 8" }),
});
