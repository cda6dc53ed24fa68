import { equalBytes, isAllZero } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { superblock, trailerBytes } from "../format/core/index.ts";
import type { Volume } from "./volume.ts";

const sealBytes = 32;

/** Puts the seal of a superblock's image into it: HMAC-SHA256 over everything before. Operations reference 0.5. */
export function sealHeader(image: Uint8Array, key: Uint8Array): void {
  const at = image.length - trailerBytes - sealBytes;
  image.set(checksum.hmacSha256(key, image.subarray(0, at)), at);
}

/** Whether the stored header seal is the one that a key gives; undefined where the header is not sealed. */
export function headerSealHolds({ group, head }: Volume, key: Uint8Array): boolean | undefined {
  const stored = head[group.superblock.block]?.bytes;
  if (!stored || !group.superblock.value || isAllZero(group.superblock.value.headerIntegritySeal)) return undefined;
  const image = stored.slice();
  sealHeader(image, key);
  return equalBytes(superblock.parse(image).headerIntegritySeal, group.superblock.value.headerIntegritySeal);
}
