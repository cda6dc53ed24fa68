import { EngineError } from "../../errors/engine-error.ts";
import {
  bitsPerBitmapBlock,
  extentsPerInode,
  type InodeCore,
  type InodeExtent,
  inodeCore,
  judgeTrailer,
  sealBlock,
} from "../../format/core/index.ts";
import { isSharingBlock } from "../../format/regions/snap.ts";
import { mostTransactionImages } from "../../journal/transaction.ts";
import { type OwningInode, walkInodes } from "../../snapshot/inode-owners.ts";
import type { BlockRun } from "../../volume/bitmap.ts";
import type { InodeTable } from "../../volume/inode-table.ts";
import type { Volume } from "../../volume/volume.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";
import { DataBlocks } from "../data-blocks.ts";
import { type DataTrackers, findDataTrackers, followData } from "../data-trackers.ts";
import { type LinkedExtents, linkExtents } from "../file-extents.ts";
import { afterSteps, type PlanOptions, type PlanStep, singleStep } from "../operation.ts";
import { referenceText } from "./movable-end.ts";
import { type Move, Moves } from "./moves.ts";
import { type OwnerTable, readOwnerTables } from "./owner-tables.ts";
import { readReferences } from "./references.ts";

/** What the plan holds of moved content: it must be there when the volume it was planned on is closed. */
const mostHeldBytes = 536_870_912n;
/** Blocks that every transaction rewrites: both superblock groups, the directory, and the old block 0 where it must be logged. */
const groupImages = 11;

/** Blocks that go through the log together: one of inode records, or the tables whose entries own what moves. */
interface Unit {
  records: Map<bigint, { offset: number; core: InodeCore }[]>;
  tables: OwnerTable[];
  images: number;
}

/** A run that is written or freed, and with which unit. */
interface Dated {
  run: BlockRun;
  unit: number;
}

export interface ClearedEnd {
  steps: PlanStep[];
  sentences: string[];
  warnings: string[];
}

/**
 * Moves what is in use in the last `blockCount` blocks before `end` of the data region to free blocks before them, and lets every owner
 * point there: inodes live and frozen with their indirect blocks, snapshots, code modules, dictionaries. Trees and dirty bits follow. Where
 * the log does not hold it, in steps, each of which leaves a whole volume. CHANGE_NOT_POSSIBLE, SPACE_NEEDED, FILE_TOO_FRAGMENTED.
 * Conventions W13, W14, W16, W19, W23, W26.
 */
export async function clearEnd(
  volume: Volume,
  table: InodeTable,
  { dataStart, end, blockCount }: { dataStart: bigint; end: bigint; blockCount: bigint },
  options: PlanOptions,
): Promise<ClearedEnd> {
  const work = await ClearingWork.begin(volume, table, dataStart, { start: end - blockCount, end }, options);
  const steps = await work.steps();
  const moved = work.movedBlocks;
  const parts = `${work.live} ${work.live === 1 ? "inode" : "inodes"}${work.frozen > 0 ? ` and ${work.frozen} in snapshots` : ""}`;
  return {
    steps,
    warnings: await staleSharing(volume),
    sentences: [
      `Move ${moved} blocks in use out of the last ${blockCount} blocks of the data region to free blocks before them, and let ${[parts, ...work.nouns].join(", ")} point there.`,
      ...(steps.length > 1 ? [`Moving takes ${steps.length} steps; each leaves a whole volume.`] : []),
    ],
  };
}

/** A stored table of shared extents is a cache, which whoever needs it builds anew from the owners. Convention W16. */
async function staleSharing(volume: Volume): Promise<string[]> {
  const region = volume.findRegion("SNAP");
  let isStored = false;
  if (region)
    await volume.reader.walk(region.startBlock, region.startBlock + region.blockCount, (_, bytes) => {
      isStored ||= bytes !== undefined && isSharingBlock(bytes);
      return !isStored;
    });
  return isStored ? ["The stored table of shared extents names the old blocks; it is a cache, and the owners themselves count."] : [];
}

