import {
  array,
  bytes,
  type Decoded,
  enumeration,
  flags,
  guid,
  i16,
  i32,
  i64,
  type Kind,
  reserved,
  struct,
  ticks,
  u8,
  u16,
  u32,
  u64,
} from "../../base/struct/index.ts";
import type { InodeLayoutDescriptor } from "./inode-layout.ts";
import { modules } from "./modules.ts";

export const inodeTypes = { 0: "File", 1: "Directory", 2: "SymLink", 3: "HardLinkTarget" };
export const inodeFlags = { 0: "Encrypted", 1: "Compressed", 2: "Worm", 3: "InlineData" };
export const extentsPerInode = 8;

const notNegative = { check: (value: bigint) => value >= 0n, expects: "not negative" } as const;
const extentTopologies = ["Standard", "Mirror", "EC 2+1", "EC 4+2", "EC 8+3"];
export const extentFlag = { compressed: 0x01, precompressed: 0x02, hole: 0x08, sharedCow: 0x10 };

/** 24 bytes; StartBlock counts from the volume's start. Core reference 6.6. */
export const inodeExtent = struct("InodeExtent", {
  startBlock: i64({ as: "pointer", unit: "block", ...notNegative }),
  blockCount: i32({ unit: "blocks", check: (value) => value >= 0, expects: "not negative" }),
  flags: u32({ as: "flags", show: extentFlagText, doc: "Bits 9 to 11 are the RAID topology" }),
  logicalOffset: i64({ unit: "bytes", ...notNegative, doc: "Where the extent begins in the file" }),
});
export type InodeExtent = Decoded<typeof inodeExtent>;

/** An extent's flags by name. Core reference 6.6. */
export function extentFlagText(value: number): string {
  const names = ["Compressed", "Precompressed", "Encrypted", "Hole", "SharedCow"].filter((_, bit) => (value >>> bit) & 1);
  const topology = (value >>> 9) & 7;
  if (topology) names.push(extentTopologies[topology] ?? `topology ${topology}`);
  return [`0x${value.toString(16)}`, ...names].join(" · ");
}

export const isEmptyExtent = (extent: InodeExtent): boolean => extent.startBlock === 0n && extent.blockCount === 0;

/** The 304 bytes that every inode begins with. Core reference 6.3. */
const coreFields = {
  inodeNumber: i64({ as: "id" }),
  type: enumeration(u8(), inodeTypes),
  flags: flags(u8(), inodeFlags),
  permissions: u16({ as: "flags", show: (value) => `0${value.toString(8)}`, doc: "POSIX order" }),
  linkCount: i32(),
  ownerId: guid(),
  size: i64({ unit: "bytes", ...notNegative }),
  allocatedSize: i64({ unit: "bytes" }),
  createdUtc: ticks(),
  modifiedUtc: ticks(),
  accessedUtc: ticks(),
  changedUtc: ticks(),
  extentCount: i32({ check: (value) => value >= 0 && value <= extentsPerInode, expects: "expected 0 to 8" }),
  extents: array(inodeExtent, extentsPerInode),
  indirectExtentBlock: i64({ as: "pointer", unit: "block", doc: "0 for none" }),
  doubleIndirectBlock: i64({ as: "pointer", unit: "block", doc: "0 for none" }),
  extendedAttributeBlock: i64({ as: "pointer", unit: "block", doc: "0 for none" }),
  reserved: reserved(4),
};
export const inodeCore = struct("InodeCore", coreFields);
export type InodeCore = Decoded<typeof inodeCore>;

/** An inode of a volume whose module area and padding are taken as bytes. Core reference 6.3. */
export const inodeV2 = (inodeBytes: number, paddingBytes: number) =>
  struct("InodeV2", {
    ...coreFields,
    moduleFieldData: bytes(Math.max(0, inodeBytes - inodeCore.leastBytes - paddingBytes)),
    padding: reserved(Math.min(paddingBytes, Math.max(0, inodeBytes - inodeCore.leastBytes))),
  });
export type InodeV2 = Decoded<ReturnType<typeof inodeV2>>;

