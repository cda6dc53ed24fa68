import { toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import type { Json } from "../../base/json.ts";
import type { RemapCopy } from "../copy.ts";
import type { RemapReading } from "../device.ts";
import type { Document } from "../notation.ts";
import { hashWithRewrites, plannedRewrites } from "../repair-rule.ts";

/** Where a copy lies. */
export const placeOf = (copy: RemapCopy<unknown>): Document => ({
  index: copy.index,
  sector: Number(copy.sector),
  byteOffset: Number(copy.byteOffset),
});

/** Whether a copy was read and whether it is valid. */
export const stateOf = (copy: RemapCopy<unknown>): Document => ({
  state: copy.state,
  valid: copy.valid,
  ...(copy.verdict.fault !== undefined && { fault: copy.verdict.fault }),
});

/** SHA-256 of bytes that are there. */
export const hashOf = (bytes: Uint8Array | undefined): string | undefined => bytes && toHex(checksum.sha256(bytes));

/** How many copies are valid, and which is believed. */
export const choiceOf = ({ choice, copies }: RemapReading): Document => ({
  validCopies: copies.filter((copy) => copy.valid).length,
  chosenCopy: choice.index ?? null,
  choiceReason: choice.reason,
});

/** Which copies a repair by the structure's rule would rewrite, and the hash of the image that results. */
export function afterRewrites(reading: RemapReading, image: Uint8Array | undefined): Json {
  const rewrites = plannedRewrites(reading);
  if (!rewrites) return null;
  return {
    copiesRewritten: rewrites.map(({ index }) => index),
    ...(image && { imageSha256: toHex(hashWithRewrites(image, rewrites)) }),
  };
}
