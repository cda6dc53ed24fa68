import { randomUUID } from "node:crypto";
import type { Failed, QueueApplied, QueueMove, QueueView } from "../contract/index.ts";
import { applyToPath, withVolume } from "./changes.ts";
import {
  checkVolume,
  EngineError,
  type Finding,
  type Image,
  isEngineError,
  type OperationPlan,
  planQueue,
  type QueuedOperation,
  type QueuePlan,
  totalsOf,
  type Volume,
  whyOrderMatters,
} from "./engine.ts";
import { countFindings } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { titleOf } from "./operation-titles.ts";
import { planOperation } from "./operations.ts";
import { hasRoom, type QueueEntry, QueueFile } from "./queue-file.ts";
import { resumeQueue } from "./queue-resume.ts";
import type { Report } from "./task.ts";

interface Planned {
  stored: Volume;
  entries: readonly QueueEntry[];
  plan: Promise<QueuePlan>;
  findings?: Promise<readonly Finding[]>;
}

/**
 * The queue of one open volume.
 * Q1  It is kept as operations with their inputs; every plan of it is made anew, on what is stored now.
 * Q2  A change of the queue is on disk, whole, before anyone is told of it.
 * Q3  Applying makes the plans that were looked at and no others; what was made has left the file before the next one begins.
 * Q4  The file says which change is being made before a byte of it is written, so that a host that was stopped in it does not make it twice.
 */
