import { checksum } from "../../base/checksum.ts";
import { array, bytes, type Decoded, enumeration, kernelCrc32, reserved, struct, text, u16, u32, u64 } from "../../base/struct/index.ts";
import { hexWord, magicNumber, spacePaddedText, unixNanoseconds, unixSeconds } from "./fields.ts";

/** Magic and version of what the built module and the script write. dm-remap reference 5, 6. */
export const dmr4Magic = 0x444d5234;
export const dmr4Version = 4;

/** A kernel copy: its structure, the block it lies in, and the sectors its five copies begin at. dm-remap reference 5.1. */
export const dmr4KernelBytes = 84_288;
export const dmr4KernelBlockBytes = 131_072;
export const dmr4KernelSectors = [0n, 256n, 512n, 768n, 1024n] as const;
export const dmr4MostRemaps = 2048;
export const dmr4ToleranceSeconds = 86_400n;

/** A script record: what it wrongly says of its size (it has 512 bytes), and its sectors. dm-remap reference 6. */
export const dmr4ScriptStatedSize = 2048;
export const dmr4ScriptSectors = [0n, 1024n, 2048n, 4096n, 8192n] as const;

/** One remapped sector. dm-remap reference 5.2. */
export const dmr4RemapEntry = struct("dm_remap_entry_v4", {
  original_sector: u64({ as: "pointer", doc: "The failing sector of the main device" }),
  spare_sector: u64({ as: "pointer", doc: "Where it lies on the spare" }),
  remap_timestamp: unixNanoseconds(),
  access_count: u32(),
  error_count: u32(),
  remap_reason: u16(),
  flags: enumeration(
    u16(),
    { 0: "unused", 1: "pending", 2: "active" },
    { doc: "Pending on disk means: stored by the session that made it" },
  ),
  padding: reserved(4),
});

/** What the module writes to the spare: packed outside, padded by the compiler inside. dm-remap reference 5.2. */
export const dmr4KernelMetadata = struct("dm_remap_metadata_v4", {
  header: struct("dm_remap_header_v4", {
    magic: magicNumber(dmr4Magic),
    version: u32({ oneOf: [dmr4Version] }),
    sequence_number: u64({ doc: "Counts from 2 anew with each load of the module, over all devices" }),
    timestamp: unixSeconds(),
    metadata_checksum: kernelCrc32({
      over: (_, from) => [from, from + dmr4KernelBytes],
      doc: "Of everything but its own four bytes, padding included",
    }),
    copy_index: u32({ doc: "0 in all copies; its place where a repair wrote it" }),
    structure_size: u32({ unit: "bytes" }),
    reserved: u32(),
  }),
  device_config: struct("dm_remap_device_config_v4", {
    main_device_uuid: text(37, { doc: "Empty: the module never fills it" }),
    spare_device_uuid: text(37, { doc: "Empty: the module never fills it" }),
    padding: reserved(6),
    main_device_sectors: u64({ unit: "sectors of 512 bytes" }),
    spare_device_sectors: u64({ unit: "sectors of 512 bytes" }),
    sector_size: u32({ unit: "bytes" }),
    remap_capacity: u32(),
    device_fingerprint: bytes(32, { as: "id" }),
    device_model: text(64),
  }),
  health_data: struct("dm_remap_health_data_v4", {
    last_full_scan: unixSeconds(),
    next_scheduled_scan: unixSeconds(),
    health_score: u32({ check: (score) => score <= 100, expects: "expected 0 to 100", doc: "100 always" }),
    scan_progress_percent: u32(),
    total_errors_found: u32(),
    predictive_remaps: u32(),
    scan_interval_hours: u32({ unit: "h" }),
    scan_flags: u32({ as: "flags" }),
    scan_stats: struct("dm_remap_scan_stats_v4", {
      sectors_scanned: u32(),
      errors_detected: u32(),
      slow_sectors_found: u32(),
      scan_interruptions: u32(),
    }),
  }),
  remap_data: struct("dm_remap_data_v4", {
    active_remaps: u32({ check: (count) => count <= dmr4MostRemaps, expects: "expected 0 to 2048" }),
    max_remaps: u32(),
    next_spare_sector: u32({ as: "pointer" }),
    remap_flags: u32({ as: "flags" }),
    remaps: array(dmr4RemapEntry, dmr4MostRemaps),
  }),
  future_expansion: struct("dm_remap_expansion_v4", {
    expansion_version: u32(),
    expansion_size: u32(),
    expansion_data: reserved(2048),
  }),
});
export type Dmr4KernelMetadata = Decoded<typeof dmr4KernelMetadata>;
/** The checksum of a kernel copy's bytes: of everything but its own four. dm-remap reference 5.3. */
export const dmr4KernelSum = (bytes: Uint8Array): number =>
  checksum.kernelCrc32(bytes.subarray(28), checksum.kernelCrc32(bytes.subarray(0, 24)));
export type Dmr4RemapEntry = Decoded<typeof dmr4RemapEntry>;

/** What the script `dm-remap-write-metadata` writes: another layout under the same magic, without padding. dm-remap reference 6. */
export const dmr4ScriptRecord = struct("dm_remap_script_record_v4", {
  magic: magicNumber(dmr4Magic),
  version: u32({ oneOf: [dmr4Version] }),
  sequence: u64({ doc: "1 always" }),
  timestamp: unixSeconds(),
  checksum: hexWord({ as: "checksum", doc: "Never computed" }),
  copy_index: u32(),
  structure_size: u32({ unit: "bytes", doc: "2048, which is wrong but constant" }),
  reserved: u32(),
  main_device_uuid: spacePaddedText(37),
  spare_device_uuid: spacePaddedText(37),
  main_device_sectors: u64({ unit: "sectors of 512 bytes", doc: "Length of the table line" }),
  spare_device_sectors: u64({ unit: "sectors of 512 bytes" }),
  sector_size: u32({ unit: "bytes" }),
  remap_entry_size: u32({ unit: "bytes" }),
  remap_capacity: u32(),
  padding: reserved(2),
  main_device_path: spacePaddedText(128),
  spare_device_path: spacePaddedText(128),
  unused: reserved(112),
});
export type Dmr4ScriptRecord = Decoded<typeof dmr4ScriptRecord>;
