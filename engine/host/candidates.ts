import { readFile, stat } from "node:fs/promises";
import { type Candidate, createFingerprint, openFileDevice } from "./engine.ts";

const usualSectorBytes = 512;

/**
 * Fingerprints, as of now, of a device that is here: under its path, and under MAJOR:MINOR as a kernel stores it where it is a block
 * device. What openFileDevice throws.
 */
export async function candidatesOf(path: string, nowSeconds: bigint): Promise<Candidate[]> {
  const device = await openFileDevice(path);
  try {
    const sectors = device.byteLength / BigInt(usualSectorBytes);
    const found = await stat(path);
    const number = found.isBlockDevice() ? splitNumber(found.rdev) : undefined;
    const facts = {
      sectors,
      sectorBytes: number ? await logicalSectorBytes(number) : usualSectorBytes,
      ...(number ?? { major: 0, minor: 0 }),
    };
    const names = [path, ...(number ? [`${number.major}:${number.minor}`] : [])];
    return names.map((name) => ({ name: path, fingerprint: createFingerprint({ name, ...facts }, nowSeconds) }));
  } finally {
    await device.close();
  }
}

/** Linux's device number as `stat` gives it. */
function splitNumber(rdev: number): { major: number; minor: number } {
  const number = BigInt(rdev);
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn);
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

/** The logical block size that the system gives; 512 where it gives none. */
async function logicalSectorBytes({ major, minor }: { major: number; minor: number }): Promise<number> {
  const text = await readFile(`/sys/dev/block/${major}:${minor}/queue/logical_block_size`, "utf8").catch(() => "");
  const size = Number(text.trim());
  return Number.isSafeInteger(size) && size >= usualSectorBytes ? size : usualSectorBytes;
}
