import { RpcTarget } from "capnweb";
import {
  type AppliedView,
  type BlockChange,
  type FindingTotals,
  type PlanApi,
  type PlanBlockRow,
  type PlanView,
  planRowsRequest,
  slotRequest,
  type TaskApi,
} from "../contract/index.ts";
import { applyToPath } from "./changes.ts";
import { imageArgument, overlayOption, quoted } from "./command-text.ts";
import {
  checkVolume,
  describePlan,
  EngineError,
  type Finding,
  hashOfRun,
  nameBlock,
  type OperationPlan,
  previewVolume,
  sha256Text,
  structureOf,
  type Volume,
} from "./engine.ts";
import { countFindings } from "./finding-counts.ts";
import { diffImages } from "./image-diff.ts";
import type { OpenVolume } from "./open-volume.ts";
import { parse } from "./requests.ts";
import { TaskHost } from "./task.ts";

/** What a plan was made on, where that is not the volume as it is stored. */
interface PlanContext {
  base: Volume;
  /** What is found in it before the change. */
  findings: () => Promise<readonly Finding[]>;
  /** Whether it waits in the queue and is applied with that. */
  isQueued?: boolean;
  /** Gives back what it was made from, once nobody looks at it. */
  close?: () => Promise<void>;
}

type Row = { kind: "image"; step: number; index: number } | { kind: "fresh"; step: number; index: number };

/** A client's handle on one plan. The plan itself stays here: what was shown is what can be applied. */
export class PlanHost extends RpcTarget implements PlanApi {
  readonly #opened: OpenVolume;
  readonly #plan: OperationPlan;
  readonly #rows: Row[];
  readonly #about: PlanContext;
  #applied: Promise<unknown> = Promise.resolve();
  #preview: Promise<Volume> | undefined;

