import { useCallback } from "react";
import type { ByteRange, IntegrityReport, IntegrityView, VolumeApi } from "../../engine/contract/index.ts";
import { type HostTask, useHostTask } from "./host-task.ts";
import { type Asked, useAsked } from "./region.ts";
import type { OpenVolume } from "./session.ts";

/** An integrity tree as stored, and what it covers. */
export function useIntegrity(volume: OpenVolume, slot: number): Asked<IntegrityView | undefined> {
  return useAsked(
    volume,
    useCallback((api: VolumeApi) => api.integrity(slot), [slot]),
  );
}

export const useIntegrityCheck = (volume: OpenVolume, slot: number): HostTask<IntegrityReport | undefined> =>
  useHostTask(volume, "Check integrity tree", `${slot}`, (api) => api.checkIntegrity(slot));

/** Bytes of the volume where a node stands. */
export function nodeRange({ firstByte, blockBytes, perBlock, step }: IntegrityView["nodes"], node: number): ByteRange {
  const block = Math.floor((node - 1) / perBlock);
  const start = firstByte + BigInt(block) * BigInt(blockBytes) + BigInt(((node - 1) % perBlock) * step);
  return { start, end: start + BigInt(step) };
}