class ClearingWork {
  readonly #volume: Volume;
  readonly #options: PlanOptions;
  readonly #moves: Moves;
  readonly #blocks: DataBlocks;
  readonly #trackers: DataTrackers;
  readonly #units: Unit[] = [];
  readonly #firstUse = new Map<Move, number>();
  readonly #lastUse = new Map<Move, number>();
  /** Records inside frozen tables that move themselves, by their old block. */
  readonly #patched: Unit["records"] = new Map();
  readonly #indirect: (Dated & { image: Uint8Array })[] = [];
  readonly #givenUp = new Map<bigint, number>();
  readonly #linked = new Map<string, LinkedExtents>();
  readonly #keptIndirect = new Set<bigint>();
  live = 0;
  frozen = 0;

  private constructor(volume: Volume, options: PlanOptions, moves: Moves, blocks: DataBlocks, trackers: DataTrackers) {
    this.#volume = volume;
    this.#options = options;
    this.#moves = moves;
    this.#blocks = blocks;
    this.#trackers = trackers;
  }

  static async begin(
    volume: Volume,
    table: InodeTable,
    dataStart: bigint,
    way: { start: bigint; end: bigint },
    options: PlanOptions,
  ): Promise<ClearingWork> {
    const { signal } = options;
    const moves = new Moves(dataStart, way);
    const [named] = await readReferences(volume, way, signal);
    if (named) throw cannotMove(referenceText(named));
    const affected: OwningInode[] = [];
    const kept: bigint[] = [];
    const problem = await walkInodes(
      volume,
      table,
      (owner) => {
        const { inodeNumber, extendedAttributeBlock: block } = owner.inode;
        if (moves.touches({ startBlock: block, blockCount: 1n })) throw cannotMove(referenceText({ block, by: `inode ${inodeNumber}` }));
        const claimed = [...owner.inline, ...owner.indirect].filter((extent) => moves.claimExtent(extent)).length;
        const indirect = owner.indirectBlocks.filter((startBlock) =>
          moves.claimRun({ startBlock, blockCount: 1n }, "indirect", "a block of extents"),
        ).length;
        if (claimed + indirect > 0) affected.push(owner);
        else kept.push(...owner.indirectBlocks);
      },
      signal,
    );
    const tables = await readOwnerTables(volume, signal);
    if (problem !== undefined || typeof tables === "string") throw cannotMove(problem ?? `${tables}`);
    const touched = tables.filter(({ runs, noun }) => runs.filter((run) => moves.claimRun(run, "whole", noun)).length > 0);
    const work = new ClearingWork(
      volume,
      options,
      moves,
      await DataBlocks.of(volume, signal, way.start),
      await findDataTrackers(volume, signal),
    );
    for (const block of kept) work.#keptIndirect.add(block);
    moves.place(work.#blocks);
    if (work.movedBlocks * BigInt(volume.blockBytes) > mostHeldBytes)
      throw cannotMove(`${work.movedBlocks} blocks in use would have to move, and ${mostHeldBytes} bytes are the most at once`);
    work.#addTables(touched);
    for (const owner of affected) work.#addInode(owner);
    return work;
  }

  get movedBlocks(): bigint {
    return this.#moves.all.reduce((sum, { blockCount }) => sum + blockCount, 0n);
  }

  /** What moves besides the content of inodes. */
  get nouns(): string[] {
    const nouns = this.#moves.all.filter(({ kind, noun }) => kind === "whole" && noun !== "an encoded extent").map(({ noun }) => noun);
    return [...new Set(nouns)];
  }

  #addTables(tables: OwnerTable[]): void {
    if (tables.length === 0) return;
    const images = tables.reduce((sum, { moved }) => sum + moved(() => undefined).length, 0);
    this.#units.push({ records: new Map(), tables, images });
    for (const { runs } of tables) for (const run of runs) for (const move of this.#moves.of(run)) this.#use(move, 0);
  }

  #addInode(owner: OwningInode): void {
    if (owner.frozenIn) this.frozen++;
    else this.live++;
    const isMovedItself = owner.frozenIn !== undefined && this.#moves.touches(owner.frozenIn);
    const unit = isMovedItself ? 0 : this.#unitOf(owner.block);
    const records = isMovedItself ? this.#patched : this.#units[unit]?.records;
    const record = { offset: owner.offset, core: this.#relink(owner, unit) };
    const held = records?.get(owner.block);
    if (held) held.push(record);
    else records?.set(owner.block, [record]);
    for (const { startBlock, blockCount } of [...owner.inline, ...owner.indirect])
      for (const move of this.#moves.of({ startBlock, blockCount: BigInt(blockCount) })) this.#use(move, unit);
  }

  #unitOf(block: bigint): number {
    const last = this.#units.at(-1);
    if (last?.records.has(block)) return this.#units.length - 1;
    return this.#units.push({ records: new Map([[block, []]]), tables: [], images: 1 }) - 1;
  }

  #use(move: Move, unit: number): void {
    this.#firstUse.set(move, Math.min(this.#firstUse.get(move) ?? unit, unit));
    this.#lastUse.set(move, Math.max(this.#lastUse.get(move) ?? unit, unit));
  }

