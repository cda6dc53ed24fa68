import { hexNumber, toHex } from "../base/bytes.ts";
import type { Json } from "../base/json.ts";
import { StoredText } from "../base/stored-text.ts";

export type Document = { [key: string]: Json };

/** Fields that the dm-remap documents write as hex: magics, sums, hashes and masks. The rest are numbers, 64-bit ones decimal strings. */
const hexFields = new Set(
  `magic config_magic individual_section_crcs overall_metadata_crc copy_location_map integrity_crc header_crc32 device_serial_hash
   filesystem_uuid_hash device_fingerprint_crc spare_info_crc config_crc pre_assembly_checks post_assembly_verification instructions_crc
   final_crc metadata_checksum checksum fingerprint_crc32 spare_crc32 target_crc32 devices_crc32 config_crc32 overall_crc32
   setting_crc32 rule_crc32`.split(/\s+/),
);
/** Bytes between fields, which carry nothing. Shown where they are not zero. */
const padding = /^(padding|tail|copies_padding)$/;

/** A decoded value in the notation of the dm-remap documents. `alsoHex` names fields that this structure writes as hex. */
export function remapNotation(value: unknown, key = "", alsoHex: ReadonlySet<string> = new Set()): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof StoredText) return value.text;
  if (Array.isArray(value)) return value.map((element) => remapNotation(element, key, alsoHex));
  const isHex = hexFields.has(key) || alsoHex.has(key);
  if (typeof value === "bigint") return isHex ? hexNumber(value, 16) : value.toString();
  if (typeof value === "number") return isHex ? hexNumber(value, 8) : value;
  if (value === null || typeof value !== "object") throw new TypeError(`${typeof value} has no notation in a document`);
  const document: Document = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    document[padding.test(name) ? `${name}_bytes` : name] = remapNotation(field, name, alsoHex);
  }
  return document;
}
