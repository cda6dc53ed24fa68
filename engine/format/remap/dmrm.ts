import { array, type Decoded, enumeration, kernelCrc32, reserved, struct, text, u8, u32, u64 } from "../../base/struct/index.ts";
import { hash64, hexWord, magicNumber, rawUuid, switch8, unixSeconds } from "./fields.ts";

/** Magic, version and signature of the five-copy metadata. dm-remap reference 3.1. */
export const dmrmMagic = 0x444d524d;
export const dmrmVersion = 0x00040000;
export const dmrmSignature = "dm-remap-v4.0-metadata";
export const dmrmBytes = 4459;
/** Sectors at which the copies begin. dm-remap reference 3. */
export const dmrmSectors = [0n, 1024n, 2048n, 4096n, 8192n] as const;
export const dmrmSpareSlots = 8;
/** The sector from which spare space is handed out, and the first one behind the last copy. dm-remap reference 3, traps. */
export const dmrmFirstSpareSector = 8192n;
export const dmrmMetadataEnd = 8201n;
export const versionHeaderMagic = 0x56435254;

/** What tells copies apart: versions, counters, times. dm-remap reference 3.1. */
export const dmrmIntegrity = struct("dm_remap_v4_integrity", {
  magic: magicNumber(dmrmMagic),
  version: hexWord({ doc: "0x00040000; another version is read all the same" }),
  signature: text(32, { doc: "Readers compare the first 22 bytes" }),
  version_counter: u64({ doc: "Grows by one with each update; the largest valid one is chosen" }),
  creation_timestamp: unixSeconds(),
  last_update_timestamp: unixSeconds({ doc: "Decides between equal counters" }),
  update_sequence_number: u32({ doc: "Grows with version_counter; decides last" }),
  metadata_size: u32({ unit: "bytes", doc: "4459; no reader checks it" }),
  individual_section_crcs: array(hexWord({ as: "checksum" }), 8, { doc: "All zero: not stored" }),
  overall_metadata_crc: hexWord({ as: "checksum", doc: "No code computes it" }),
  total_copies: u8(),
  minimum_valid_copies: u8(),
  copy_location_map: hexWord({ doc: "Bit k: copy k is in use" }),
  integrity_crc: kernelCrc32({
    over: (_, from) => [from, from + 114],
    doc: "Zero until the counter is first raised; no reader checks it",
  }),
});

/** The version chain; all zero unless version control was at work. dm-remap reference 3.2. */
export const dmrmVersionHeader = struct("dm_remap_v4_version_header", {
  magic: hexWord({ as: "id", doc: "0x56435254 where the header is in use" }),
  version_number: u32(),
  creation_timestamp: unixSeconds(),
  modification_timestamp: unixSeconds(),
  sequence_number: u32(),
  parent_version: u32(),
  conflict_count: u32(),
  operation_type: enumeration(u32(), { 0: "none", 1: "create", 2: "update", 4: "merge", 8: "migrate", 16: "synchronize" }),
  chain_length: u32(),
  chain_versions: array(u32(), 16, { doc: "Newest first" }),
  copy_count: u32(),
  copy_timestamps: array(unixSeconds(), 8),
  copy_versions: array(u32(), 8),
  resolution_strategy: enumeration(u32(), { 0: "none", 1: "timestamp", 2: "sequence", 4: "manual", 8: "conservative", 16: "merge" }),
  conflict_timestamp: unixSeconds(),
  conflicting_versions: array(u32(), 4),
  header_crc32: kernelCrc32({ over: (_, from) => [from, from + 268], own: "as-zero", doc: "The last four bytes are not covered" }),
  reserved: reserved(32),
});

/** What a device is known by. dm-remap reference 3.3. */
export const dmrmFingerprint = struct("dm_remap_device_fingerprint", {
  uuid: rawUuid({ doc: "Made from path, size and the second of creation" }),
  device_path: text(256, { doc: "MAJOR:MINOR where a kernel wrote it" }),
  device_size_sectors: u64({ unit: "sectors of 512 bytes" }),
  sector_size: u32({ unit: "bytes", doc: "Logical block size" }),
  device_serial_hash: hash64({ doc: "Made from the device number and the size" }),
  filesystem_uuid_hash: hash64({ doc: "Zero where upstream wrote it" }),
  device_fingerprint_crc: kernelCrc32({ over: (_, from) => [from, from + 300] }),
});

