import { viewOf } from "../base/bytes.ts";
import type { MapColouring } from "../contract/index.ts";
import { replCodec } from "../format/regions/index.ts";
import { dirtyRuns } from "../replica/dirty-runs.ts";
import { ownedBlocks } from "../snapshot/owned-blocks.ts";
import { ownedRuns } from "../snapshot/owned-runs.ts";
import { readInodeTable } from "../volume/inode-table.ts";
import { OverlayFileDevice } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { Report } from "./task.ts";

const inodeLimitBytes = 256 * 1_048_576;
const mostReasons = 4;

interface Run {
  start: bigint;
  count: bigint;
  kind: MapColouring["kinds"][number];
}

/** The blocks of a volume by who owns them, by whether replication has them as dirty, or by what was written in its overlay. */
export async function colourMap(opened: OpenVolume, by: MapColouring["by"], signal: AbortSignal, report: Report): Promise<MapColouring> {
  if (by === "overlay") return colourByOverlay(opened);
  return by === "owner" ? colourByOwner(opened, signal, report) : colourByDirt(opened);
}

function colourByOverlay({ source: { device } }: OpenVolume): MapColouring {
  if (!(device instanceof OverlayFileDevice)) return pack("overlay", ["written"], [], ["This volume is not seen through an overlay."]);
  const runs: Run[] = [];
  for (const block of [...device.file.covered(device.file.marks.length)].sort((a, b) => (a < b ? -1 : 1))) {
    const last = runs.at(-1);
    if (last && last.start + last.count === block) last.count++;
    else runs.push({ start: block, count: 1n, kind: "written" });
  }
  return pack("overlay", ["written"], runs, []);
}

/** Convention W16: owners are the live inodes and every snapshot that is no tombstone. */
async function colourByOwner({ volume }: OpenVolume, signal: AbortSignal, report: Report): Promise<MapColouring> {
  const region = volume.findRegion("INOD");
  if (!region)
    return pack("owner", ["live", "shared", "snapshots"], [], ["No table names an inode table: nobody is known to own a block."]);
  report({ phase: "Reading inodes", done: 0, unit: "entries" });
  const table = await readInodeTable(volume, region, inodeLimitBytes, signal);
  const problems = new Set<string>();
  let done = 0;
  const told = (async function* () {
    for await (const owned of ownedBlocks(volume, table, (reason) => problems.add(reason), { signal })) {
      if (++done % 4096 === 0) {
        signal.throwIfAborted();
        report({ phase: "Reading extents", done, unit: "entries" });
      }
      yield owned;
    }
  })();
  const { runs, isWhole } = await ownedRuns(told, { within: volume.totalBlocks });
  const notes = [...problems].slice(0, mostReasons).map((problem) => `Owners are missing: ${problem}.`);
  if (!isWhole) notes.push("There are more extents than are held at once: the rest is not coloured.");
  return pack(
    "owner",
    ["live", "shared", "snapshots"],
    runs.map(({ owner, ...run }) => ({ ...run, kind: owner })),
    notes,
  );
}

/** Convention W14: bit i is block `DataRegion.start + i`. */
async function colourByDirt({ volume, contents }: OpenVolume): Promise<MapColouring> {
  const region = volume.findRegion("REPL");
  const decoded = region && (await contents.decoded(region.slot, replCodec));
  const start = volume.dataRegion?.startBlock;
  if (!decoded || start === undefined) return pack("dirty", ["dirty", "clean"], [], ["This volume tracks no dirty blocks."]);
  const { dirtyBlocks, trackedBlockCount, unlistedDirtyBlocks = 0 } = decoded.content;
  const dirty = dirtyRuns(dirtyBlocks);
  const runs: Run[] = [];
  let next = 0;
  const clean = (end: number) => {
    if (end > next) runs.push({ start: start + BigInt(next), count: BigInt(end - next), kind: "clean" });
  };
  for (const [index, first] of dirty.starts.entries()) {
    const count = dirty.counts[index] ?? 0;
    clean(first);
    runs.push({ start: start + BigInt(first), count: BigInt(count), kind: "dirty" });
    next = first + count;
  }
  clean(trackedBlockCount);
  const notes =
    unlistedDirtyBlocks > 0 ? [`${unlistedDirtyBlocks} dirty blocks more are counted than are listed: they show as clean.`] : [];
  const dataBlocks = volume.dataRegion?.blockCount ?? 0n;
  // Convention W25.
  if (BigInt(trackedBlockCount) < dataBlocks) notes.push(`${trackedBlockCount} of ${dataBlocks} data blocks are tracked.`);
  return pack("dirty", ["dirty", "clean"], runs, notes);
}

function pack(by: MapColouring["by"], kinds: MapColouring["kinds"], runs: readonly Run[], notes: string[]): MapColouring {
  return {
    by,
    kinds,
    notes,
    starts: asBytes(runs, ({ start }) => start),
    counts: asBytes(runs, ({ count }) => count),
    kindOf: Uint8Array.from(runs, ({ kind }) => kinds.indexOf(kind)),
  };
}

function asBytes(runs: readonly Run[], value: (run: Run) => bigint): Uint8Array {
  const bytes = new Uint8Array(runs.length * 8);
  const view = viewOf(bytes);
  for (const [index, run] of runs.entries()) view.setBigUint64(index * 8, value(run), true);
  return bytes;
}
