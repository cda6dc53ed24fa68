import { useCallback } from "react";
import type { InodeContent, InodeView, VolumeApi } from "../../engine/contract/index.ts";
import { type Asked, useAsked } from "./region.ts";
import { select } from "./selection.ts";
import type { OpenVolume } from "./session.ts";
import { runTask } from "./tasks.ts";

/** The inode whose record a byte lies in. */
export function useInodeAt(volume: OpenVolume, slot: number, at: bigint | undefined): Asked<InodeView | undefined> {
  const question = useCallback((api: VolumeApi) => api.inodeAt(slot, at ?? 0n), [slot, at]);
  return useAsked(volume, at === undefined ? undefined : question);
}

/** 64 KiB of an inode's content from `start`. */
export function useInodeContent(volume: OpenVolume, slot: number, index: number, start: bigint): Asked<InodeContent> {
  return useAsked(
    volume,
    useCallback((api: VolumeApi) => api.inodeContent(slot, index, start), [slot, index, start]),
  );
}

/** Selects the record of the inode of a number. */
export async function selectInode(volume: OpenVolume, inodeNumber: bigint): Promise<void> {
  const place = await runTask("Locate", () => volume.api.locate(`inode ${inodeNumber}`));
  if (place) select({ volumeId: volume.id, range: place.range });
}
