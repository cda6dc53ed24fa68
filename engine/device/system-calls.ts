import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";

/**
 * What Node's file API lacks: holes, locks, the size of a block device. Through koffi where it is installed; each has a fallback
 * at its caller, and each call gives undefined where koffi or the system does not offer it.
 */
interface Native {
  lseek(descriptor: number, offset: bigint, whence: number): bigint;
  flock(descriptor: number, operation: number): number;
}

const seekData = 3;
const seekHole = 4;
const lockExclusive = 2;
const lockNonBlocking = 4;

let native: Native | null | undefined;
function load(): Native | null {
  if (native !== undefined) return native;
  native = null;
  // A worker thread may be ended in the middle of a foreign call, which takes the whole process down.
  if (process.platform !== "linux" || !isMainThread) return native;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as {
      load(name: string): { func(declaration: string): (...values: unknown[]) => unknown };
    };
    const library = koffi.load("libc.so.6");
    const lseek = library.func("int64_t lseek(int fd, int64_t offset, int whence)");
    const flock = library.func("int flock(int fd, int operation)");
    native = {
      lseek: (descriptor, offset, whence) => BigInt(lseek(descriptor, offset, whence) as number | bigint),
      flock: (descriptor, operation) => Number(flock(descriptor, operation)),
    };
  } catch {
    // Not installed, or no such library: the callers' fallbacks serve.
  }
  return native;
}

/** First stored byte at or behind `from`; `end` where only a hole follows; undefined where the system cannot tell. */
export function nextData(descriptor: number, from: bigint, end: bigint): bigint | undefined {
  const calls = load();
  if (!calls) return undefined;
  const found = calls.lseek(descriptor, from, seekData);
  if (found >= 0n) return found < end ? found : end;
  // ENXIO means no data behind `from`; a file system without SEEK_DATA fails SEEK_HOLE as well.
  return calls.lseek(descriptor, from, seekHole) >= 0n ? end : undefined;
}

/** First byte of a hole at or behind `from`; undefined where the system cannot tell. */
export function nextHole(descriptor: number, from: bigint, end: bigint): bigint | undefined {
  const found = load()?.lseek(descriptor, from, seekHole) ?? -1n;
  return found < 0n ? undefined : found < end ? found : end;
}

/** True when the exclusive lock was taken, false when somebody holds it, undefined where this cannot be asked. */
export function lockExclusively(descriptor: number): boolean | undefined {
  const calls = load();
  return calls ? calls.flock(descriptor, lockExclusive | lockNonBlocking) === 0 : undefined;
}

/** Bytes of the block device behind an open descriptor; undefined where the system does not tell. */
export function blockDeviceBytes(descriptor: number, deviceNumber: bigint): bigint | undefined {
  if (process.platform === "linux") {
    const major = ((deviceNumber >> 8n) & 0xfffn) | ((deviceNumber >> 32n) & ~0xfffn);
    const minor = (deviceNumber & 0xffn) | ((deviceNumber >> 12n) & ~0xffn);
    try {
      return BigInt(readFileSync(`/sys/dev/block/${major}:${minor}/size`, "utf8").trim()) * 512n;
    } catch {
      // No sysfs: asked below.
    }
  }
  const seekEnd = 2;
  const end = load()?.lseek(descriptor, 0n, seekEnd) ?? -1n;
  return end > 0n ? end : undefined;
}
