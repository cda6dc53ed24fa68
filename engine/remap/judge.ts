import { equalBytes, hexNumber } from "../base/bytes.ts";
import {
  type Dmr4KernelMetadata,
  type Dmr4ScriptRecord,
  type DmrmMetadata,
  dmr4KernelSum,
  dmr4Magic,
  dmr4MostRemaps,
  dmr4ScriptStatedSize,
  dmr4ToleranceSeconds,
  dmr4Version,
  dmrmMagic,
  dmrmSignature,
  type SetupMetadata,
  setupMagic,
  spacePadded,
} from "../format/remap/index.ts";
import type { RemapCopy, StoredSum } from "./copy.ts";

/** The sums that the DMRM reader looks at, and the number of the section that it flags. dm-remap reference 4.3. */
export const dmrmDecidingSums: Readonly<Record<string, number>> = {
  "main_device.device_fingerprint_crc": 1,
  "spare_devices.spare_info_crc": 2,
  "target_config.config_crc": 3,
  final_crc: 7,
};
const signatureBytes = new TextEncoder().encode(dmrmSignature);

/** What the two DMRM validators give: 0 or −22, and a flag for each section whose sum fails. dm-remap reference 4.3. */
export function validateDmrm(copy: RemapCopy<DmrmMetadata>): { magicReturn: 0 | -22; sectionErrors: number[] } {
  const sectionErrors = new Array<number>(8).fill(0);
  const { value } = copy;
  if (!value) return { magicReturn: -22, sectionErrors };
  for (const { name, match } of copy.sums) {
    const section = dmrmDecidingSums[name];
    if (section !== undefined && !match) sectionErrors[section] = 1;
  }
  const { magic, signature } = value.integrity;
  const holds = magic === dmrmMagic && equalBytes(signature.bytes.subarray(0, signatureBytes.length), signatureBytes);
  return { magicReturn: holds ? 0 : -22, sectionErrors };
}

const notThere: Readonly<Record<string, string>> = {
  missing: "lies behind the end of the device",
  cut: "is cut off by the end of the device",
  unread: "cannot be read",
  blank: "is blank",
};

/** Judges a DMRM copy: magic, signature, then the four sums that its reader checks. dm-remap reference 4.3. */
export function judgeDmrm(copy: RemapCopy<DmrmMetadata>): void {
  const { value } = copy;
  const { magicReturn, sectionErrors } = validateDmrm(copy);
  if (value && magicReturn === 0 && sectionErrors.every((flag) => flag === 0)) {
    copy.verdict = { valid: true };
    return;
  }
  const failed = copy.sums.filter(({ name, match }) => !match && dmrmDecidingSums[name] !== undefined);
  const fault =
    notThere[copy.state] ??
    (magicReturn === 0
      ? `fails ${failed.map(({ name }) => name).join(", ")}`
      : value?.integrity.magic === dmrmMagic
        ? "has another signature"
        : `has magic ${hexNumber(value?.integrity.magic ?? 0, 8)}`);
  copy.verdict = { valid: false, fault };
}

/** 1 where `a` is the newer, −1 where `b` is, 0 where nothing tells. Counter, then time, then sequence, unsigned. dm-remap reference 4.3. */
export function compareDmrm(a: DmrmMetadata, b: DmrmMetadata): -1 | 0 | 1 {
  const order = (x: bigint | number, y: bigint | number): -1 | 0 | 1 => (x > y ? 1 : x < y ? -1 : 0);
  return (
    order(a.integrity.version_counter, b.integrity.version_counter) ||
    order(a.integrity.last_update_timestamp, b.integrity.last_update_timestamp) ||
    order(a.integrity.update_sequence_number, b.integrity.update_sequence_number)
  );
}

/** Judges a kernel copy as the module does, in its order; `now` is Unix seconds. dm-remap reference 5.3. */
export function judgeKernel(copy: RemapCopy<Dmr4KernelMetadata>, now: bigint): void {
  copy.verdict = verdictOf(copy, (value) => {
    const { header, remap_data, health_data } = value;
    if (header.magic !== dmr4Magic) return `has magic ${hexNumber(header.magic, 8)}`;
    if (header.version !== dmr4Version) return `has version ${header.version}`;
    if (!kernelChecksum(copy)?.match) return "fails metadata_checksum";
    if (remap_data.active_remaps > dmr4MostRemaps) return `counts ${remap_data.active_remaps} remaps`;
    if (health_data.health_score > 100) return `has health_score ${health_data.health_score}`;
    if (header.timestamp > now + dmr4ToleranceSeconds) return "was written in the future";
    return undefined;
  });
}

/** The checksum of a kernel copy; undefined where it was not read. Costs nothing of the 16 000 rows that name every byte. */
export function kernelChecksum({ bytes, value }: RemapCopy<Dmr4KernelMetadata>): StoredSum | undefined {
  if (!bytes || !value) return undefined;
  const [stored, computed] = [value.header.metadata_checksum, dmr4KernelSum(bytes)];
  return {
    name: "header.metadata_checksum",
    storedAt: 24,
    stored: hexNumber(stored, 8),
    computed: hexNumber(computed, 8),
    match: stored === computed,
  };
}

/** Judges a script record: no reader checks more than its magic and that paths are there. dm-remap reference 6. */
export function judgeScript(copy: RemapCopy<Dmr4ScriptRecord>): void {
  copy.verdict = verdictOf(copy, (value) => {
    if (value.magic !== dmr4Magic) return `has magic ${hexNumber(value.magic, 8)}`;
    if (value.structure_size !== dmr4ScriptStatedSize || value.checksum !== 0) return "is another structure under the same magic";
    if (spacePadded(value.main_device_path) === "" || spacePadded(value.spare_device_path) === "") return "lacks a device path";
    return undefined;
  });
}

/** Judges a SETUP copy: magic, the sum of the whole, the sum of the head. dm-remap reference 7.2. */
export function judgeSetup(copy: RemapCopy<SetupMetadata>): void {
  copy.verdict = verdictOf(copy, (value) => {
    if (value.magic !== setupMagic) return `has magic ${hexNumber(value.magic, 8)}`;
    const failed = copy.sums.filter(({ name, match }) => !match && (name === "overall_crc32" || name === "header_crc32"));
    return failed.length > 0 ? `fails ${failed.map(({ name }) => name).join(", ")}` : undefined;
  });
}

function verdictOf<Value>(copy: RemapCopy<Value>, faultOf: (value: Value) => string | undefined): RemapCopy<Value>["verdict"] {
  const fault = copy.value === undefined ? (notThere[copy.state] ?? "cannot be read") : (notThere[copy.state] ?? faultOf(copy.value));
  return fault === undefined ? { valid: true } : { valid: false, fault };
}
