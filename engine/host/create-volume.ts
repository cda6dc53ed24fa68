import { randomUUID } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { NewVolumeRequest } from "../contract/index.ts";
import {
  applyCreateVolume,
  type CreateVolumeInputs,
  type CreateVolumePlan,
  checkVolume,
  EngineError,
  type Finding,
  findProfile,
  openFileDevice,
  openVolume,
  requireModule,
} from "./engine.ts";
import type { Report } from "./task.ts";

/** Manifest, levels and block size of a profile. Undefined where there is none of that name. */
export function inputsOfProfile(name: string): Pick<CreateVolumeInputs, "manifest" | "levels" | "blockBytes"> | undefined {
  const profile = findProfile(name);
  return profile && { manifest: profile.manifest, levels: new Map(profile.levels), blockBytes: profile.blockBytes };
}

/** Manifest and levels of modules by name or abbreviation, each at level 1. MODULE_UNKNOWN, MODULE_NOT_STORABLE. */
export function inputsOfModules(names: readonly string[]): { manifest: number; levels: Map<number, number> } {
  let manifest = 0;
  const levels = new Map<number, number>();
  for (const name of names) {
    const module = requireModule(name);
    manifest = (manifest | (2 ** module.id)) >>> 0;
    levels.set(module.id, 1);
  }
  return { manifest, levels };
}

/** What a client's request asks for, with an id and a time of its own. REQUEST_INVALID for an unknown profile; what `inputsOfModules` throws. */
export function inputsOfRequest(
  { profile, modules = [], blockBytes, blocks, label = "" }: NewVolumeRequest,
  now: bigint,
): CreateVolumeInputs {
  const chosen = profile === undefined ? inputsOfModules(modules) : inputsOfProfile(profile);
  if (!chosen) throw new EngineError("REQUEST_INVALID", { call: "newVolume", problem: `there is no profile ${JSON.stringify(profile)}` });
  return { manifest: chosen.manifest, levels: chosen.levels, blockBytes, totalBlocks: blocks, label, uuid: randomUUID(), now };
}

/**
 * Makes a planned volume as a file that nobody else can have made in between, holds it against all rules, and takes it away again when that
 * fails or is cancelled. FILE_EXISTS, DEVICE_NOT_FOUND, DEVICE_ACCESS_DENIED, DEVICE_WRITE_FAILED.
 */
export async function createAtPath(
  path: string,
  plan: CreateVolumePlan,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: Report },
): Promise<{ blocksWritten: bigint; bytesWritten: bigint; findings: readonly Finding[] }> {
  await open(path, "wx").then(
    (handle) => handle.close(),
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === "EEXIST") throw new EngineError("FILE_EXISTS", { path }, { cause });
      if (cause.code === "ENOENT") throw new EngineError("DEVICE_NOT_FOUND", { path: dirname(path) }, { cause });
      throw new EngineError("DEVICE_ACCESS_DENIED", { path, writing: true }, { cause });
    },
  );
  try {
    const device = await openFileDevice(path, { writable: true });
    try {
      const blocksWritten = await applyCreateVolume(device, plan, { signal, ...(onProgress && { onProgress }) });
      const findings = await checkVolume(await openVolume(device), { signal });
      const error = findings.find(({ severity }) => severity === "error");
      if (error)
        throw new EngineError("DEVICE_WRITE_FAILED", {
          path,
          at: 0n,
          byteLength: 0,
          reason: `what was read back is not what was written: ${error.title}`,
        });
      return { blocksWritten, bytesWritten: device.bytesWritten, findings };
    } finally {
      await device.close();
    }
  } catch (error) {
    await unlink(path);
    throw error;
  }
}
