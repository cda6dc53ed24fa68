import type { Finding } from "../findings/finding.ts";
import { type DmrmFingerprint, type DmrmMetadata, dmrmSpareSlots, dmrmVersion, sectorBytes } from "../format/remap/index.ts";
import { checkRemap } from "./check.ts";
import type { RemapCopy } from "./copy.ts";
import type { RemapDevice, RemapReading } from "./device.ts";
import { validateDmrm } from "./judge.ts";
import { type Match, matchFingerprint, matchWords } from "./matching.ts";

/** The four levels, each with all that those before it ask. dm-remap reference 4.5. */
export const validationLevels = ["BASIC", "INTEGRITY", "COMPLETE", "FORENSIC"] as const;
export type ValidationLevel = (typeof validationLevels)[number];

/**
 * Result codes by number. dm-remap reference 4.5; which condition gives which code is not specified there, and is this: CORRUPT no copy
 * has magic and signature · CRC_MISMATCH some have, but none holds its sums · CONFLICT copies of one version differ · DEVICE_MISMATCH a
 * device or a size is another · VERSION_MISMATCH the chosen copy is of another version · INCOMPLETE places lie behind the device's end ·
 * RECOVERABLE one copy is good and others are not · OK all of them.
 */
export const validationResults = [
  "OK",
  "CORRUPT",
  "VERSION_MISMATCH",
  "DEVICE_MISMATCH",
  "CRC_MISMATCH",
  "INCOMPLETE",
  "CONFLICT",
  "RECOVERABLE",
] as const;
export type ValidationResult = (typeof validationResults)[number];

export interface ValidationCheck {
  name: string;
  state: "ok" | "failed" | "warning" | "not-run";
  text: string;
}
export interface Validation {
  level: ValidationLevel;
  result: ValidationResult;
  code: number;
  /** The result of each copy by itself. */
  copies: ValidationResult[];
  checks: ValidationCheck[];
}

/** A device that is there now, as a candidate for one that is stored. */
export interface Candidate {
  name: string;
  fingerprint: DmrmFingerprint;
}

/** A stored device with the candidate that fits it best. */
export interface DeviceMatch extends Match {
  role: "main" | "spare";
  slot: number | undefined;
  stored: DmrmFingerprint;
  candidate: Candidate | undefined;
}

/** The stored devices of a copy: the main device, then the spares that are counted. */
export function storedDevices({ main_device, spare_devices }: DmrmMetadata): Pick<DeviceMatch, "role" | "slot" | "stored">[] {
  const spares = spare_devices.spares.slice(0, Math.min(spare_devices.spare_count, dmrmSpareSlots));
  return [
    { role: "main", slot: undefined, stored: main_device },
    ...spares.map((stored, slot) => ({ role: "spare" as const, slot, stored })),
  ];
}

/** For each stored device the candidate of the highest confidence, the first among equals. dm-remap reference 4.2. */
export function matchDevices(metadata: DmrmMetadata, candidates: readonly Candidate[]): DeviceMatch[] {
  return storedDevices(metadata).map((device) => {
    let best: DeviceMatch = { ...device, candidate: undefined, confidence: 0, level: "none" };
    for (const candidate of candidates) {
      const match = matchFingerprint(device.stored, candidate.fingerprint);
      if (match.confidence > best.confidence) best = { ...device, ...match, candidate };
    }
    return best;
  });
}

/** Validates the structure shown first at a level. Without candidates, what needs the devices is said to be not run. */
export function validateRemap(remap: RemapDevice, level: ValidationLevel, candidates?: readonly Candidate[]): Validation | undefined {
  const reading = remap.primary;
  if (!reading) return undefined;
  const depth = validationLevels.indexOf(level);
  const copies = (reading.copies as readonly RemapCopy<unknown>[]).map((copy) => resultOfCopy(reading, copy, depth));
  const checks = copyChecks(reading, copies, depth);
  if (depth >= 2) checks.push(...deviceChecks(remap, reading, candidates));
  const findings = depth >= 3 ? checkRemap(remap) : [];
  checks.push(...findings.map(findingCheck));
  const result = resultOfAll(remap, reading, copies, checks);
  return { level, result, code: validationResults.indexOf(result), copies, checks };
}

function resultOfCopy(reading: RemapReading, copy: RemapCopy<unknown>, depth: number): ValidationResult {
  if (copy.state === "missing" || copy.state === "cut" || copy.state === "unread") return "INCOMPLETE";
  if (copy.state === "blank") return "CORRUPT";
  if (reading.format === "DMRM") {
    const own = reading.copies[copy.index];
    if (!own?.value || validateDmrm(own).magicReturn !== 0) return "CORRUPT";
    if (depth >= 1 && !own.valid) return "CRC_MISMATCH";
    return own.value.integrity.version === dmrmVersion ? "OK" : "VERSION_MISMATCH";
  }
  const { fault } = copy.verdict;
  if (fault?.startsWith("fails")) return depth >= 1 ? "CRC_MISMATCH" : "OK";
  if (fault?.startsWith("has version")) return "VERSION_MISMATCH";
  return fault === undefined ? "OK" : "CORRUPT";
}

