import { isAllZero, viewOf } from "../../base/bytes.ts";
import { defineRule } from "../../findings/registry.ts";
import { emergencyRecoveryBlock, inodeLayoutDescriptor, judgeTrailer, tagText } from "../../format/core/index.ts";
import { isPaddingClaimScratch } from "../../volume/superblock-group.ts";
import type { RuleSet } from "./context.ts";

const scratch = defineRule<{ target: number; marker: number }>({
  id: "claim.scratch-block",
  severity: "error",
  confidence: "certain",
  reference: "core reference 8.2, operations reference 15.3",
  states: "Block 7 is the mirror of the integrity anchor.",
  title: ({ target, marker }) =>
    `Block 7 is the scratch record of a padding claim (target ${target}, ${marker === 2 ? "committed" : "pending"})`,
  explanation: ({ target }) =>
    `The SDK's padding claim saved the old block ${target} here. Block 7 is destroyed, and the record's last nine bytes overwrote the start of slot 0 in block 8.`,
  repair: { id: "claim.restore-blocks", risk: "safe" },
});
const descriptorInBlock2 = defineRule<{ inodeSize: number }>({
  id: "claim.descriptor-in-block-2",
  severity: "error",
  confidence: "certain",
  reference: "core reference 8.2, operations reference 5",
  states: "Block 2 is the extended metadata.",
  title: () => "Block 2 begins with an inode layout descriptor",
  explanation: ({ inodeSize }) =>
    `The SDK's padding claim writes the new descriptor (inodes of ${inodeSize} bytes) over block 2 and zeroes the rest, instead of the inode table's first block.`,
  repair: { id: "claim.restore-blocks", risk: "safe" },
});
const recoveryOverHeader = defineRule<{ volumeUuid: string }>({
  id: "rd.emergency-recovery-block",
  severity: "error",
  confidence: "certain",
  reference: "core reference 7.2",
  states: "Block 9 is the directory's header.",
  title: () => "An emergency recovery block stands over the directory's header",
  explanation: ({ volumeUuid }) =>
    `Block 9 begins "ERCV" for volume ${volumeUuid}. The SDK's validator still says yes, and its directory reader throws "version 21061".`,
  repair: { id: "rd.rewrite", risk: "advisory" },
});
const recoveryInBlock14 = defineRule<{ region: string }>({
  id: "rcvr.in-region",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 7.3",
  states: "Block 14 belongs to its region.",
  title: ({ region }) => `Block 14 is an emergency recovery block inside ${region}`,
  explanation: ({ region }) => `The SDK's newer recovery block is always written to block 14, whatever region that is: here ${region}.`,
});
const footer = defineRule<{ block: bigint }>({
  id: "footer.in-data",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 7.4",
  states: "The last block of the file belongs to its region.",
  title: () => "The last block is a recovery footer",
  explanation: ({ block }) =>
    `Block ${block} holds a copy of the superblock. The bitmap does not reserve it, so an allocator may overwrite it.`,
});
const migration = defineRule<{ block: bigint; inOldTable: boolean }>({
  id: "mchk.left-behind",
  severity: "error",
  confidence: "certain",
  reference: "core reference 7.6",
  states: "No migration checkpoint stands in the inode table.",
  title: ({ block }) => `An inode migration was interrupted: checkpoint in block ${block}`,
  explanation: ({ block }) => `Block ${block}, the last of an inode table, holds a migration checkpoint. It overwrote what stood there.`,
  repair: { id: "mchk.clear", risk: "advisory" },
});
const defragmentation = defineRule<{ block: bigint }>({
  id: "indr.left-behind",
  severity: "error",
  confidence: "certain",
  reference: "core reference 7, operations reference 8",
  states: "No indirection table is left.",
  title: ({ block }) => `A defragmentation was interrupted: indirection table in block ${block}`,
  explanation: ({ block }) => `Block ${block} holds an INDR table. The defragmenter zeroes it when it is done.`,
  repair: { id: "indr.clear", risk: "advisory" },
});
const sentinels = defineRule<{ block: bigint }>({
  id: "trlr.uncounted",
  severity: "error",
  confidence: "certain",
  reference: "core reference 8.1, 7.5",
  states: "No trailer blocks are mixed into the data region.",
  title: () => "TRLR blocks stand in the data region",
  explanation: ({ block }) =>
    `The first is block ${block}. The portable exporter inserts one after every 256 data blocks and counts it nowhere: every extent behind it is one block too low per such block.`,
});
const sentinelDamaged = defineRule<{ block: bigint }>({
  id: "trlr.mismatch",
  severity: "error",
  confidence: "certain",
  reference: "core reference 7.5",
  states: "A TRLR block verifies.",
  title: ({ block }) => `TRLR block ${block} does not verify`,
  explanation: ({ block }) =>
    `Block ${block} is tagged TRLR and its hash does not match, so its records of data blocks cannot be believed.`,
});