/** Eight slots for spares and what is known of their health. dm-remap reference 3.4. */
export const dmrmSpareDevices = struct("dm_remap_v4_spare_devices", {
  spare_count: u8({ check: (count) => count >= 1 && count <= dmrmSpareSlots, expects: "expected 1 to 8" }),
  spares: array(dmrmFingerprint, dmrmSpareSlots),
  primary_spare_index: u8(),
  load_balancing_policy: u8({ doc: "0: round robin; others are not specified" }),
  spare_allocation_policy: u32({ doc: "0: sequential; others are not specified" }),
  spare_health_scores: array(u32({ check: (score) => score <= 100, expects: "expected 0 to 100" }), dmrmSpareSlots),
  spare_last_checked: array(unixSeconds(), dmrmSpareSlots),
  spare_info_crc: kernelCrc32({ over: (at, from) => [from, at] }),
});

/** How the target is made. dm-remap reference 3.5. */
export const dmrmTargetConfig = struct("dm_remap_v4_target_config", {
  target_params: text(512, { doc: "What the table line gives the target" }),
  target_size_sectors: u64({ unit: "sectors of 512 bytes" }),
  target_flags: u32({ as: "flags", doc: "Bits are not specified" }),
  sysfs_settings: array(u32(), 32, { doc: "What the places mean is not specified" }),
  sysfs_settings_count: u32(),
  health_scan_interval: u32({ unit: "s" }),
  remap_threshold: u32(),
  alert_threshold: u32(),
  auto_remap_enabled: switch8(),
  maintenance_mode: switch8(),
  config_crc: kernelCrc32({ over: (at, from) => [from, at] }),
});

/** What is asked before the target is put together again. dm-remap reference 3.6. */
export const dmrmReassembly = struct("dm_remap_v4_reassembly", {
  instruction_version: u8(),
  requires_user_confirmation: switch8(),
  safe_mode_only: switch8(),
  validate_main_device_size: switch8(),
  validate_spare_device_sizes: switch8(),
  validate_filesystem_signatures: switch8(),
  pre_assembly_checks: hexWord({ doc: "What single bits mean is not specified" }),
  post_assembly_verification: hexWord({ doc: "What single bits mean is not specified" }),
  allow_degraded_assembly: switch8(),
  allow_size_mismatch_recovery: switch8(),
  instructions_crc: kernelCrc32({ over: (at, from) => [from, at] }),
});

/** How many remaps there are and where the next goes; padded by the compiler. dm-remap reference 3.7. */
export const dmrmLegacyRemapData = struct("dm_remap_v4_legacy_remap_data", {
  remap_count: u32(),
  padding: reserved(4),
  next_spare_sector: u64({ as: "pointer", doc: "The next sector of the spare that is handed out" }),
});

/** One copy of the metadata: packed, 4459 bytes, byte for byte the same in all five places. dm-remap reference 3. */
export const dmrmMetadata = struct("dm_remap_v4_metadata", {
  integrity: dmrmIntegrity,
  version_header: dmrmVersionHeader,
  main_device: dmrmFingerprint,
  spare_devices: dmrmSpareDevices,
  target_config: dmrmTargetConfig,
  reassembly: dmrmReassembly,
  legacy_remap_data: dmrmLegacyRemapData,
  reserved_expansion: reserved(512),
  final_crc: kernelCrc32({ over: (at, from) => [from, at], doc: "Of all bytes before it" }),
});
export type DmrmMetadata = Decoded<typeof dmrmMetadata>;
export type DmrmFingerprint = Decoded<typeof dmrmFingerprint>;

/** Where each part lies in a copy. dm-remap reference 3. */
export const dmrmParts = {
  integrity: [0, 118],
  version_header: [118, 390],
  main_device: [390, 694],
  spare_devices: [694, 3233],
  target_config: [3233, 3907],
  reassembly: [3907, 3927],
  legacy_remap_data: [3927, 3943],
  reserved_expansion: [3943, 4455],
} as const satisfies Readonly<Record<string, readonly [start: number, end: number]>>;

/**
 * The same metadata one version later: counter and sequence number raised (the latter wraps), updated at `nowSeconds`, the two sums that
 * cover them renewed by `encode`. dm-remap reference 3.8.
 */
export function raiseVersionCounter(metadata: DmrmMetadata, nowSeconds: bigint): DmrmMetadata {
  const { integrity } = metadata;
  return {
    ...metadata,
    integrity: {
      ...integrity,
      version_counter: BigInt.asUintN(64, integrity.version_counter + 1n),
      last_update_timestamp: nowSeconds,
      update_sequence_number: (integrity.update_sequence_number + 1) >>> 0,
    },
  };
}
