import type { Struct } from "../base/struct/index.ts";
import { extendedMetadata, integrityAnchor, regionTable, superblock } from "../format/core/index.ts";
import { pendingSuperblock } from "../journal/metadata-log.ts";
import { groupBlockHolds, isPaddingClaimScratch, mirrorStart } from "../volume/superblock-group.ts";
import type { Volume } from "../volume/volume.ts";
import { type ComparedCopy, type ComparedRow, type Comparison, compareFields, type Vote } from "./compare-copies.ts";

const groupStructures = [
  { id: "superblock", title: "Superblock", structure: superblock },
  { id: "region-tables", title: "Region tables", structure: regionTable },
  { id: "extended-metadata", title: "Extended metadata", structure: extendedMetadata },
  { id: "integrity-anchor", title: "Integrity anchor", structure: integrityAnchor },
] as const;
/** The three region tables in the order in which they are trusted. Convention R4. */
const tableBlocks = [
  { block: 8, name: "Directory", source: "directory" },
  { block: 1, name: "Pointer table", source: "table" },
  { block: 5, name: "Mirror table", source: "mirror" },
] as const;

/** Every structure of the volume that is stored more than once. Conventions R3, R4. */
export function volumeComparisons(volume: Volume): Comparison[] {
  if (volume.kind === "unknown") return [];
  return groupStructures.map(({ id, title, structure }, index) =>
    id === "region-tables" ? compareTables(volume) : compareGroup(volume, { id, title, structure, index }),
  );
}

/** The rows of one of them. */
export function volumeRows(volume: Volume, comparison: Comparison): ComparedRow[] {
  return compareFields(comparison, comparison.id === "region-tables" ? (path) => tableVote(volume, path) : undefined);
}

function compareGroup(
  volume: Volume,
  { id, title, structure, index }: { id: string; title: string; structure: unknown; index: number },
): Comparison {
  const chosen = [volume.group.superblock, volume.group.pointerTable, volume.group.extendedMetadata, volume.group.integrityAnchor][index];
  const copies = [index, mirrorStart + index].map((block) =>
    copyOf(
      volume,
      block,
      block < mirrorStart ? "Primary" : "Mirror",
      structure as Struct<unknown>,
      chosen?.holds === true && chosen.block === block,
    ),
  );
  return { id, title, reference: "convention R3", copies, reason: groupReason(volume, index) };
}

function compareTables(volume: Volume): Comparison {
  const { source, tables } = volume.tables;
  const copies = tableBlocks.map(({ block, name, source: own }) =>
    copyOf(
      volume,
      block,
      name,
      regionTable as unknown as Struct<unknown>,
      own === source,
      tables.find((each) => each.source === own)?.holds,
    ),
  );
  const passed = tableBlocks
    .filter(({ source: own }) => !tables.find((each) => each.source === own)?.holds)
    .map(({ name }) => name.toLowerCase());
  const first = tableBlocks.find((each) => each.source === source)?.name.toLowerCase();
  const reason = !first
    ? "none of the three can be read"
    : `${passed.length > 0 ? `the ${passed.join(" and the ")} ${passed.length > 1 ? "do" : "does"} not hold; ` : ""}directory, block 1, block 5: the first that holds is the ${first}`;
  return { id: "region-tables", title: "Region tables", reference: "convention R4", copies, reason };
}

function copyOf(
  volume: Volume,
  block: number,
  name: string,
  structure: Struct<unknown>,
  believed: boolean,
  holds = groupBlockHolds(volume.head, block, pendingSuperblock(volume.log?.state)),
): ComparedCopy {
  const size = BigInt(volume.blockBytes);
  const start = BigInt(block) * size;
  const place = { name: `${name}, block ${block}`, start, end: start + size, believed };
  const found = volume.head[block];
  if (!found) {
    const why = BigInt(block) >= volume.fileBlocks ? "the file ends before it" : "it cannot be read";
    return { ...place, state: "missing", verdict: why, bytes: undefined, rows: [] };
  }
  const { bytes, trailer, allZero } = found;
  const rows = structure.annotate(bytes, start);
  const generation = `generation ${trailer.generationNumber}`;
  if (allZero) return { ...place, state: "blank", verdict: "all zero", bytes, rows };
  if (trailer.verified) return { ...place, state: "holds", verdict: `holds, ${generation}`, bytes, rows };
  if (trailer.zero) return { ...place, state: "unsealed", verdict: "unsealed: its trailer is all zero", bytes, rows };
  if (holds) return { ...place, state: "unsealed", verdict: "its hash fails as the SDK is known to leave it", bytes, rows };
  const scratch = block === 7 && isPaddingClaimScratch(bytes) ? "a padding claim's record stands there" : "its hash fails";
  return { ...place, state: "damaged", verdict: scratch, bytes, rows };
}

/** Why a block of the group is taken from the copy it is taken from. Convention R3. */
function groupReason(volume: Volume, index: number): string {
  const { head, group } = volume;
  const holds = (block: number): boolean => groupBlockHolds(head, block, pendingSuperblock(volume.log?.state));
  const [primary, mirror] = [holds(index), holds(mirrorStart + index)];
  if (!primary && !mirror) return "neither copy holds: no majority, shown as stored";
  if (!primary || !mirror) return `only the ${primary ? "primary" : "mirror"} holds`;
  const sequenceOf = (block: number): bigint => superblock.parse(head[block]?.bytes ?? new Uint8Array(0)).checkpointSequence;
  if (!holds(0) || !holds(mirrorStart)) return `both hold; the ${group.trusted} group is trusted: only its superblock holds`;
  const [first, second] = [sequenceOf(0), sequenceOf(mirrorStart)];
  if (first === second) return `both hold with CheckpointSequence ${first}: the primary on a tie`;
  return `both hold; CheckpointSequence ${first > second ? first : second} of the ${group.trusted} is the higher (${first} and ${second})`;
}

/** Why a slot is taken from the table it is taken from; undefined for what no choice was made over. Convention R4. */
function tableVote({ tables, head }: Volume, path: string): Vote | undefined {
  if (path === "trailer.generationNumber" && head[1]?.trailer.generationNumber === head[5]?.trailer.generationNumber)
    return { copy: undefined, reason: "the directory counts its own generations", mayDiffer: true };
  const slot = /^slots\[(\d+)\]/.exec(path)?.[1];
  const difference = slot === undefined ? undefined : tables.differences.find((each) => each.slot === Number(slot));
  if (!difference) return undefined;
  const copy = tableBlocks.findIndex(({ source }) => source === difference.chosen);
  const witness = difference.pointers.find(({ source }) => source === difference.chosen);
  const name = tableBlocks[copy]?.name.toLowerCase();
  return {
    copy,
    reason: witness?.tagFound
      ? `the block at the start that the ${name} names carries the slot's tag`
      : `no start block carries the slot's tag: the ${name} goes first`,
  };
}
