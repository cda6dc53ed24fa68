import { array, type Decoded, kernelCrc32, reserved, struct, text, u32, u64 } from "../../base/struct/index.ts";
import { hexWord, magicNumber, rawUuid, unixSeconds } from "./fields.ts";

export const setupMagic = 0xab5eab1e;
export const setupVersion = 1;
export const setupFingerprintMagic = 0xfd9e4b7c;
export const setupTargetMagic = 0xc0fdec0d;
export const setupSpareSlots = 16;
/** Sectors at which the copies would begin. dm-remap reference 1. */
export const setupSectors = [0n, 1024n, 2048n, 4096n, 8192n] as const;

/** What a device is known by; aligned by the compiler. dm-remap reference 7.1. */
export const setupFingerprint = struct("dm_remap_v4_device_fingerprint", {
  magic: hexWord({ as: "id", doc: "0xfd9e4b7c" }),
  device_uuid: rawUuid(),
  device_path: text(256),
  padding: reserved(4),
  device_size: u64({ unit: "sectors of 512 bytes" }),
  device_capacity: u64({ unit: "bytes" }),
  sector_size: u32({ unit: "bytes" }),
  device_type: u32(),
  creation_timestamp: unixSeconds(),
  last_seen_timestamp: unixSeconds(),
  device_serial: text(32),
  device_model: text(64),
  fingerprint_crc32: kernelCrc32({ over: (_, from) => [from, from + 420], own: "as-zero", doc: "Covers itself, taken as zero" }),
  tail: reserved(4),
});

/** A spare and what it is for. dm-remap reference 7.1. */
export const setupSpare = struct("dm_remap_v4_spare_relationship", {
  fingerprint: setupFingerprint,
  spare_priority: u32({ doc: "0 is the highest" }),
  spare_status: u32(),
  assigned_timestamp: unixSeconds(),
  capacity_used: u64({ unit: "sectors" }),
  capacity_available: u64({ unit: "sectors" }),
  metadata_copies_stored: u32(),
  relationship_flags: u32({ as: "flags" }),
  spare_crc32: kernelCrc32({ over: (_, from) => [from, from + 468], own: "as-zero", doc: "Covers itself, taken as zero" }),
  tail: reserved(4),
});

const setupSetting = struct("dm_remap_v4_sysfs_setting", {
  setting_name: text(64),
  setting_value: text(128),
  setting_type: u32(),
  setting_flags: u32({ as: "flags" }),
  setting_crc32: hexWord({ as: "checksum", doc: "Never computed" }),
});

const setupRule = struct("dm_remap_v4_policy_rule", {
  rule_name: text(64),
  rule_condition: text(128),
  rule_action: text(128),
  rule_priority: u32(),
  rule_enabled: u32({ as: "flags" }),
  created_timestamp: unixSeconds(),
  rule_crc32: hexWord({ as: "checksum", doc: "Never computed" }),
  tail: reserved(4),
});

/** The setup metadata that the compiled-out storage code would write; aligned by the compiler, 37384 bytes. dm-remap reference 7.1. */
export const setupMetadata = struct("dm_remap_v4_setup_metadata", {
  magic: magicNumber(setupMagic),
  metadata_version: u32({ oneOf: [setupVersion] }),
  version_counter: u64({ doc: "The largest valid one is chosen" }),
  created_timestamp: unixSeconds(),
  modified_timestamp: unixSeconds(),
  setup_description: text(128),
  main_device: setupFingerprint,
  num_spare_devices: u32({ check: (count) => count <= setupSpareSlots, expects: "expected 0 to 16" }),
  padding: reserved(4),
  spares: array(setupSpare, setupSpareSlots),
  target_config: struct("dm_remap_v4_setup_target_config", {
    config_magic: hexWord({ as: "id", doc: "0xc0fdec0d" }),
    target_params: text(512),
    padding: reserved(4),
    main_device_start: u64({ unit: "sectors" }),
    target_device_size: u64({ unit: "sectors of 512 bytes" }),
    remap_policy: u32(),
    performance_mode: u32(),
    redundancy_level: u32(),
    auto_recovery_enabled: u32({ as: "flags" }),
    created_timestamp: unixSeconds(),
    modified_timestamp: unixSeconds(),
    config_version: u32(),
    target_crc32: hexWord({ as: "checksum", doc: "No code computes it" }),
  }),
  sysfs_config: struct("dm_remap_v4_sysfs_config", {
    num_settings: u32({ check: (count) => count <= 32, expects: "expected 0 to 32" }),
    settings: array(setupSetting, 32),
    padding: reserved(4),
    config_timestamp: unixSeconds(),
    config_crc32: hexWord({ as: "checksum", doc: "Never computed" }),
    tail: reserved(4),
  }),
  policy_config: struct("dm_remap_v4_policy_config", {
    num_rules: u32({ check: (count) => count <= 64, expects: "expected 0 to 64" }),
    padding: reserved(4),
    rules: array(setupRule, 64),
    config_timestamp: unixSeconds(),
    config_crc32: hexWord({ as: "checksum", doc: "Never computed" }),
    tail: reserved(4),
  }),
  metadata_copies_count: u32(),
  copies_padding: reserved(4),
  metadata_copy_locations: array(u64({ as: "pointer" }), 5),
  corruption_detected: u32({ as: "flags" }),
  repair_needed: u32({ as: "flags" }),
  header_crc32: kernelCrc32({ over: (_, from) => [from, from + 160] }),
  devices_crc32: kernelCrc32({ over: (_, from) => [from + 160, from + 8140], doc: "Stale once a spare was added: nothing refreshes it" }),
  config_crc32: kernelCrc32({ over: (_, from) => [from + 8144, from + 37_312], doc: "Not refreshed by edits" }),
  overall_crc32: kernelCrc32({ over: (at, from) => [from, at], doc: "Of all bytes before it" }),
});
export type SetupMetadata = Decoded<typeof setupMetadata>;
export type SetupFingerprint = Decoded<typeof setupFingerprint>;
