import { toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import type { RemapDevice, RemapReading } from "../device.ts";
import type { Document } from "../notation.ts";
import { describeKernel, describeScript, describeScriptCopy } from "./dmr4.ts";
import { describeDmrm } from "./dmrm.ts";
import { describeSetup } from "./setup.ts";

const notation = "u64 values are decimal strings; CRCs and hashes are 0x-prefixed hex strings; uuid is 16 raw bytes in hex";
/** What the documents call each structure. */
const documentFormats: Readonly<Record<RemapReading["format"], string>> = {
  DMRM: "DMRM",
  "DMR4-kernel": "DMR4-kernel",
  "DMR4-script": "DMR4-script",
  SETUP: "SETUP-AB5EAB1E",
};

/**
 * A device's metadata in the notation of the dm-remap documents: the structure shown first at the top, the others under their own keys.
 * `image` is the whole device where it is small enough to be hashed.
 */
export function remapDocument(remap: RemapDevice, image?: Uint8Array): Document {
  const { primary } = remap;
  const others = remap.readings.filter((reading) => reading !== primary);
  const script = primary?.format === "DMR4-kernel" ? others.find((reading) => reading.format === "DMR4-script") : undefined;
  const more = others.filter((reading) => reading !== script);
  return {
    kind: "dm-remap",
    notation,
    imageBytes: Number(remap.device.byteLength),
    ...(image && { imageSha256: toHex(checksum.sha256(image)) }),
    validationClock: remap.now.toString(),
    ...(primary && describeReading(primary, image)),
    ...(script && { scriptCopies: { copies: script.copies.map(describeScriptCopy) } }),
    ...(more.length > 0 && { otherStructures: more.map((reading) => describeReading(reading, undefined)) }),
    sightings: remap.sightings.map(({ sector, name, isExpected }) => ({ sector: Number(sector), name, isExpected })),
    overlaps: remap.overlaps.map(({ sector, sectorCount, structures }) => ({
      sector: Number(sector),
      sectorCount: Number(sectorCount),
      structures: structures.map((each) => ({ ...each })),
    })),
  };
}

function describeReading(reading: RemapReading, image: Uint8Array | undefined): Document {
  const { format, layout } = reading;
  const head = { format: documentFormats[format], structSize: layout.structBytes, copySectors: layout.sectors.map(Number) };
  if (reading.format === "DMRM") return { ...head, ...describeDmrm(reading, image) };
  if (reading.format === "DMR4-kernel") return { ...head, blockBytes: layout.spaceBytes, ...describeKernel(reading, image) };
  if (reading.format === "SETUP") return { ...head, ...describeSetup(reading) };
  return { ...head, ...describeScript(reading) };
}
