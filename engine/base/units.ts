/** Counts bytes from the start of the device. Branded so that it cannot be mixed with a block number. */
export type ByteOffset = bigint & { readonly [byteOffsetBrand]: true };
/** Numbers a block of the volume, block 0 first. */
export type BlockNumber = bigint & { readonly [blockNumberBrand]: true };
declare const byteOffsetBrand: unique symbol;
declare const blockNumberBrand: unique symbol;

export const byteOffset = (value: bigint | number): ByteOffset => BigInt(value) as ByteOffset;
export const blockNumber = (value: bigint | number): BlockNumber => BigInt(value) as BlockNumber;

/** The byte at which `block` begins. */
export const blockStart = (block: BlockNumber, blockBytes: number): ByteOffset => (block * BigInt(blockBytes)) as ByteOffset;

/** The block that holds the byte at `offset`. */
export const blockOf = (offset: ByteOffset, blockBytes: number): BlockNumber => (offset / BigInt(blockBytes)) as BlockNumber;

/** The one way from a 64-bit value to a number: throws a RangeError past ±(2^53 − 1). */
export function toIndex(value: bigint): number {
  const index = Number(value);
  if (!Number.isSafeInteger(index)) throw new RangeError(`${value} does not fit an index`);
  return index;
}

export const minBigint = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const maxBigint = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** `ceil(dividend / divisor)` for a dividend that is not negative. */
export const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

/** Block sizes whose region tables fit (format reference core, 2.10; convention R1). */
export const workingBlockSizes = [4096, 8192, 16384, 32768, 65536] as const;
export const isWorkingBlockSize = (bytes: number): boolean => (workingBlockSizes as readonly number[]).includes(bytes);