const words: Readonly<Record<ValidationResult, string>> = {
  OK: "holds",
  CORRUPT: "is no copy of this structure",
  VERSION_MISMATCH: "is of another version",
  DEVICE_MISMATCH: "is of another device",
  CRC_MISMATCH: "fails its sums",
  INCOMPLETE: "is not there as a whole",
  CONFLICT: "differs from a copy of the same version",
  RECOVERABLE: "is not good, but another copy is",
};

function copyChecks({ copies }: RemapReading, results: readonly ValidationResult[], depth: number): ValidationCheck[] {
  return results.map((result, index) => {
    const fault = depth >= 1 ? copies[index]?.verdict.fault : undefined;
    return {
      name: `Copy ${index}: ${depth === 0 ? "magic and structure" : "magic, structure and sums"}`,
      state: result === "OK" ? "ok" : result === "VERSION_MISMATCH" ? "warning" : "failed",
      text: result === "OK" || fault === undefined ? words[result] : fault,
    };
  });
}

/** What COMPLETE asks beyond the copies: sizes, and the devices where they are at hand. dm-remap reference 4.5. */
function deviceChecks(remap: RemapDevice, reading: RemapReading, candidates: readonly Candidate[] | undefined): ValidationCheck[] {
  const value = reading.format === "DMRM" ? reading.copies[reading.choice.index ?? -1]?.value : undefined;
  if (!value) return [{ name: "Devices", state: "not-run", text: "no copy names devices by fingerprint" }];
  const matches = candidates && matchDevices(value, candidates);
  const here = remap.device.byteLength / BigInt(sectorBytes);
  const spares = storedDevices(value).filter(({ role }) => role === "spare");
  const own = spares.find(({ stored }) => stored.device_size_sectors === here);
  const fits = value.target_config.target_size_sectors === value.main_device.device_size_sectors;
  return [
    {
      name: "Target size",
      state: fits ? "ok" : "failed",
      text: fits
        ? `${value.target_config.target_size_sectors} sectors, as the main device`
        : "the target is not as large as the main device",
    },
    {
      name: "Size of this device",
      state: own ? "ok" : "warning",
      text: own
        ? `${here} sectors, as spare ${own.slot}`
        : `${here} sectors; no stored spare is as large, as with an image that was cut off`,
    },
    ...(
      matches ?? storedDevices(value).map((device) => ({ ...device, candidate: undefined, confidence: undefined, level: undefined }))
    ).map(
      ({ role, slot, candidate, confidence, level }): ValidationCheck => ({
        name: role === "main" ? "Main device" : `Spare ${slot}`,
        state: confidence === undefined ? "not-run" : confidence >= 75 ? "ok" : confidence > 0 ? "warning" : "failed",
        text:
          confidence === undefined
            ? "no device was given to compare with"
            : candidate && level
              ? `${matchWords[level]}, confidence ${confidence}`
              : "no candidate fits",
      }),
    ),
  ];
}

const findingCheck = ({ rule, title, severity }: Finding): ValidationCheck => ({
  name: rule,
  state: severity === "error" ? "failed" : severity === "warning" ? "warning" : "ok",
  text: title,
});

function resultOfAll(
  remap: RemapDevice,
  reading: RemapReading,
  copies: readonly ValidationResult[],
  checks: readonly ValidationCheck[],
): ValidationResult {
  // Readers of DMRM warn of another version and go on; all others refuse it.
  const isRead = reading.format === "DMRM";
  const good = copies.flatMap((result, index) => (result === "OK" || (result === "VERSION_MISMATCH" && isRead) ? [index] : []));
  if (good.length === 0)
    return copies.includes("CRC_MISMATCH") ? "CRC_MISMATCH" : copies.every((result) => result === "INCOMPLETE") ? "INCOMPLETE" : "CORRUPT";
  if (checkRemap(remap).some(({ rule }) => rule.endsWith(".copies-differ") || rule.endsWith(".records-differ"))) return "CONFLICT";
  const devices = /^(Target size|Main device|Spare \d+)$/;
  if (checks.some(({ name, state }) => state === "failed" && devices.test(name))) return "DEVICE_MISMATCH";
  const chosen = copies[reading.choice.index ?? good[0] ?? -1];
  if (chosen === "VERSION_MISMATCH") return "VERSION_MISMATCH";
  if (copies.includes("INCOMPLETE")) return "INCOMPLETE";
  return good.length < copies.length || checks.some(({ state }) => state === "failed") ? "RECOVERABLE" : "OK";
}
