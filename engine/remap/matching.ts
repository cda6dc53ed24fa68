import { equalBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { StoredText } from "../base/stored-text.ts";
import { type DmrmFingerprint, dmrmFingerprint } from "../format/remap/index.ts";

/** What is known of a device that is there now. */
export interface DeviceFacts {
  /** The name that the fingerprint stores; MAJOR:MINOR in a kernel. */
  name: string;
  sectors: bigint;
  /** Logical block size in bytes. */
  sectorBytes: number;
  major: number;
  minor: number;
}

const words = (...values: bigint[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setBigUint64(index * 8, BigInt.asUintN(64, value), true);
  return bytes;
};

/** The kernel's 32-bit form of a device number. dm-remap reference 4.1. */
const deviceNumber = (major: number, minor: number): number => ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;

/** The fingerprint that the creator gives a device at a second; its sum included. dm-remap reference 4.1. */
export function createFingerprint({ name, sectors, sectorBytes, major, minor }: DeviceFacts, nowSeconds: bigint): DmrmFingerprint {
  const folded = sectors >> 11n;
  const nameBytes = new TextEncoder().encode(name);
  const nameSum = checksum.kernelCrc32(nameBytes);
  const uuid = new Uint8Array(16);
  const view = new DataView(uuid.buffer);
  view.setUint32(0, nameSum, true);
  view.setUint32(4, Number((folded ^ nowSeconds) & 0xffffffffn), true);
  view.setUint32(8, Number((folded >> 32n) & 0xffffffffn), true);
  view.setUint32(12, checksum.kernelCrc32(words(folded), nameSum), true);
  const number = words(BigInt(deviceNumber(major, minor))).subarray(0, 4);
  const pathField = new Uint8Array(256);
  pathField.set(nameBytes.subarray(0, 255));
  const bare: DmrmFingerprint = {
    uuid,
    device_path: new StoredText(pathField),
    device_size_sectors: sectors,
    sector_size: sectorBytes,
    device_serial_hash: BigInt(checksum.kernelCrc32(number)) ^ BigInt.asUintN(64, sectors << 16n),
    filesystem_uuid_hash: 0n,
    device_fingerprint_crc: 0,
  };
  return dmrmFingerprint.parse(dmrmFingerprint.encode(bare));
}

export type MatchLevel = "uuid" | "path-and-size" | "serial-and-size" | "size-and-sector-size" | "none";
export interface Match {
  confidence: 0 | 50 | 75 | 90 | 100;
  level: MatchLevel;
}

/** Words for what made two fingerprints match. */
export const matchWords: Readonly<Record<MatchLevel, string>> = {
  uuid: "UUID equal",
  "path-and-size": "path and size equal",
  "serial-and-size": "serial hash and size equal",
  "size-and-sector-size": "size and sector size equal",
  none: "nothing equal",
};

/** How surely two fingerprints are of one device: the first hit counts. dm-remap reference 4.2. */
export function matchFingerprint(stored: DmrmFingerprint, current: DmrmFingerprint): Match {
  const sameSize = stored.device_size_sectors === current.device_size_sectors;
  if (equalBytes(stored.uuid, current.uuid)) return { confidence: 100, level: "uuid" };
  if (equalBytes(stored.device_path.content, current.device_path.content) && sameSize) return { confidence: 90, level: "path-and-size" };
  if (stored.device_serial_hash === current.device_serial_hash && sameSize) return { confidence: 75, level: "serial-and-size" };
  if (sameSize && stored.sector_size === current.sector_size) return { confidence: 50, level: "size-and-sector-size" };
  return { confidence: 0, level: "none" };
}

/** What the weighted match compares; an empty text or a zero never scores. */
export interface WeightedIdentity {
  uuid: string;
  path: string;
  size: bigint;
  serialHash: bigint;
}

/** The weighted match of the validation engine: uuid 40, path 25, size 25 (15 within a hundredth), serial hash 10. dm-remap reference 8.1. */
export function weightedMatch(expected: WeightedIdentity, actual: WeightedIdentity): number {
  const sameText = (a: string, b: string) => a !== "" && a === b;
  const difference = expected.size > actual.size ? expected.size - actual.size : actual.size - expected.size;
  const size = expected.size === 0n || actual.size === 0n ? 0 : difference === 0n ? 25 : difference < expected.size / 100n ? 15 : 0;
  return (
    (sameText(expected.uuid, actual.uuid) ? 40 : 0) +
    (sameText(expected.path, actual.path) ? 25 : 0) +
    size +
    (expected.serialHash !== 0n && expected.serialHash === actual.serialHash ? 10 : 0)
  );
}

export interface SetupEvidence {
  copiesFound: number;
  copiesValid: number;
  /** One for each copy that is not valid. */
  corruptionLevel: number;
  /** Seconds since the last change; below zero for a time in the future. */
  ageSeconds: bigint;
  magicOk: boolean;
  numSpares: number;
}

/** How far a SETUP copy may be trusted, 0 to 100; 70 is asked for to put a device together unasked. dm-remap reference 7.3. */
export function setupConfidence({ copiesFound, copiesValid, corruptionLevel, ageSeconds, magicOk, numSpares }: SetupEvidence): number {
  let score = copiesValid > 0 && copiesFound > 0 ? Math.floor((30 * copiesValid) / copiesFound) : 0;
  if (copiesValid >= 3) score += 20;
  score -= Math.min(corruptionLevel, 10);
  // Counted without sign: a time in the future is a very old one.
  const hours = BigInt.asUintN(64, ageSeconds) / 3600n;
  if (hours < 24n) score += 10;
  else if (hours > 168n) score -= 10;
  if (magicOk && numSpares > 0) score += 30;
  return Math.max(0, Math.min(100, score));
}