  /** The inode with its extents where they will be. Indirect blocks whose extents stay are kept; others are written anew, once for all that share them. */
  #relink(owner: OwningInode, unit: number): InodeCore {
    const { blockBytes } = this.#volume;
    const inline = this.#moves.extents(owner.inline, BigInt(blockBytes));
    const staysBehind = [...owner.indirect].every(
      (extent) => !this.#moves.touches({ startBlock: extent.startBlock, blockCount: BigInt(extent.blockCount) }),
    );
    const stands = owner.indirectBlocks.every((startBlock) => !this.#moves.touches({ startBlock, blockCount: 1n }));
    if (staysBehind && stands && inline.length <= extentsPerInode) {
      for (const block of owner.indirectBlocks) this.#keptIndirect.add(block);
      return { ...owner.inode, extentCount: inline.length, extents: padded(inline) };
    }
    const extents = [...inline, ...this.#moves.extents(owner.indirect, BigInt(blockBytes))];
    const key = extents.map(({ startBlock, blockCount, flags, logicalOffset }) => `${startBlock} ${blockCount} ${flags} ${logicalOffset}`);
    let linked = this.#linked.get(key.join());
    if (!linked) {
      linked = linkExtents(this.#blocks, extents, blockBytes, `inode ${owner.inode.inodeNumber}`);
      this.#linked.set(key.join(), linked);
      for (const { block, image } of linked.indirect) this.#indirect.push({ run: { startBlock: block, blockCount: 1n }, unit, image });
    }
    for (const block of owner.indirectBlocks) this.#givenUp.set(block, Math.max(this.#givenUp.get(block) ?? unit, unit));
    const { indirect, ...fields } = linked;
    return { ...owner.inode, ...fields };
  }

  /** The steps, each with as many units as the log holds. LOG_TOO_SMALL where one alone does not fit. */
  async steps(): Promise<PlanStep[]> {
    const { written, freed } = this.#dated();
    const log = this.#volume.log && { ...this.#volume.log.region, blockBytes: this.#volume.blockBytes };
    const most = (log ? mostTransactionImages(log) : 0) - groupImages - this.#trackers.mostBlocks;
    const steps: PlanStep[] = [];
    let first = 0;
    let images = 0;
    let pages = new Set<bigint>();
    const endStep = async (end: number) => {
      const current = steps.length === 0 ? this.#volume : await afterSteps(this.#volume, steps);
      const title = steps.length === 0 ? "Move blocks out of the way" : "Move more blocks out of the way";
      steps.push(await singleStep(current, title, this.#options, (edit) => this.#carryOut(edit, first, end)));
      first = end;
      images = 0;
      pages = new Set();
    };
    for (const [index, unit] of this.#units.entries()) {
      const added = new Set([...(written.get(index) ?? []), ...(freed.get(index) ?? [])].flatMap((run) => this.#pagesOf(run)));
      const together = pages.union(added);
      if (index > first && images + unit.images + together.size > most) await endStep(index);
      images += unit.images;
      pages = pages.union(added);
    }
    if (this.#units.length > first) await endStep(this.#units.length);
    return steps;
  }

  #pagesOf({ startBlock, blockCount }: BlockRun): bigint[] {
    const perBlock = BigInt(bitsPerBitmapBlock(this.#volume.blockBytes));
    const pages: bigint[] = [];
    for (let page = startBlock / perBlock; page * perBlock < startBlock + blockCount; page++) pages.push(page);
    return pages;
  }

  /** Runs by the unit with which they are first needed, and those by the unit with which nobody needs them any more. */
  #dated(): { written: Map<number, BlockRun[]>; freed: Map<number, BlockRun[]> } {
    const [written, freed] = [new Map<number, BlockRun[]>(), new Map<number, BlockRun[]>()];
    const add = (to: Map<number, BlockRun[]>, unit: number, runs: readonly BlockRun[]) => to.set(unit, [...(to.get(unit) ?? []), ...runs]);
    for (const move of this.#moves.all) {
      if (move.kind === "indirect") continue;
      add(written, this.#firstUse.get(move) ?? 0, move.to);
      add(freed, this.#lastUse.get(move) ?? 0, [move]);
    }
    for (const { run, unit } of this.#indirect) add(written, unit, [run]);
    for (const [startBlock, unit] of this.#givenUp)
      if (!this.#keptIndirect.has(startBlock)) add(freed, unit, [{ startBlock, blockCount: 1n }]);
    return { written, freed };
  }

  async #carryOut(edit: VolumeEdit, first: number, end: number): Promise<void> {
    const isNow = (unit: number | undefined) => unit !== undefined && unit >= first && unit < end;
    for (const move of this.#moves.all) if (move.kind !== "indirect" && isNow(this.#firstUse.get(move))) await this.#copy(edit, move);
    for (const { run, unit, image } of this.#indirect) {
      if (!isNow(unit)) continue;
      await edit.fill({ block: run.startBlock, blockCount: 1n, reason: "Write extents that moved", image: () => image });
      await edit.mark(run.startBlock, 1n, true);
    }
    for (const { records, tables } of this.#units.slice(first, end)) {
      for (const [block, changed] of records)
        await edit.seal(block, patched(await edit.block(block), changed), "INOD", `Let ${changed.length} inodes point to moved blocks`);
      for (const { region, moved } of tables)
        for (const [index, image] of moved((run) => this.#newPlace(run)).entries())
          await edit.put(region.startBlock + BigInt(index), image, `Let ${region.name} point to moved blocks`);
    }
    const { freed } = this.#dated();
    for (const [unit, runs] of freed)
      if (isNow(unit)) for (const { startBlock, blockCount } of runs) await edit.mark(startBlock, blockCount, false);
    await followData(edit, this.#trackers, this.#options.signal);
  }

  #newPlace(run: BlockRun): bigint | undefined {
    return this.#moves.touches(run) ? this.#moves.placesOf(run)[0]?.startBlock : undefined;
  }

  /** Writes what a run holds to its new place. Read now: the plan outlives the volume it was made on. Blocks that hold the same are kept once. */
  async #copy(edit: VolumeEdit, move: Move): Promise<void> {
    const held: Uint8Array[] = [];
    for (let index = 0n; index < move.blockCount; index++) {
      this.#options.signal?.throwIfAborted();
      const bytes = await this.#volume.requireBlock(move.startBlock + index, this.#options.signal);
      const changed = this.#patched.get(move.startBlock + index);
      const last = held.at(-1);
      if (changed) held.push(sealBlock(patched(bytes.slice(), changed), "INOD", (judgeTrailer(bytes).generationNumber + 1) >>> 0));
      else held.push(last && Buffer.compare(last, bytes) === 0 ? last : bytes.slice());
    }
    let done = 0;
    for (const { startBlock, blockCount } of move.to) {
      const from = done;
      done += Number(blockCount);
      const zeros = new Uint8Array(this.#volume.blockBytes);
      const image = (index: bigint) => held[from + Number(index)] ?? zeros;
      await edit.fill({ block: startBlock, blockCount, reason: `Copy from block ${move.startBlock + BigInt(from)}`, image });
      await edit.mark(startBlock, blockCount, true);
    }
  }
}

const emptyExtent: InodeExtent = { startBlock: 0n, blockCount: 0, flags: 0, logicalOffset: 0n };
const padded = (extents: readonly InodeExtent[]): InodeExtent[] => [
  ...extents,
  ...new Array<InodeExtent>(extentsPerInode - extents.length).fill(emptyExtent),
];

function patched(image: Uint8Array, records: readonly { offset: number; core: InodeCore }[]): Uint8Array {
  for (const { offset, core } of records) image.set(inodeCore.encode(core), offset);
  return image;
}

const cannotMove = (reason: string) => new EngineError("CHANGE_NOT_POSSIBLE", { change: "Where blocks in use lie", reasons: [reason] });
