import { equalBytes } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { type Dmr4KernelMetadata, dmr4KernelMetadata } from "../format/remap/index.ts";
import type { RemapCopy } from "./copy.ts";
import type { DmrmReading, KernelReading, RemapReading, SetupReading } from "./device.ts";

/** Bytes that a place would get. */
export interface Rewrite {
  index: number;
  byteOffset: bigint;
  bytes: Uint8Array;
}

/**
 * What would make all copies agree with the chosen one; undefined where none is chosen or no rule is known. Plans only, writes nothing.
 * Places behind the device's end are left out.
 */
export function plannedRewrites(reading: RemapReading): Rewrite[] | undefined {
  if (reading.choice.index === undefined) return undefined;
  if (reading.format === "DMR4-kernel") return kernelRewrites(reading);
  if (reading.format === "DMRM" || reading.format === "SETUP") return equalRewrites(reading);
  return undefined;
}

const isThere = (copy: RemapCopy<unknown>): boolean => copy.state !== "missing" && copy.state !== "cut";

/** The chosen copy, unchanged, over every place that differs. dm-remap reference 4.4. */
function equalRewrites({ copies, choice }: DmrmReading | SetupReading): Rewrite[] {
  const source = copies[choice.index ?? -1]?.bytes;
  if (!source) return [];
  return (copies as readonly RemapCopy<unknown>[])
    .filter((copy) => isThere(copy) && !(copy.bytes && equalBytes(copy.bytes, source)))
    .map(({ index, byteOffset }) => ({ index, byteOffset, bytes: source }));
}

/** Unreadable, invalid and otherwise numbered copies, each with its own place in copy_index and a sum of its own. dm-remap reference 5.4. */
function kernelRewrites({ copies, choice }: KernelReading): Rewrite[] {
  const chosen = copies[choice.index ?? -1]?.value;
  if (!chosen) return [];
  return copies
    .filter((copy) => isThere(copy) && (!copy.valid || copy.value?.header.sequence_number !== chosen.header.sequence_number))
    .map(({ index, byteOffset }) => ({ index, byteOffset, bytes: numbered(chosen, index) }));
}

const numbered = (value: Dmr4KernelMetadata, copy_index: number): Uint8Array =>
  dmr4KernelMetadata.encode({ ...value, header: { ...value.header, copy_index } });

/** SHA-256 of an image with the rewrites in place, without joining them. */
export function hashWithRewrites(image: Uint8Array, rewrites: readonly Rewrite[]): Uint8Array {
  const ordered = rewrites.toSorted((a, b) => Number(a.byteOffset - b.byteOffset));
  const parts: Uint8Array[] = [];
  let next = 0;
  for (const { byteOffset, bytes } of ordered) {
    parts.push(image.subarray(next, Number(byteOffset)), bytes);
    next = Number(byteOffset) + bytes.length;
  }
  return checksum.sha256OfParts([...parts, image.subarray(next)]);
}
