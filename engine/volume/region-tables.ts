import { equalBytes } from "../base/bytes.ts";
import {
  blockTrailer,
  emptySlot,
  isFreeSlot,
  judgeTrailer,
  type RegionPointer,
  type RegionTable,
  slotCount,
  tagText,
  trailerBytes,
} from "../format/core/index.ts";
import type { BlockReader } from "./block-reader.ts";
import { groupBlockHolds, type Head, regionTableOf } from "./superblock-group.ts";

/** One of the three tables, as stored. */
export interface StoredTable {
  source: "directory" | "table" | "mirror";
  block: number;
  table: RegionTable | undefined;
  /** Whether it may be believed: the directory must verify, the others may be unsealed. Convention R4. */
  holds: boolean;
}

/** A slot over which the tables that hold do not agree. */
export interface SlotDifference {
  slot: number;
  pointers: { source: StoredTable["source"]; pointer: RegionPointer; tagFound: boolean }[];
  chosen: StoredTable["source"];
}

export interface ReconciledTables {
  tables: StoredTable[];
  slots: RegionPointer[];
  /** Where the slots were taken from when nothing differs. */
  source: StoredTable["source"] | "none";
  differences: SlotDifference[];
}

export const samePointer = (a: RegionPointer, b: RegionPointer): boolean =>
  a === b || (a.regionTypeId === b.regionTypeId && a.flags === b.flags && a.startBlock === b.startBlock && a.blockCount === b.blockCount);

/** The three tables and, slot by slot, the pointer to believe. Convention R4. */
export async function reconcileTables(
  head: Head,
  reader: BlockReader,
  pendingImage: Uint8Array | undefined,
  signal?: AbortSignal,
): Promise<ReconciledTables> {
  const [first, second, third] = parseTables([8, 1, 5].map((block) => head[block]));
  const tables: StoredTable[] = [
    { source: "directory", block: 8, table: first, holds: head[8]?.trailer.verified === true },
    { source: "table", block: 1, table: second, holds: groupBlockHolds(head, 1, pendingImage) },
    { source: "mirror", block: 5, table: third, holds: groupBlockHolds(head, 5, pendingImage) },
  ];
  const believed = tables.filter((table) => table.holds && table.table);
  const usable = believed.length > 0 ? believed : tables.filter((table) => table.table);
  let isReordered: boolean | undefined;
  const differences: SlotDifference[] = [];
  const slots: RegionPointer[] = [];
  for (let slot = 0; slot < slotCount; slot++) {
    const pointers = usable.map(({ source, table }) => ({ source, pointer: table?.slots[slot] ?? emptySlot }));
    const [first] = pointers;
    if (!first) break;
    if (pointers.every(({ pointer }) => samePointer(pointer, first.pointer))) {
      slots.push(first.pointer);
      continue;
    }
    const judged = await Promise.all(
      pointers.map(async (each) => ({ ...each, tagFound: await tagFoundAtStart(each.pointer, reader, signal) })),
    );
    isReordered ??= nameSameRegions(believed.find(isFrom("directory")), believed.find(isFrom("table")));
    const chosen = (isReordered ? undefined : judged.find((each) => each.tagFound)) ?? judged[0];
    if (!chosen) break;
    slots.push(chosen.pointer);
    differences.push({ slot, pointers: judged, chosen: chosen.source });
  }
  return { tables, slots, source: usable[0]?.source ?? "none", differences };
}

/** The tables that blocks hold; the slots of those that are the same, as of all in a sound volume, are read once. */
function parseTables(blocks: readonly Head[number][]): (RegionTable | undefined)[] {
  const parsed: { payload: Uint8Array; table: RegionTable }[] = [];
  return blocks.map((found) => {
    if (!found || found.allZero) return undefined;
    const payload = found.bytes.subarray(0, -trailerBytes);
    const same = parsed.find((each) => equalBytes(each.payload, payload));
    if (same) return { ...same.table, trailer: blockTrailer.parse(found.bytes.subarray(-trailerBytes)) };
    const table = regionTableOf(found.bytes);
    parsed.push({ payload, table });
    return table;
  });
}

const isFrom =
  (source: StoredTable["source"]) =>
  (table: StoredTable): boolean =>
    table.source === source;

/** Whether two tables name the same regions, in whatever slots: the SDK's defragmenter gives them others in the directory. Operations reference 3.6, 9. */
function nameSameRegions(a: StoredTable | undefined, b: StoredTable | undefined): boolean {
  const regionsOf = ({ table }: StoredTable) =>
    (table?.slots ?? [])
      .filter((slot) => !isFreeSlot(slot))
      .map(({ regionTypeId, flags, startBlock, blockCount }) => `${regionTypeId} ${flags} ${startBlock} ${blockCount}`)
      .sort()
      .join();
  return a !== undefined && b !== undefined && regionsOf(a) === regionsOf(b);
}

async function tagFoundAtStart(pointer: RegionPointer, reader: BlockReader, signal?: AbortSignal): Promise<boolean> {
  if (isFreeSlot(pointer)) return false;
  const block = await reader.read(pointer.startBlock, signal);
  if (!block) return false;
  const trailer = judgeTrailer(block);
  return trailer.verified && trailer.tag === tagText(pointer.regionTypeId);
}
