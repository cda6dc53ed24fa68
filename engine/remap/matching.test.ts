import { describe, expect, it } from "vitest";
import { fromHex, hexNumber, toHex } from "../base/bytes.ts";
import { StoredText } from "../base/stored-text.ts";
import type { DmrmFingerprint } from "../format/remap/index.ts";
import { goldenJson } from "../testing/golden.ts";
import { createFingerprint, matchFingerprint, type SetupEvidence, setupConfidence, weightedMatch } from "./matching.ts";
import { remapNotation } from "./notation.ts";

const vectors = goldenJson("matching-vectors", "dm-remap");

interface StoredFingerprint {
  uuid: string;
  device_path: string;
  device_size_sectors: string;
  sector_size: number;
  device_serial_hash: string;
  filesystem_uuid_hash: string;
  device_fingerprint_crc: string;
}
const fingerprint = (from: StoredFingerprint): DmrmFingerprint => ({
  uuid: fromHex(from.uuid),
  device_path: StoredText.of(from.device_path, 256),
  device_size_sectors: BigInt(from.device_size_sectors),
  sector_size: from.sector_size,
  device_serial_hash: BigInt(from.device_serial_hash),
  filesystem_uuid_hash: BigInt(from.filesystem_uuid_hash),
  device_fingerprint_crc: Number(from.device_fingerprint_crc),
});

describe("matching a device against a fingerprint", () => {
  const rows = vectors.fingerprintMatch.rows as {
    case: string;
    stored: StoredFingerprint;
    current: StoredFingerprint;
    confidence: number;
  }[];
  it.each(rows)("$case", ({ stored, current, confidence }) => {
    expect(matchFingerprint(fingerprint(stored), fingerprint(current)).confidence).toBe(confidence);
  });
  it.each(rows)("makes the fingerprints of: $case", ({ stored, current }) => {
    for (const golden of [stored, current]) {
      const at = golden.device_path.split(":").map(Number);
      // Paths are those of /dev/sdb to /dev/sdx: 8 and sixteen numbers for each letter; the row of a renamed device keeps its number.
      const [major = 8, minor = 16] = golden.device_path.includes(":") ? at : [8, 16];
      const size = BigInt(golden.device_size_sectors);
      const second = BigInt(new DataView(fromHex(golden.uuid).buffer).getUint32(4, true)) ^ ((size >> 11n) & 0xffffffffn);
      const made = createFingerprint({ name: golden.device_path, sectors: size, sectorBytes: golden.sector_size, major, minor }, second);
      expect(remapNotation(made)).toEqual(golden);
    }
  });
  it("is the worked example", () => {
    const made = createFingerprint({ name: "8:16", sectors: 1_953_525_168n, sectorBytes: 512, major: 8, minor: 16 }, 1_760_000_000n);
    expect(toHex(made.uuid)).toBe("232284150df6e9680000000032e6dc7b");
    expect(hexNumber(made.device_serial_hash, 16)).toBe("0x0000747033ba0627");
    expect(hexNumber(made.device_fingerprint_crc, 8)).toBe("0x802df56f");
  });
});

describe("the weighted match", () => {
  interface Identity {
    uuid: string;
    path: string;
    size: string;
    serialHash: number;
  }
  const of = (from: Identity) => ({ ...from, size: BigInt(from.size), serialHash: BigInt(from.serialHash) });
  it.each(vectors.weightedMatch.rows as { case: string; expected: Identity; actual: Identity; confidence: number }[])(
    "$case",
    ({ expected, actual, confidence }) => expect(weightedMatch(of(expected), of(actual))).toBe(confidence),
  );
});

describe("the confidence of a setup", () => {
  type Row = Omit<SetupEvidence, "ageSeconds"> & { ageSeconds: number; score: number };
  it.each(vectors.setupConfidence.rows as Row[])("case %#", ({ ageSeconds, score, ...evidence }) =>
    expect(setupConfidence({ ...evidence, ageSeconds: BigInt(ageSeconds) })).toBe(score),
  );
});