/** What a module keeps in every inode, by module id; modules that are not here keep bytes of unstated meaning. Core reference 6.3. */
const moduleStructs: Readonly<Record<number, Kind<Record<string, unknown>>>> = {
  0: struct("SecurityInodeField", { encryptionKeySlot: i32(), aclPolicyId: i32(), contentHash: bytes(16, { as: "checksum" }) }),
  3: struct("TagsInodeField", { inlineTagCount: i32(), tagOverflowBlock: i32({ as: "pointer" }), inlineTagArea: bytes(128) }),
  4: struct("ReplicationInodeField", { replicationGeneration: i32(), replicationDirtyFlag: i32({ as: "flags" }) }),
  5: struct("RaidInodeField", { raidShardId: i16(), raidGroupId: i16() }),
  6: struct("StreamingInodeField", { streamSequenceNumber: i64() }),
  19: struct("ComputePushdownInodeField", {
    wasmPredicateOffset: i64(),
    predicateLen: i32(),
    predicateFlags: flags(u8(), { 0: "Inline", 1: "ComputationalNvme", 2: "IoUringFilter", 3: "Precompile" }),
    reserved: reserved(3),
    inlinePredicate: bytes(32),
  }),
  20: struct("EphemeralKeyInodeField", {
    ephemeralKeyId: guid(),
    ttlEpoch: u64(),
    keyRingSlot: u32(),
    flags: flags(u32(), { 0: "TpmSealed", 1: "AutoReap", 2: "ExpireOnUnmount" }),
  }),
  22: struct("DeltaExtentsInodeField", {
    maxDeltaDepth: u16(),
    currentDepth: u16(),
    compactionPolicy: enumeration(u32(), { 0: "Eager", 1: "Lazy", 2: "OnRead", 3: "Manual" }),
  }),
  24: struct("SpatioTemporalInodeField", {
    coordinateSystem: enumeration(u16(), { 0: "WGS84", 1: "ECEF", 2: "Local", 3: "UTM" }),
    precision: u16(),
    hilbertOrder: u16(),
  }),
} as unknown as Readonly<Record<number, Kind<Record<string, unknown>>>>;

/** The structure that a module keeps in an inode field of `byteLength`; plain bytes where the format says no more. */
export function moduleInodeField(moduleId: number, byteLength: number): Kind<unknown> {
  const known = moduleStructs[moduleId];
  return known?.byteLength === byteLength ? (known as Kind<unknown>) : (bytes(byteLength) as Kind<unknown>);
}

/** The name of a module's inode field in documents: the module's name in camelCase. */
export function moduleFieldName(moduleId: number): string {
  const name = modules[moduleId]?.name ?? `module${moduleId}`;
  return name === name.toUpperCase() ? name.toLowerCase() : name.charAt(0).toLowerCase() + name.slice(1);
}

/** The module fields of one inode record by the stored descriptor; fields outside the record are passed over. */
export function readModuleFields(record: Uint8Array, layout: InodeLayoutDescriptor): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const entry of layout.moduleFields) {
    const end = entry.fieldOffset + entry.fieldSize;
    if (entry.fieldSize === 0 || end > record.length) continue;
    const kind = struct(moduleFieldName(entry.moduleId), { field: moduleInodeField(entry.moduleId, entry.fieldSize) });
    fields[moduleFieldName(entry.moduleId)] = kind.parse(record.subarray(entry.fieldOffset, end)).field;
  }
  return fields;
}

/** 64 bytes for objects of up to 48. Core reference 6.4. */
export const compactInode = struct("CompactInode64", {
  inodeNumber: i64({ as: "id" }),
  type: enumeration(u8(), inodeTypes),
  flags: flags(u8(), inodeFlags),
  inlineDataSize: u16({ unit: "bytes", check: (value) => value <= 48, expects: "at most 48" }),
  ownerId: u32({ as: "id" }),
  inlineData: bytes(48),
});

/** 512 bytes: the core, then fixed fields; descriptor offsets do not apply. Core reference 6.5. */
export const extendedInode = struct("ExtendedInode512", {
  ...coreFields,
  createdNs: i64({ as: "time" }),
  modifiedNs: i64({ as: "time" }),
  accessedNs: i64({ as: "time" }),
  inlineXattrArea: bytes(64),
  compressionDictionaryRef: i64({ as: "pointer", unit: "block" }),
  perObjectEncryptionIV: bytes(16),
  mvccVersionChainHead: i64({ as: "pointer", unit: "block" }),
  mvccTransactionId: i64(),
  snapshotRefCount: i32(),
  replicationVector: bytes(16),
  reservedTail: reserved(60),
});
export type ExtendedInode = Decoded<typeof extendedInode>;
export const extendedInodeBytes = 512;