const letters = (bytes: Uint8Array | undefined, count: number): string => new TextDecoder("latin1").decode(bytes?.subarray(0, count));

/** What interrupted or careless operations of the SDK leave at fixed places. */
export const leftoverRules: RuleSet = async ({ volume, report, signal }) => {
  const [block2, block7, block9] = [volume.head[2]?.bytes, volume.head[7]?.bytes, volume.head[9]?.bytes];
  if (block7 && isPaddingClaimScratch(block7)) {
    report(scratch({ target: viewOf(block7).getInt32(0, true), marker: viewOf(block7).getUint8(8) }, { block: 7n }));
  }
  if (block2 && !volume.head[2]?.trailer.verified && !isAllZero(block2)) {
    const descriptor = inodeLayoutDescriptor.parse(block2);
    if (descriptor.coreFieldsEnd === 304 && descriptor.inodeSize % 64 === 0 && descriptor.inodeSize >= 320)
      report(descriptorInBlock2({ inodeSize: descriptor.inodeSize }, { block: 2n }));
  }
  if (block9 && letters(block9, 4) === "ERCV")
    report(recoveryOverHeader({ volumeUuid: emergencyRecoveryBlock.parse(block9).volumeUuid }, { block: 9n }));
  const block14 = await volume.reader.read(14n, signal);
  if (letters(block14, 8) === "RVCRDVWD")
    report(recoveryInBlock14({ region: volume.regionOf(14n)?.name ?? "no region" }, { block: 14n, region: volume.regionOf(14n)?.tag }));
  const last = volume.fileBlocks - 1n;
  const lastBytes = last > 9n ? await volume.reader.read(last, signal) : undefined;
  if (lastBytes && letters(lastBytes, 4) === "DWVD" && judgeTrailer(lastBytes).tag === "SUPB")
    report(footer({ block: last }, { block: last }));

  const tables = new Set<bigint>();
  for (const { table } of volume.tables.tables) {
    for (const slot of table?.slots ?? [])
      if (tagText(slot.regionTypeId) === "INOD" && slot.blockCount > 0n) tables.add(slot.startBlock + slot.blockCount - 1n);
  }
  for (const block of tables) {
    const bytes = await volume.reader.read(block, signal);
    if (bytes && judgeTrailer(bytes).tag === "MCHK") report(migration({ block, inOldTable: false }, { region: "INOD", block }));
  }
  const ends = new Set([volume.totalBlocks, ...volume.regions.map((region) => region.startBlock + region.blockCount)]);
  for (const block of ends) {
    const bytes = block > 9n && block < volume.fileBlocks ? await volume.reader.read(block, signal) : undefined;
    if (letters(bytes, 4) === "INDR") report(defragmentation({ block }, { block }));
  }
  await judgeSentinels({ volume, report, signal });
};

/** Looks at every 256th block of the device and every 257th of the data region, a bounded number of them. Core reference 7.5 has the strides. */
async function judgeSentinels({ volume, report, signal }: Pick<Parameters<RuleSet>[0], "volume" | "report" | "signal">): Promise<void> {
  const region = volume.dataRegion;
  if (!region) return;
  let first: bigint | undefined;
  for (let index = 1n; index <= 256n; index++) {
    for (const block of [256n * index - 1n, region.startBlock + 256n * index - 1n, region.startBlock + 257n * index - 1n]) {
      if (block < region.startBlock || block >= volume.fileBlocks) continue;
      const bytes = await volume.reader.read(block, signal);
      const trailer = bytes && judgeTrailer(bytes);
      if (trailer?.tag !== "TRLR") continue;
      if (!trailer.verified) report(sentinelDamaged({ block }, { region: "DATA", slot: region.slot, block }));
      else if (block === region.startBlock + 257n * index - 1n) first ??= block;
    }
  }
  if (first !== undefined) report(sentinels({ block: first }, { region: "DATA", slot: region.slot, block: first }));
}
