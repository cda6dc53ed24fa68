import { checksum } from "../base/checksum.ts";
import type { MemoryDevice } from "../device/memory-device.ts";
import { leavesAt, strideFor } from "../forensics/integrity-tree.ts";
import { buildTree } from "../format/regions/merkle.ts";
import { mtrkCodec } from "../format/regions/mtrk.ts";
import { replCodec } from "../format/regions/repl.ts";
import { openVolume } from "../volume/open.ts";

/** Builds the integrity tree over a volume's data region as it is. Convention W13. */
export async function buildIntegrityTree(device: MemoryDevice): Promise<void> {
  const volume = await openVolume(device);
  const { blockBytes } = volume;
  const [tree, data] = [volume.findRegion("MTRK"), volume.dataRegion];
  if (!tree || !data) throw new TypeError("there are regions");
  const stride = strideFor(data.blockCount, tree, blockBytes);
  const leaves = await Promise.all(
    Array.from({ length: Number(leavesAt(data.blockCount, stride)) }, async (_, leaf) =>
      checksum.sha256(await volume.requireBlock(data.startBlock + BigInt(leaf) * stride)),
    ),
  );
  const nodes = buildTree(leaves);
  const content = {
    layout: "region" as const,
    generation: 1,
    leafCount: leaves.length,
    treeCapacity: nodes.length / 2,
    rootHash: nodes[1] ?? new Uint8Array(32),
    leaves,
    nodesSha256: new Uint8Array(32),
  };
  for (const [index, image] of mtrkCodec.write(content, blockBytes, { nodes }).entries())
    await device.write((tree.startBlock + BigInt(index)) * BigInt(blockBytes), image);
}

/** Lets the replication state track a volume's whole data region, with some of its blocks changed. Convention W14. */
export async function trackDataRegion(device: MemoryDevice, dirtyBlocks: number[]): Promise<void> {
  const volume = await openVolume(device);
  const { dataRegion, blockBytes } = volume;
  const state = volume.findRegion("REPL");
  if (!state || !dataRegion) throw new TypeError("there are regions");
  const tracking = {
    generation: 1,
    activeReplicaCount: 0,
    trackedBlockCount: Number(dataRegion.blockCount),
    vectors: [],
    watermarks: [],
    dirtyBlocks,
  };
  for (const [index, image] of replCodec.write(tracking, blockBytes).entries())
    await device.write((state.startBlock + BigInt(index)) * BigInt(blockBytes), image);
}
