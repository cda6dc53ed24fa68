import { divideUp } from "../../base/units.ts";
import { trailerBytes } from "./block-trailer.ts";

/** Bits in one bitmap block: payloads only, the trailer holds none. Core reference 3. */
export const bitsPerBitmapBlock = (blockBytes: number): number => (blockBytes - trailerBytes) * 8;

/** Blocks that a bitmap of `totalBlocks` bits takes. */
export function bitmapBlockCount(totalBlocks: bigint, blockBytes: number): bigint {
  const blocks = divideUp(totalBlocks, BigInt(bitsPerBitmapBlock(blockBytes)));
  return blocks > 1n ? blocks : 1n;
}

/** True where bit `index` of a payload is set: the least significant bit of a byte is the first. */
export const isBitSet = (payload: Uint8Array, index: number): boolean => (((payload[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;

const bitsIn = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** Set bits of a payload in `[start, end)`. */
export function countBits(payload: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  for (; at < end && at % 8 !== 0; at++) if (isBitSet(payload, at)) count++;
  for (; at + 8 <= end; at += 8) count += bitsIn[payload[at >> 3] ?? 0] ?? 0;
  for (; at < end; at++) if (isBitSet(payload, at)) count++;
  return count;
}

/** The first index at or behind `from`, before `end`, whose bit is `set`; `end` where there is none. */
export function findBit(payload: Uint8Array, from: number, end: number, set: boolean): number {
  const skip = set ? 0x00 : 0xff;
  let at = from;
  while (at < end) {
    if (at % 8 === 0 && at + 8 <= end && payload[at >> 3] === skip) at += 8;
    else if (isBitSet(payload, at) === set) return at;
    else at++;
  }
  return end;
}

/** Sets the bits of `[start, end)`. */
export function setBits(payload: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; ) {
    if (at % 8 === 0 && at + 8 <= end) {
      payload[at >> 3] = 0xff;
      at += 8;
    } else {
      payload[at >> 3] = (payload[at >> 3] ?? 0) | (1 << (at & 7));
      at++;
    }
  }
}

/** Clears the bits of `[start, end)`. */
export function clearBits(payload: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; ) {
    if (at % 8 === 0 && at + 8 <= end) {
      payload[at >> 3] = 0;
      at += 8;
    } else {
      payload[at >> 3] = (payload[at >> 3] ?? 0) & ~(1 << (at & 7));
      at++;
    }
  }
}
