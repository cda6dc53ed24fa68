import { viewOf } from "../base/bytes.ts";
import { type BlockDevice, readUpTo } from "../device/block-device.ts";
import { isEngineError } from "../errors/engine-error.ts";
import {
  dmr4KernelBytes,
  dmr4KernelSectors,
  dmr4KernelSum,
  dmr4Magic,
  dmr4ScriptSectors,
  dmr4ScriptStatedSize,
  dmrmMagic,
  dmrmSectors,
  sectorBytes,
  setupMagic,
  setupSectors,
} from "../format/remap/index.ts";
import { type RemapFormat, remapLayouts } from "./copy.ts";

/** Something of dm-remap at a sector: a member of a structure that is decoded, or something that is only recognised. */
export interface Sighting {
  sector: bigint;
  /** Undefined for what is recognised and not decoded. */
  format: RemapFormat | undefined;
  /** What it is, in words. */
  name: string;
  /** False where no copy of that structure is expected at this sector. */
  isExpected: boolean;
}

/** Where members of any structure may begin. dm-remap reference 1, detection order. */
export const detectionSectors = [0n, 256n, 512n, 768n, 1024n, 2048n, 4096n, 8192n] as const;
const headBytes = 40;
const testOnlyMagic = 0x44524d52;
const healthMagic = 0x484c5448;

const swapped = (word: number): number => (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
const bigEndian = new Set([dmrmMagic, dmr4Magic, setupMagic].map(swapped));

/** What stands at each sector where a copy may begin. Reads 40 bytes of each, and a whole structure where only its checksum can tell. */
export async function findSightings(device: BlockDevice, signal?: AbortSignal): Promise<Sighting[]> {
  const found: Sighting[] = [];
  for (const sector of detectionSectors) {
    const head = await readHead(device, sector, headBytes, signal);
    if (head.length < headBytes) continue;
    const sighting = await recognise(device, sector, head, signal);
    if (sighting) found.push(sighting);
  }
  return found;
}

/** A place that cannot be read tells nothing; the places of a family are read again one by one. */
async function readHead(device: BlockDevice, sector: bigint, byteLength: number, signal?: AbortSignal): Promise<Uint8Array> {
  const start = sector * BigInt(sectorBytes);
  if (start >= device.byteLength) return new Uint8Array(0);
  try {
    return await readUpTo(device, start, byteLength, signal);
  } catch (error) {
    if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
    return new Uint8Array(0);
  }
}

async function recognise(device: BlockDevice, sector: bigint, head: Uint8Array, signal?: AbortSignal): Promise<Sighting | undefined> {
  const view = viewOf(head);
  const magic = view.getUint32(0, true);
  const member = (format: RemapFormat, sectors: readonly bigint[]): Sighting => ({
    sector,
    format,
    name: format,
    isExpected: sectors.includes(sector),
  });
  const other = (name: string): Sighting => ({ sector, format: undefined, name, isExpected: false });
  if (magic === dmrmMagic) return member("DMRM", dmrmSectors);
  if (magic === setupMagic) return member("SETUP", setupSectors);
  if (magic === dmr4Magic) {
    const [sum, statedSize] = [view.getUint32(24, true), view.getUint32(32, true)];
    if (statedSize === dmr4ScriptStatedSize && sum === 0) return member("DMR4-script", dmr4ScriptSectors);
    const kernel = member("DMR4-kernel", dmr4KernelSectors);
    if (statedSize === dmr4KernelBytes || (await kernelSumHolds(device, sector, sum, signal))) return kernel;
    return other("DMR4, undetermined");
  }
  if (magic === testOnlyMagic) return other("test-only v4 metadata, not decoded");
  if (magic === healthMagic) return other("health history, not decoded");
  if (bigEndian.has(magic)) return other("big-endian dm-remap, unsupported");
  const letters = new TextDecoder("latin1").decode(head.subarray(0, 14));
  if (letters.startsWith("DMREMAP3") && sector === 0n) return other("v3, not decoded");
  if (letters.startsWith("DM_REMAP_V4.0")) return other("memory status block, not decoded");
  return undefined;
}

async function kernelSumHolds(device: BlockDevice, sector: bigint, sum: number, signal?: AbortSignal): Promise<boolean> {
  const bytes = await readHead(device, sector, dmr4KernelBytes, signal);
  return bytes.length === dmr4KernelBytes && dmr4KernelSum(bytes) === sum;
}

/** The structures of which a member was seen at a sector where one is expected, in the order of the reference. */
export const formatsOf = (sightings: readonly Sighting[]): RemapFormat[] =>
  (Object.keys(remapLayouts) as RemapFormat[]).filter((format) => sightings.some((each) => each.format === format && each.isExpected));
