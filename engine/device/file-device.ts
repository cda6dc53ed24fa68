import { spawnSync } from "node:child_process";
import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { EngineError } from "../errors/engine-error.ts";
import type { BlockDevice, DeviceExtent, DeviceIdentity } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";
import { blockDeviceBytes, lockExclusively, nextData, nextHole } from "./system-calls.ts";
import { systemReason } from "./system-reason.ts";

const mostBytesPerCall = 1 << 30;
const deniedCodes = new Set(["EACCES", "EPERM", "EROFS"]);

/**
 * Opens a file or block device. Read-only unless `writable`, and then locked against other writers. The handle itself is opened so:
 * the system enforces it. DEVICE_NOT_FOUND, DEVICE_ACCESS_DENIED, DEVICE_NOT_SUPPORTED, DEVICE_LOCKED, DEVICE_READ_FAILED.
 */
export async function openFileDevice(path: string, { writable = false }: { writable?: boolean } = {}): Promise<BlockDevice> {
  const found = await opening(path, writable, () => stat(path, { bigint: true }));
  if (!found.isFile() && !found.isBlockDevice()) {
    throw new EngineError("DEVICE_NOT_SUPPORTED", { path, reason: `it is ${describeKind(found)}` });
  }
  const handle = await openHandle(path, writable, found.isBlockDevice());
  try {
    const stats = await handle.stat({ bigint: true });
    const byteLength = stats.isBlockDevice() ? await deviceBytes(handle, stats, path) : stats.size;
    if (writable) lock(handle, path);
    return new FileDevice(handle, path, writable, stats.isBlockDevice() ? "block-device" : "file", byteLength);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function describeKind(stats: BigIntStats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  if (stats.isCharacterDevice()) return "a character device";
  return "neither a file nor a block device";
}

async function opening<T>(path: string, writing: boolean, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT" || code === "ENOTDIR") throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
    if (deniedCodes.has(code)) throw new EngineError("DEVICE_ACCESS_DENIED", { path, writing }, { cause });
    if (code === "EBUSY") throw new EngineError("DEVICE_LOCKED", { path }, { cause });
    throw new EngineError("DEVICE_NOT_SUPPORTED", { path, reason: systemReason(cause) }, { cause });
  }
}

async function openHandle(path: string, writable: boolean, isBlockDevice: boolean): Promise<FileHandle> {
  if (writable) return opening(path, true, () => open(path, constants.O_RDWR | (isBlockDevice ? constants.O_EXCL : 0)));
  const { O_RDONLY, O_NONBLOCK } = constants;
  // The access time is left alone where the owner may ask for that; others are refused the flag and open without it.
  const quiet = constants.O_NOATIME ?? 0;
  try {
    return await open(path, O_RDONLY | O_NONBLOCK | quiet);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return opening(path, false, () => Promise.reject(error));
    return opening(path, false, () => open(path, O_RDONLY | O_NONBLOCK));
  }
}

async function deviceBytes(handle: FileHandle, stats: BigIntStats, path: string): Promise<bigint> {
  return blockDeviceBytes(handle.fd, stats.rdev) ?? (await searchEnd(handle, path));
}

/** The end of a device that does not tell its size: a read past it gives no bytes. */
async function searchEnd(handle: FileHandle, path: string): Promise<bigint> {
  const probe = new Uint8Array(512);
  const readable = async (sector: bigint): Promise<boolean> =>
    (await reading(path, sector * 512n, 512, () => handle.read(probe, 0, 512, sector * 512n))).bytesRead > 0;
  let low = 0n;
  let high = 1n;
  while (high < 1n << 54n && (await readable(high))) [low, high] = [high, high * 2n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (await readable(middle)) low = middle;
    else high = middle;
  }
  return (await readable(low)) ? (low + 1n) * 512n : 0n;
}

function lock(handle: FileHandle, path: string): void {
  const taken =
    lockExclusively(handle.fd) ?? spawnSync("flock", ["-n", "-x", "3"], { stdio: ["ignore", "ignore", "ignore", handle.fd] }).status === 0;
  if (!taken) throw new EngineError("DEVICE_LOCKED", { path });
}

async function reading<T>(path: string, at: bigint, byteLength: number, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new EngineError("DEVICE_READ_FAILED", { path, at, byteLength, reason: systemReason(cause) }, { cause });
  }
}

class FileDevice extends DeviceBase {
  readonly kind: "file" | "block-device";
  readonly writable: boolean;
  readonly #handle: FileHandle;
  #byteLength: bigint;

  constructor(handle: FileHandle, path: string, writable: boolean, kind: "file" | "block-device", byteLength: bigint) {
    super(path);
    this.#handle = handle;
    this.writable = writable;
    this.kind = kind;
    this.#byteLength = byteLength;
  }

  get byteLength(): bigint {
    return this.#byteLength;
  }

  protected async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    let done = 0;
    while (done < into.length) {
      signal?.throwIfAborted();
      const length = Math.min(into.length - done, mostBytesPerCall);
      const at = start + BigInt(done);
      const { bytesRead } = await reading(this.name, at, length, () => this.#handle.read(into, done, length, at));
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  protected async writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const at = start + BigInt(done);
      try {
        // Node's type asks for a number here; positions past 2^53 − 1 do not exist on any file system.
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, Number(at));
        done += bytesWritten;
      } catch (cause) {
        throw new EngineError(
          "DEVICE_WRITE_FAILED",
          { path: this.name, at, byteLength: bytes.length - done, reason: systemReason(cause) },
          { cause },
        );
      }
    }
  }

  protected override async syncRun(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (cause) {
      throw new EngineError("DEVICE_SYNC_FAILED", { path: this.name, reason: systemReason(cause) }, { cause });
    }
  }

  override async resize(byteLength: bigint): Promise<void> {
    if (this.kind === "block-device") return super.resize(byteLength);
    this.assertOpen();
    this.assertWritable();
    try {
      await this.#handle.truncate(Number(byteLength));
    } catch (cause) {
      throw new EngineError(
        "DEVICE_WRITE_FAILED",
        { path: this.name, at: byteLength, byteLength: 0, reason: systemReason(cause) },
        { cause },
      );
    }
    this.#byteLength = byteLength;
  }

  override async *extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent> {
    this.assertOpen();
    const last = end < this.#byteLength ? end : this.#byteLength;
    for (let at = start; at < last; ) {
      const data = nextData(this.#handle.fd, at, last);
      const hole = data === undefined ? undefined : nextHole(this.#handle.fd, data, last);
      if (data === undefined || (hole === undefined && data < last)) {
        yield { start: at, end: last, hole: false };
        return;
      }
      if (data > at) yield { start: at, end: data, hole: true };
      if (hole !== undefined && hole > data) yield { start: data, end: hole, hole: false };
      at = data < last && hole !== undefined ? hole : last;
    }
  }

  override async identify(): Promise<DeviceIdentity> {
    this.assertOpen();
    const stats = await reading(this.name, 0n, 0, () => this.#handle.stat({ bigint: true }));
    if (this.kind === "file") this.#byteLength = stats.size;
    return { byteLength: this.#byteLength, modifiedNs: stats.mtimeNs, source: `${stats.dev}:${stats.ino}` };
  }

  protected override async closeRun(): Promise<void> {
    await this.#handle.close();
  }
}