  constructor(opened: OpenVolume, plan: OperationPlan, about: Partial<PlanContext> = {}) {
    super();
    this.#opened = opened;
    this.#plan = plan;
    this.#about = { base: opened.stored.volume, findings: () => opened.storedFindings(), ...about };
    this.#rows = plan.steps.flatMap(({ changes }, step): Row[] => [
      ...changes.fresh.map((_, index): Row => ({ kind: "fresh", step, index })),
      ...changes.images.map((_, index): Row => ({ kind: "image", step, index })),
    ]);
  }

  /** The volume as it would be. */
  #after(): Promise<Volume> {
    this.#preview ??= previewVolume(this.#about.base, this.#plan);
    return this.#preview;
  }

  async view(): Promise<PlanView> {
    const { operation, planId, sentences, steps, freeBlocks, warnings, worstCase, notUndone } = this.#plan;
    const written = (step: OperationPlan["steps"][number]) => step.changes.fresh.reduce((sum, run) => sum + run.blockCount, 0n);
    return {
      operation,
      planId,
      sentences,
      steps: steps.map((step) => ({ title: step.title, changed: step.changes.images.length, written: written(step) })),
      rowCount: this.#rows.length,
      changedBlocks: steps.reduce((sum, { changes }) => sum + changes.images.length, 0),
      writtenBlocks: steps.reduce((sum, step) => sum + written(step), 0n),
      freeBlocks,
      warnings,
      worstCase,
      notUndone,
      findings: { before: countFindings(await this.#about.findings()), after: await this.#findingsAfter() },
      command: commandOf(this.#opened, this.#plan),
    };
  }

  async #findingsAfter(): Promise<FindingTotals> {
    return countFindings(await checkVolume(await this.#after()));
  }

  async blocks(start: number, count: number): Promise<PlanBlockRow[]> {
    const asked = parse(planRowsRequest, "blocks", { start, count });
    return Promise.all(this.#rows.slice(asked.start, asked.start + asked.count).map((row) => this.#describe(row)));
  }

  async #describe({ kind, step, index }: Row): Promise<PlanBlockRow> {
    const after = await this.#after();
    const size = BigInt(after.blockBytes);
    const { changes } = this.#plan.steps[step] ?? { changes: undefined };
    if (kind === "fresh") {
      const run = changes?.fresh[index];
      if (!run) throw new TypeError("a row of the plan has no run");
      return {
        block: run.block,
        blockCount: run.blockCount,
        structure: after.regionOf(run.block)?.name ?? "data",
        reason: run.reason,
        after: short(await hashOfRun(run, Number(size))),
        range: { start: run.block * size, end: (run.block + run.blockCount) * size },
      };
    }
    const image = changes?.images[index];
    if (!image) throw new TypeError("a row of the plan has no image");
    return {
      block: image.block,
      blockCount: 1n,
      structure: nameBlock(after, after.judge(image.block, image.after)),
      reason: image.reason,
      before: short(sha256Text(image.before)),
      after: short(sha256Text(image.after)),
      range: { start: image.block * size, end: (image.block + 1n) * size },
    };
  }

  async change(row: number): Promise<BlockChange> {
    const chosen = this.#rows[parse(slotRequest, "change", row)];
    if (!chosen) throw new EngineError("REQUEST_INVALID", { call: "change", problem: "there is no such row" });
    const after = await this.#after();
    const { changes } = this.#plan.steps[chosen.step] ?? { changes: undefined };
    const image = chosen.kind === "image" ? changes?.images[chosen.index] : undefined;
    const run = chosen.kind === "fresh" ? changes?.fresh[chosen.index] : undefined;
    const block = image?.block ?? run?.block ?? 0n;
    const bytes = image?.after ?? (await run?.image(0n)) ?? new Uint8Array(after.blockBytes);
    const before = image?.before ?? new Uint8Array(after.blockBytes);
    const structure = structureOf(after, block, bytes);
    return { block, structure: structure.name, ...diffImages(structure, before, bytes, block * BigInt(after.blockBytes)) };
  }

  async json(): Promise<string> {
    const { path: image, overlay } = this.#opened.place ?? {};
    return JSON.stringify({ ...((await describePlan(this.#plan)) as object), image, overlay }, null, 2);
  }

  async apply(): Promise<TaskApi<AppliedView>> {
    const opened = this.#opened;
    if (this.#about.isQueued)
      throw new EngineError("REQUEST_INVALID", { call: "apply", problem: "the change waits in the queue, which is applied in its order" });
    const place = opened.requireWritable();
    const task = new TaskHost((signal, report) =>
      opened.whileWriting(async () => {
        const { undoFolder } = opened;
        const applied = await applyToPath(place, this.#plan, { undoFolder, signal, onProgress: report });
        const { operation, blocksWritten, bytesWritten, undoBundle, summary } = applied;
        opened.countWritten(bytesWritten);
        return { operation, blocksWritten, undoBundle, summary };
      }),
    );
    this.#applied = task.result();
    return task;
  }

  /** The client has let go of it. What is being applied still needs what it was made from. */
  [Symbol.dispose](): void {
    const close = () => this.#about.close?.();
    this.#applied.then(close, close);
  }
}

const short = (hash: string): string => hash.slice(0, 8);

/** The command that plans the same; inputs that no option carries are left to an exported plan. */
function commandOf({ source }: OpenVolume, { operation, inputs }: OperationPlan): string {
  const given = inputs as { [key: string]: unknown };
  if (operation === "overlay-commit") return `blockscope overlay commit ${quoted(given.overlay)}`;
  return `${commandOn(imageArgument(source), operation, given)}${overlayOption(source)}`;
}

function commandOn(image: string, operation: string, given: { [key: string]: unknown }): string {
  if (operation === "label") return `blockscope label ${image} ${quoted(given.label)}`;
  if (operation === "config")
    return `blockscope config ${image} ${Object.entries((given.levels ?? {}) as object)
      .map(([module, level]) => `${module}=${level}`)
      .join(" ")}`;
  if (operation === "repair" || operation === "repair-from") {
    const rules = Array.isArray(given.rules) ? given.rules.map((rule) => ` --rule ${rule}`).join("") : "";
    return `blockscope repair ${image}${given.from ? ` --from ${quoted(given.from)}` : ""}${given.risk ? ` --risk ${given.risk}` : ""}${rules}`;
  }
  if (operation === "module.add")
    return `blockscope module add ${image} ${given.module ?? given.name ?? ""}${given.strategy ? ` --strategy ${given.strategy}` : ""}`;
  if (operation === "resize") return `blockscope resize ${image} --blocks ${given.blocks ?? ""}`;
  if (operation === "import" && Array.isArray(given.paths))
    return `blockscope import ${image} ${given.paths.map(quoted).join(" ")} --to ${quoted(given.to)}`;
  return "blockscope apply PLAN.json";
}
