import { equalBytes, isAllZero, toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { isEngineError } from "../errors/engine-error.ts";
import type { CodeModule } from "../format/regions/code.ts";
import { readWasm, type WasmModule } from "../format/wasm.ts";
import type { Volume } from "../volume/volume.ts";

/** Larger binaries are hashed, and their sections are left out. */
export const mostParsedBytes = 64 * 1_048_576;
const stepBytes = 1_048_576;

export interface ModuleOptions {
  signal?: AbortSignal | undefined;
  /** Bytes of the module read so far. */
  onBytes?: ((done: number) => void) | undefined;
}

/** Where a module's bytes lie in the volume, or why they cannot. Convention W19; R7. */
export function moduleRange(
  { blockBytes, device }: Pick<Volume, "blockBytes" | "device">,
  { blockOffset, blockCount, moduleSizeBytes }: CodeModule,
): { start: bigint; end: bigint } | { problem: string } {
  if (moduleSizeBytes < 0 || blockCount < 0 || blockOffset < 0n)
    return { problem: `${moduleSizeBytes} bytes in ${blockCount} blocks from block ${blockOffset}` };
  if (moduleSizeBytes === 0) return { problem: "a module of 0 bytes" };
  if (BigInt(moduleSizeBytes) > BigInt(blockCount) * BigInt(blockBytes))
    return { problem: `${moduleSizeBytes} bytes do not fit ${blockCount} blocks of ${blockBytes}` };
  const start = blockOffset * BigInt(blockBytes);
  const end = start + BigInt(moduleSizeBytes);
  return end > device.byteLength ? { problem: `its bytes end at ${end}, the volume at ${device.byteLength}` } : { start, end };
}

/** A module's bytes against its record. */
export interface ModuleCheck {
  hash: "matches" | "differs" | "unread";
  /** Of the bytes that are there; missing where they could not all be read. */
  computed?: Uint8Array;
  text: string;
}

/** Hashes a module's bytes and holds them against its record. Reads only; rejects with an AbortError alone. Convention W19. */
export async function checkModule(volume: Volume, module: CodeModule, options: ModuleOptions = {}): Promise<ModuleCheck> {
  return (await readModule(volume, module, options, false)).check;
}

export interface ModuleInspection extends ModuleCheck {
  wasm?: WasmModule;
  /** Why the sections were not looked at. */
  sectionsLeftOut?: string;
  tail: "zero" | "in-use" | "none" | "unread";
}

/** Hashes a module and reads the sections of its binary; nothing of it is compiled or run. */
export async function inspectModule(volume: Volume, module: CodeModule, options: ModuleOptions = {}): Promise<ModuleInspection> {
  const { check, bytes, sectionsLeftOut } = await readModule(volume, module, options, true);
  return {
    ...check,
    ...(bytes && { wasm: readWasm(bytes) }),
    ...(sectionsLeftOut !== undefined && { sectionsLeftOut }),
    tail: check.hash === "unread" ? "unread" : await tailOf(volume, module),
  };
}

async function readModule(
  volume: Volume,
  module: CodeModule,
  { signal, onBytes }: ModuleOptions,
  keep: boolean,
): Promise<{ check: ModuleCheck; bytes?: Uint8Array; sectionsLeftOut?: string }> {
  const range = moduleRange(volume, module);
  if ("problem" in range) return { check: { hash: "unread", text: range.problem }, sectionsLeftOut: range.problem };
  const byteLength = module.moduleSizeBytes;
  const kept = keep && byteLength <= mostParsedBytes ? new Uint8Array(byteLength) : undefined;
  const step = new Uint8Array(Math.min(stepBytes, byteLength));
  const hash = checksum.startSha256();
  let written = false;
  for (let at = 0; at < byteLength; at += step.length) {
    signal?.throwIfAborted();
    const piece = kept ? kept.subarray(at, at + stepBytes) : step.subarray(0, Math.min(step.length, byteLength - at));
    const problem = await fill(volume, range.start + BigInt(at), piece, signal);
    if (problem) return { check: { hash: "unread", text: problem }, sectionsLeftOut: problem };
    hash.update(piece);
    written ||= !isAllZero(piece);
    onBytes?.(at + piece.length);
  }
  const computed = hash.digest();
  const matches = equalBytes(computed, module.moduleHash);
  return {
    check: {
      hash: matches ? "matches" : "differs",
      computed,
      text: matches
        ? `SHA-256 of its ${byteLength} bytes is the one in its record`
        : written
          ? `SHA-256 of its ${byteLength} bytes is ${toHex(computed)}; its record has ${toHex(module.moduleHash)}`
          : `its ${byteLength} bytes are all zero: no binary stands there`,
    },
    ...(kept ? { bytes: kept } : { sectionsLeftOut: `it is larger than ${mostParsedBytes / 1_048_576} MiB` }),
  };
}

/** Reads exactly `bytes.length` bytes; gives the reason where that fails. */
async function fill({ device }: Volume, start: bigint, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    const read = await device.read(start, bytes, signal);
    return read === bytes.length ? undefined : `the volume ends at byte ${start + BigInt(read)}`;
  } catch (error) {
    if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
    return `byte ${error.data.at} cannot be read: ${error.data.reason}`;
  }
}

/** Whether the rest of the module's last block is zero, as convention W19 leaves it. */
async function tailOf(volume: Volume, module: CodeModule): Promise<ModuleInspection["tail"]> {
  const used = module.moduleSizeBytes % volume.blockBytes;
  if (used === 0) return "none";
  const last = module.blockOffset + BigInt(Math.floor(module.moduleSizeBytes / volume.blockBytes));
  const block = await volume.reader.read(last);
  if (!block) return "unread";
  return isAllZero(block.slice(used)) ? "zero" : "in-use";
}
