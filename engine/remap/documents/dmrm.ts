import { hexNumber, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type DmrmMetadata, dmrmParts, dmrmSpareSlots } from "../../format/remap/index.ts";
import type { RemapCopy, StoredSum } from "../copy.ts";
import type { DmrmReading } from "../device.ts";
import { compareDmrm, dmrmDecidingSums, validateDmrm } from "../judge.ts";
import { type Document, remapNotation } from "../notation.ts";
import { afterRewrites, choiceOf, hashOf, placeOf, stateOf } from "./parts.ts";

const dmrmHex = new Set(["version"]);

const fingerprintSum = "dm_remap_calculate_device_fingerprint_crc";
/** Which upstream code computes a sum. dm-remap reference 3. */
const dmrmComputedBy: Readonly<Record<string, string>> = {
  "spare_devices.spare_info_crc": "dm_remap_calculate_spare_info_crc",
  "target_config.config_crc": "dm_remap_calculate_target_config_crc",
  "reassembly.instructions_crc":
    "derived by hand: crc32_le(0, first 16 bytes), the inline expression of dm_remap_create_reassembly_instructions",
  "version_header.header_crc32":
    "derived by hand: crc32_le(0, first 268 bytes with header_crc32 zeroed), the inline expression of dm_remap_v4_vc_create_version",
  "integrity.integrity_crc": "derived by hand: crc32_le(0, first 114 bytes), the inline expression of dm_remap_increment_version_counter",
  final_crc: "dm_remap_calculate_metadata_crc",
};
/** The order in which sums are computed on writing. dm-remap reference 3.8. */
const writingOrder = ["main_device", "spare_devices", "target_config", "reassembly", "version_header", "integrity", "final_crc"];

/** The sums of a DMRM copy in the order in which a writer computes them. */
export const dmrmSums = (copy: RemapCopy<DmrmMetadata>): StoredSum[] => {
  const place = ({ name }: StoredSum) => writingOrder.indexOf(name.split(".")[0] ?? "");
  return copy.sums.toSorted((a, b) => place(a) - place(b));
};

/** Sums over whole parts, their own sums included: what `individual_section_crcs` would hold. dm-remap reference 3.9. */
export function dmrmSectionSums(bytes: Uint8Array): number[] {
  const parts = [
    "integrity",
    "main_device",
    "spare_devices",
    "target_config",
    "reassembly",
    "legacy_remap_data",
    "reserved_expansion",
  ] as const;
  const sums = parts.map((part) => checksum.kernelCrc32(bytes.subarray(...dmrmParts[part])));
  return [...sums, checksum.kernelCrc32(bytes.subarray(0, dmrmParts.reserved_expansion[1]))];
}

/** The five copies, how they compare, and the fields of the chosen one. dm-remap reference 9. */
export function describeDmrm(reading: DmrmReading, image: Uint8Array | undefined): Document {
  const { copies, choice } = reading;
  const chosen = copies[choice.index ?? -1]?.value;
  return {
    ...choiceOf(reading),
    copies: copies.map(describeDmrmCopy),
    pairwiseCompare: {
      computedBy: "dm_remap_compare_metadata_versions(row copy, column copy)",
      matrix: copies.map((row) => copies.map((column) => (row.value && column.value ? compareDmrm(row.value, column.value) : null))),
    },
    chosenFields: chosen ? dmrmFields(chosen) : null,
    afterRawRepair: afterRewrites(reading, image),
  };
}

function describeDmrmCopy(copy: RemapCopy<DmrmMetadata>): Document {
  const { bytes, value } = copy;
  if (!bytes || !value) return { ...placeOf(copy), ...stateOf(copy) };
  const { magicReturn, sectionErrors } = validateDmrm(copy);
  const { magic, version, signature, version_counter, last_update_timestamp, update_sequence_number } = value.integrity;
  const head = { magic, version, signature, version_counter, last_update_timestamp, update_sequence_number };
  return {
    ...placeOf(copy),
    ...stateOf(copy),
    validateMagicReturn: magicReturn,
    validateCrcErrorCount: sectionErrors.filter((flag) => flag === 1).length,
    sectionErrors,
    head: remapNotation(head, "", dmrmHex),
    crcs: dmrmSums(copy).map((sum) => ({
      ...sum,
      computedBy: dmrmComputedBy[sum.name] ?? fingerprintSum,
      checkedByRealValidator: dmrmDecidingSums[sum.name] !== undefined,
    })),
    sectionCrcs: {
      computedBy: "dm_remap_calculate_section_crcs",
      stored: value.integrity.individual_section_crcs.map((sum) => hexNumber(sum, 8)),
      computed: dmrmSectionSums(bytes).map((sum) => hexNumber(sum, 8)),
    },
    structSha256: hashOf(bytes) ?? null,
  };
}

/** All fields of a DMRM copy; of the spares those that are counted. */
export function dmrmFields(value: DmrmMetadata): Document {
  const { spare_devices, reserved_expansion, integrity, ...rest } = value;
  const spares = spare_devices.spares.slice(0, Math.min(spare_devices.spare_count, dmrmSpareSlots));
  const fields = remapNotation({ ...rest, spare_devices: { ...spare_devices, spares } }) as Document;
  return {
    integrity: remapNotation(integrity, "", dmrmHex),
    ...fields,
    reserved_expansion_all_zero: reserved_expansion === undefined,
    ...(reserved_expansion && { reserved_expansion: toHex(reserved_expansion) }),
  };
}
