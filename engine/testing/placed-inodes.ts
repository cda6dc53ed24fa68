import type { MemoryDevice } from "../device/memory-device.ts";
import { type InodeCore, inodeCore, inodeCoreBytes, planInodeLayout, sealBlock, trailerBytes } from "../format/core/index.ts";
import { applyPlan, defineOperation } from "../operations/operation.ts";
import { openVolume } from "../volume/open.ts";
import { VolumeEdit } from "../volume/volume-edit.ts";
import { now } from "./small-volume.ts";

export interface PlacedRun {
  inode: number;
  startBlock: bigint;
  blockCount: number;
}

/** Puts inodes with one extent each into a volume: records where convention W10 puts them, the extents' blocks allocated and filled with the inode's number. */
export async function placeInodes(device: MemoryDevice, runs: readonly PlacedRun[]): Promise<void> {
  const place = defineOperation("test.place", async (volume) => {
    const edit = await VolumeEdit.begin(volume);
    const region = volume.findRegion("INOD");
    if (!region) throw new TypeError("there is an inode table");
    const { inodeSize, paddingBytes } = planInodeLayout(volume.superblock?.moduleManifest ?? 0);
    const perBlock = Math.floor((volume.blockBytes - trailerBytes) / inodeSize);
    const blocks = new Map<bigint, Uint8Array>();
    for (const { inode, startBlock, blockCount } of runs) {
      const block = region.startBlock + 1n + BigInt(Math.floor((inode - 1) / perBlock));
      const image = blocks.get(block) ?? (await edit.block(block));
      const at = ((inode - 1) % perBlock) * inodeSize;
      image.set(inodeCore.encode(coreOf(inode, startBlock, blockCount, volume.blockBytes)), at);
      image.fill(inode & 0xff, at + inodeCoreBytes, at + inodeSize - paddingBytes);
      blocks.set(block, image);
      await edit.fill({
        block: startBlock,
        blockCount: BigInt(blockCount),
        reason: "Fill",
        image: () => new Uint8Array(volume.blockBytes).fill(inode),
      });
      await edit.mark(startBlock, BigInt(blockCount), true);
    }
    for (const [block, image] of blocks) await edit.put(block, sealBlock(image, "INOD", 1), "Write inodes");
    return { sentences: [], steps: [{ title: "Place inodes", changes: await edit.finish({ now }) }], warnings: [], worstCase: "" };
  });
  await applyPlan(device, await place.plan(await openVolume(device), {}, { now }));
}

function coreOf(inode: number, startBlock: bigint, blockCount: number, blockBytes: number): InodeCore {
  const bytes = BigInt(blockCount * blockBytes);
  const empty = inodeCore.parse(new Uint8Array(inodeCoreBytes));
  const [first = { startBlock, blockCount, flags: 0, logicalOffset: 0n }, ...rest] = empty.extents;
  return {
    ...empty,
    inodeNumber: BigInt(inode),
    linkCount: 1,
    size: bytes,
    allocatedSize: bytes,
    createdUtc: now,
    modifiedUtc: now,
    accessedUtc: now,
    changedUtc: now,
    extentCount: 1,
    extents: [{ ...first, startBlock, blockCount }, ...rest],
  };
}