export class VolumeQueue {
  readonly #opened: OpenVolume;
  #entries: readonly QueueEntry[] = [];
  #problem: string | undefined;
  #applying: string | undefined;
  /** Why the first change could not be made, when it was last tried. */
  #failure: { id: string; failure: Failed } | undefined;
  #planned: Planned | undefined;
  /** Changes of the queue, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(opened: OpenVolume) {
    this.#opened = opened;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** Undefined where there is no place to keep one: the volume has no path or no id. */
  get #file(): QueueFile | undefined {
    const { key, path, dataFolder } = this.#opened.source;
    const { superblock } = this.#opened.stored.volume;
    return path === undefined || dataFolder === undefined || !superblock
      ? undefined
      : new QueueFile(dataFolder, key, superblock.volumeUuid);
  }

  /** Reads what is kept for the volume that is stored now. */
  async load(): Promise<void> {
    const file = this.#file;
    const kept = await file?.read((problem) => {
      this.#problem = problem;
    });
    const { queue, note } = resumeQueue(kept ?? { entries: [] }, this.#opened.stored.volume);
    if (note !== undefined) this.#problem = note;
    if (kept && queue.making !== kept.making) await file?.write(queue);
    // The same entries stay the same array: their plans are kept by it.
    if (JSON.stringify(queue.entries) !== JSON.stringify(this.#entries)) this.#entries = queue.entries;
  }

  #change(next: (entries: readonly QueueEntry[]) => Promise<readonly QueueEntry[]> | readonly QueueEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      // Another host may have the same volume open.
      await this.load();
      await this.#keep(await next(this.#entries));
    });
  }
  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {}); // The caller of this turn hears of it.
    return turn;
  }
  /** Q2. VOLUME_READ_ONLY where there is no place to keep a queue. */
  async #keep(entries: readonly QueueEntry[]): Promise<void> {
    const file = this.#file;
    if (!file) throw new EngineError("VOLUME_READ_ONLY", { reason: this.#opened.writeState.lockedReason ?? "it has no path" });
    await file.write({ entries });
    this.#entries = entries;
    this.#problem = undefined;
    this.#opened.noteQueue();
  }

  add(operation: string, inputs: object, { now, clearSeal }: { now: bigint; clearSeal: boolean }): Promise<void> {
    return this.#change(async (entries) => {
      const { lockedReason } = this.#opened.writeState;
      if (lockedReason !== undefined) throw new EngineError("VOLUME_READ_ONLY", { reason: lockedReason });
      if (!hasRoom(entries))
        throw new EngineError("REQUEST_INVALID", { call: "add", problem: `the queue holds ${entries.length} changes` });
      const { after, outcomes } = await this.plan();
      const entry: QueueEntry = { id: randomUUID(), operation, inputs: { ...inputs }, now: `${now}`, clearSeal };
      // Behind a change that cannot be made it waits; anywhere else it is refused now rather than later.
      if (outcomes.every(({ state }) => state === "planned")) await queued(entry).plan(after, now);
      return [...entries, entry];
    });
  }

  move(id: string, to: QueueMove): Promise<void> {
    return this.#change(async (entries) => {
      const index = this.#require(id);
      const first = to === "up" ? index - 1 : index;
      const [a, b] = [entries[first], entries[first + 1]];
      if (!a || !b) throw new EngineError("REQUEST_INVALID", { call: "move", problem: "there is no neighbour to trade places with" });
      const outcome = (await this.plan()).outcomes[first];
      const reason = outcome?.state === "planned" ? await whyOrderMatters(outcome.before, queued(a), queued(b)) : undefined;
      if (reason !== undefined) throw new EngineError("QUEUE_ORDER_MATTERS", { first: first + 1, second: first + 2, reason });
      // Times stay in their places, so that a later change never has an earlier one.
      return entries.with(first, { ...b, now: a.now }).with(first + 1, { ...a, now: b.now });
    });
  }

  remove(id: string): Promise<void> {
    return this.#change((entries) => {
      this.#require(id);
      return entries.filter((entry) => entry.id !== id);
    });
  }

  clear(): Promise<void> {
    return this.#change(() => []);
  }

  /** HANDLE_UNKNOWN. */
  #require(id: string): number {
    const index = this.#entries.findIndex((entry) => entry.id === id);
    if (index < 0) throw new EngineError("HANDLE_UNKNOWN", { kind: "change of the queue", id });
    return index;
  }

  /** The queue planned on what is stored; kept until one of the two changes. */
  plan(): Promise<QueuePlan> {
    return this.#plannedNow().plan;
  }
  #plannedNow(): Planned {
    const stored = this.#opened.stored.volume;
    const held = this.#planned;
    if (held?.stored === stored && held.entries === this.#entries) return held;
    const planned: Planned = { stored, entries: this.#entries, plan: planQueue(stored, this.#entries.map(queued)) };
    planned.plan.catch(() => {
      if (this.#planned === planned) this.#planned = undefined;
    });
    this.#planned = planned;
    return planned;
  }
  async #findingsAfter(planned: Planned): Promise<readonly Finding[]> {
    planned.findings ??= planned.plan.then(({ after, before }) => (after === before ? this.#opened.storedFindings() : checkVolume(after)));
    return planned.findings;
  }

  /** The volume as the queue leaves it. */
  async image(): Promise<Image> {
    return { volume: (await this.plan()).after, remap: undefined };
  }

  async view(): Promise<QueueView> {
    const planned = this.#plannedNow();
    const plan = await planned.plan;
    const { transactions, changedBlocks, writtenBlocks, worstCase, notUndone } = totalsOf(plan);
    // An empty queue leaves what is known already, and asks for no check.
    const { findings: known } = this.#opened;
    const [before, after] =
      planned.entries.length === 0 ? [known, known] : [await this.#opened.storedFindings(), await this.#findingsAfter(planned)];
    return {
      entries: planned.entries.map((entry, index) => this.#row(entry, plan.outcomes[index])),
      figures: figuresOf(plan.before, plan.after),
      findings: { before: countFindings(before), after: countFindings(after) },
      transactions,
      changedBlocks,
      writtenBlocks,
      worstCase,
      notUndone,
      applying: this.#applying,
      problem: this.#problem,
    };
  }

  #row(entry: QueueEntry, outcome: QueuePlan["outcomes"][number] | undefined): QueueView["entries"][number] {
    const { id, operation, inputs } = entry;
    const row = { id, operation, title: titleOf(operation, inputs), changed: 0, written: 0n };
    const tried = this.#failure?.id === id ? this.#failure.failure : undefined;
    if (outcome?.state === "planned") {
      const { plan } = outcome;
      const { changedBlocks, writtenBlocks } = totalsOf({ ...outcome, outcomes: [outcome] });
      const about = { detail: plan.sentences[0], planId: plan.planId, changed: changedBlocks, written: writtenBlocks };
      return { ...row, ...about, state: "planned", ...(tried && { failure: tried }) };
    }
    if (outcome?.state === "failed") return { ...row, state: "failed", failure: { code: outcome.error.code, data: outcome.error.data } };
    return { ...row, state: "waiting" };
  }

  /** The plan of one change, the volume it is made on, and what was found there. What planning it throws. */
  async planOf(id: string): Promise<{ plan: OperationPlan; base: Volume; findings: () => Promise<readonly Finding[]> }> {
    const index = this.#require(id);
    const { outcomes } = await this.plan();
    const outcome = outcomes[index];
    if (outcome?.state === "failed") throw outcome.error;
    if (outcome?.state !== "planned")
      throw new EngineError("REQUEST_INVALID", { call: "plan", problem: "a change before it in the queue cannot be made" });
    const { plan, before } = outcome;
    return { plan, base: before, findings: async () => (index === 0 ? this.#opened.storedFindings() : checkVolume(before)) };
  }

  /** Makes the changes whose plans were shown, one after the other. See QueueApi. */
  apply(shown: readonly string[], signal: AbortSignal, report: Report): Promise<QueueApplied> {
    return this.#inTurn(() =>
      this.#opened.whileWriting(async () => {
        const applied: QueueApplied["applied"] = [];
        try {
          for (const [index, planId] of shown.entries()) {
            const entry = this.#entries[0];
            if (signal.aborted || !entry) break;
            const label = `${index + 1} of ${shown.length}: ${titleOf(entry.operation, entry.inputs)}`;
            applied.push(await this.#applyFirst(entry, { planId, index, label }, report));
          }
        } finally {
          this.#applying = undefined;
        }
        return { applied, left: this.#entries.length };
      }),
    );
  }

  async #applyFirst(
    entry: QueueEntry,
    { planId, index, label }: { planId: string; index: number; label: string },
    report: Report,
  ): Promise<QueueApplied["applied"][number]> {
    const place = this.#opened.requireWritable();
    this.#applying = entry.id;
    this.#failure = undefined;
    this.#opened.noteQueue();
    try {
      const made = await withVolume(place, async (volume) => {
        const plan = await queued(entry).plan(volume, BigInt(entry.now));
        if (plan.planId !== planId)
          throw new EngineError("QUEUE_STALE", { change: index + 1, title: titleOf(entry.operation, entry.inputs) });
        const making = { id: entry.id, sequence: `${plan.sequence}`, steps: plan.steps.length };
        await this.#file?.write({ entries: this.#entries, making }); // Q4
        return applyToPath(place, plan, {
          undoFolder: this.#opened.undoFolder,
          onProgress: (progress) => report({ ...progress, phase: `${label} · ${progress.phase}` }),
        });
      });
      this.#opened.countWritten(made.bytesWritten);
      const { operation, blocksWritten, undoBundle, summary } = made;
      await this.#keep(this.#entries.filter(({ id }) => id !== entry.id)); // Q3
      return { operation, blocksWritten, undoBundle, summary };
    } catch (error) {
      if (isEngineError(error)) this.#failure = { id: entry.id, failure: { code: error.code, data: error.data } };
      throw error;
    }
  }
}

const queued = ({ operation, inputs, now, clearSeal }: QueueEntry): QueuedOperation => ({
  now: BigInt(now),
  plan: (volume, at) => planOperation(volume, operation, inputs, { now: at, clearSeal }),
});

function figuresOf(before: Volume, after: Volume): QueueView["figures"] {
  const figure = (label: string, of: (volume: Volume) => bigint) => ({ label, before: of(before), after: of(after) });
  return [
    figure("Free blocks", ({ superblock }) => superblock?.freeBlocks ?? 0n),
    figure("Allocated blocks", ({ superblock }) => superblock?.totalAllocatedBlocks ?? 0n),
    figure("Sequence", ({ superblock }) => superblock?.checkpointSequence ?? 0n),
    figure("Blocks", ({ totalBlocks }) => totalBlocks),
    figure("Regions", ({ regions }) => BigInt(regions.length)),
  ];
}
