import { equalBytes, isAllZero } from "../../base/bytes.ts";
import { maxBigint, minBigint } from "../../base/units.ts";
import { readUpTo } from "../../device/block-device.ts";
import type { CheckContext } from "../../forensics/rules/context.ts";
import { indirectionTable } from "../../format/core/index.ts";
import type { Volume } from "../../volume/volume.ts";
import type { Mending, Repair } from "./mending.ts";

const pieceBytes = 4n * 1_048_576n;
/** Devices whose length is not ours to set. */
const fixedLength = new Set(["block-device", "window", "remote"]);

/** A table of moved blocks that a cut defragmentation left behind. Operations reference 8.1, 9. */
interface Leftover {
  block: bigint;
  /** Why it cannot be taken away; undefined where every block that was moved is still whole where the tables say. */
  reason: string | undefined;
}

/**
 * Makes the file as long as the volume: cuts off zeros that lie behind it, and puts zeros where only free blocks are missing. What a cut
 * defragmentation left goes with them where nothing that it moved has lost its old place. Conventions W27; operations reference 9, 14.3.
 */
export const fileLengthRepair: Repair = {
  ids: ["file.fit", "indr.clear"],
  mend: async (mending) => {
    const { volume, findings, edit, say, warn } = mending;
    const leftovers: Leftover[] = [];
    for (const { rule, block } of findings)
      if (rule === "indr.left-behind" && block !== undefined) leftovers.push(await judgeLeftover(volume, block));
    for (const { block, reason } of leftovers) if (reason) warn(`The indirection table in block ${block} stays: ${reason}.`);
    let isChanged = false;
    const clearable = leftovers.filter(({ reason }) => reason === undefined);
    for (const { block } of clearable) {
      say(`Take the indirection table in block ${block} away: every block that it moved is whole in its old place.`);
      if (block >= volume.totalBlocks) continue;
      if (await edit.isAllocated(block)) warn(`Block ${block} stays allocated.`);
      await edit.put(block, new Uint8Array(volume.blockBytes), "Clear the indirection table");
      isChanged = true;
    }
    return (await fitFile(mending, new Set(clearable.map(({ block }) => block)))) || isChanged;
  },
};

async function judgeLeftover(volume: Volume, block: bigint): Promise<Leftover> {
  const bytes = await volume.requireBlock(block);
  const table = indirectionTable.parse(bytes);
  const problem = indirectionTable.annotate(bytes).find(({ path }) => path === "checksum" || path === "version")?.problem;
  if (problem !== undefined) return { block, reason: "it does not verify, so what was moved is not known" };
  if (table.mappingCount !== table.mappings.length)
    return {
      block,
      reason: `it counts ${table.mappingCount} moved blocks and holds ${table.mappings.length}, so what was moved is not all known`,
    };
  for (const { logicalBlock, physicalBlock } of table.mappings) {
    const [old, moved] = [await volume.reader.read(logicalBlock), await volume.reader.read(physicalBlock)];
    const same = old !== undefined && moved !== undefined && equalBytes(old, moved);
    if (!same) return { block, reason: `block ${logicalBlock} was moved to ${physicalBlock}, and its old place no longer holds the same` };
  }
  return { block, reason: undefined };
}

/** Sets the length of the file; gives whether it changes. */
async function fitFile(
  { volume, edit, findings, context, say, warn, setFileLength }: Mending,
  clearable: ReadonlySet<bigint>,
): Promise<boolean> {
  const size = BigInt(volume.blockBytes);
  const [wanted, length] = [edit.superblock.totalBlocks * size, volume.device.byteLength];
  if (wanted <= 0n || wanted === length || !(findings.some(({ rule }) => rule.startsWith("file.")) || clearable.size > 0)) return false;
  if (fixedLength.has(volume.device.kind)) {
    warn("The length stays: it is the device's own.");
    return false;
  }
  if (wanted > length) {
    const used = firstUsed(volume, context, length / size);
    if (used !== undefined) {
      warn(`The file stays cut off: block ${used} is missing and in use. Only another image tells what it held.`);
      return false;
    }
    say(`Make the file ${wanted} bytes long again: only free blocks are missing from it.`);
  } else {
    const found = await firstContent(volume, wanted, clearable);
    if (found !== undefined) {
      warn(`The file stays longer than the volume: something stands at byte ${found}, and nothing is cut off that may be wanted.`);
      return false;
    }
    say(`Cut ${length - wanted} bytes behind the volume off the file: nothing stands in them.`);
  }
  setFileLength(wanted);
  return true;
}

/** The first block from `start` on that a region has or that the bitmap has in use; undefined where all are free. */
function firstUsed({ regions, dataRegion }: Volume, { bitmap }: CheckContext, start: bigint): bigint | undefined {
  if (!bitmap || bitmap.unread.length > 0) return start;
  const used = [...regions.filter(({ slot }) => slot !== dataRegion?.slot), ...bitmap.allocatedRanges].find(
    ({ startBlock, blockCount }) => startBlock + blockCount > start,
  );
  return used && maxBigint(used.startBlock, start);
}

/** The first byte from `start` on that is not zero and not part of a block that goes; undefined where there is none. */
async function firstContent(volume: Volume, start: bigint, going: ReadonlySet<bigint>): Promise<bigint | undefined> {
  const size = BigInt(volume.blockBytes);
  for await (const extent of volume.device.extents(start, volume.device.byteLength)) {
    if (extent.hole) continue;
    for (let at = extent.start; at < extent.end; ) {
      const block = at / size;
      const end = minBigint(extent.end, going.size > 0 ? (block + 1n) * size : at + pieceBytes);
      if (!going.has(block) && !isAllZero(await readUpTo(volume.device, at, Number(end - at)))) return at;
      at = end;
    }
  }
  return undefined;
}
