import { createHash, createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import xxhash from "xxhash-wasm";

const { h64Raw } = await xxhash();

/** The checksums the formats use. One port, so that a faster kernel can take its place. */
export const checksum = {
  /** XXH64, seed 0 unless told, as an unsigned 64-bit number (format reference core, 0). */
  xxh64: (bytes: Uint8Array, seed = 0n): bigint => h64Raw(bytes, seed),
  /**
   * The kernel's `crc32(seed, …)`, which is `crc32_le`: no complement before or behind, unlike zlib's. A seed that is the sum of what
   * stands before chains the two (dm-remap reference 2).
   */
  kernelCrc32: (bytes: Uint8Array, seed = 0): number => ~crc32(bytes, ~seed >>> 0) >>> 0,
  /** CRC-32 of IEEE 802.3, which the SDK calls CRC32C; parts are chained by the sum so far (operations reference 17.2). */
  crc32: (bytes: Uint8Array, before = 0): number => crc32(bytes, before),
  sha256: (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest()),
  /** SHA-256 of parts one behind the other, without joining them. */
  sha256OfParts(parts: Iterable<Uint8Array>): Uint8Array {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },
  /** SHA-256 of what comes piece by piece. */
  startSha256(): { update(bytes: Uint8Array): void; digest(): Uint8Array } {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
  },
  /** SHA-256 of parts that come one after the other, without holding them. */
  async sha256OfStream(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const hash = createHash("sha256");
    for await (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },
  hmacSha256: (key: Uint8Array, bytes: Uint8Array): Uint8Array => new Uint8Array(createHmac("sha256", key).update(bytes).digest()),
};
