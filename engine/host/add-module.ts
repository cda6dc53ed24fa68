import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { RpcTarget } from "capnweb";
import type {
  CreatedFile,
  DrawnRegion,
  ModulePreflight,
  NewFileApi,
  NewFileView,
  PlanBlockRow,
  StrategyChoice,
  StrategyComparison,
  TaskApi,
} from "../contract/index.ts";
import type { ClientFiles } from "./client-files.ts";
import { imageArgument, overlayOption, quoted } from "./command-text.ts";
import { copyToPath } from "./copy-volume.ts";
import { dataFolder } from "./data-folder.ts";
import { diskSpeed, timeOn } from "./disk-speed.ts";
import {
  type ComparedStrategy,
  type CopyInputs,
  type CopyPlan,
  checkVolume,
  compareStrategies,
  EngineError,
  findModule,
  inodeRecordParts,
  moduleRegions,
  planCopyWithModule,
  preflight,
  readModuleFacts,
  unixMsToTicks,
  type Volume,
  type VolumeRegion,
} from "./engine.ts";
import { countFindings } from "./finding-counts.ts";
import { drawnRegion } from "./new-volume.ts";
import type { OpenSource, OpenVolume } from "./open-volume.ts";
import type { ImageSource } from "./overlays.ts";
import { TaskHost } from "./task.ts";

function requireKnown(name: string) {
  const module = findModule(name);
  if (!module) throw new EngineError("MODULE_UNKNOWN", { module: name });
  return module;
}

/** What a module needs in a volume, and each check with its result. Only reads. MODULE_UNKNOWN. */
export async function describePreflight(volume: Volume, name: string): Promise<ModulePreflight> {
  const module = requireKnown(name);
  const facts = await readModuleFacts(volume);
  const paddingBytes = typeof facts.inodes === "string" ? undefined : facts.inodes.descriptor.paddingBytes;
  return {
    needs: {
      regions: moduleRegions(module, volume.totalBlocks),
      inodeBytes: module.inodeBytes,
      ...(paddingBytes !== undefined && { paddingBytes }),
      freeSlots: facts.freeSlots,
    },
    groups: preflight(facts, module),
  };
}

/** The ways to add a module, each planned on this volume, with what they would take on the disk of the undo bundles. MODULE_UNKNOWN. */
export async function describeStrategies(volume: Volume, name: string): Promise<StrategyComparison> {
  const module = requireKnown(name);
  const [ways, disk] = await Promise.all([
    compareStrategies(volume, module, { now: unixMsToTicks(Date.now()) }),
    diskSpeed(join(dataFolder(), "undo")),
  ]);
  const { inodes } = await readModuleFacts(volume);
  return {
    ways: ways.map((way) => wayOf(way, volume.regions, disk)),
    ...(disk && { disk }),
    regions: volume.regions.map(drawnRegion),
    inodeRecord: typeof inodes === "string" ? [] : inodeRecordParts(inodes.descriptor),
  };
}

function wayOf({ regions, ...way }: ComparedStrategy, before: readonly VolumeRegion[], disk: StrategyComparison["disk"]): StrategyChoice {
  const { bytesWritten, syncs, undoBytes = 0 } = way;
  // A copy is read back whole: its figures tell the writing alone, and it is synced twice.
  const bytes = bytesWritten !== undefined ? bytesWritten + BigInt(undoBytes) : undefined;
  const isThere = (region: VolumeRegion) => before.some(({ kind, startBlock }) => kind === region.kind && startBlock === region.startBlock);
  return {
    ...way,
    milliseconds: disk && bytes !== undefined ? timeOn(disk, bytes, syncs ?? 2) : undefined,
    regions: regions?.map((region): DrawnRegion => ({ ...drawnRegion(region), isNew: !isThere(region) })),
  };
}

/** A copy with one module more that is planned: what was shown is what is made, with the same id and time. */
export class CopyHost extends RpcTarget implements NewFileApi {
  readonly #source: OpenSource;
  readonly #place: ImageSource;
  readonly #path: string;
  readonly #plan: CopyPlan;
  readonly #inputs: CopyInputs;
  readonly #now: bigint;
  readonly #blockBytes: number;
  readonly #files: ClientFiles;

  private constructor(
    opened: OpenVolume,
    place: ImageSource,
    path: string,
    plan: CopyPlan,
    inputs: CopyInputs,
    now: bigint,
    files: ClientFiles,
  ) {
    super();
    this.#source = opened.source;
    this.#place = place;
    this.#path = path;
    this.#plan = plan;
    this.#inputs = inputs;
    this.#now = now;
    this.#blockBytes = opened.stored.volume.blockBytes;
    this.#files = files;
  }

  /** What `planCopyWithModule` throws; CHANGE_NOT_POSSIBLE for a volume that is no file of this system. */
  static async plan(opened: OpenVolume, module: string, path: string, files: ClientFiles): Promise<CopyHost> {
    const { place } = opened;
    if (place === undefined)
      throw new EngineError("CHANGE_NOT_POSSIBLE", { change: "A copy", reasons: ["the bytes of this volume are the page's"] });
    const inputs = { module, uuid: randomUUID() };
    const now = unixMsToTicks(Date.now());
    return new CopyHost(opened, place, path, await planCopyWithModule(opened.stored.volume, inputs, { now }), inputs, now, files);
  }

  async view(): Promise<NewFileView> {
    const { sentences, byteLength, copiedBytes, changedBytes, freeBlocks } = this.#plan;
    const writtenBytes = copiedBytes + changedBytes;
    const name = basename(this.#path);
    return {
      name,
      folder: dirname(this.#path),
      sentences,
      rowCount: 0,
      byteLength,
      writtenBlocks: writtenBytes / BigInt(this.#blockBytes),
      writtenBytes,
      freeBlocks: freeBlocks.after,
      worstCase: "If this goes wrong in every way we know, you lose nothing: this volume is only read.",
      ifPowerFails: "The copy is written under a temporary name and gets its own when it is whole: it is there whole, or not at all.",
      undo: "This volume stays as it is. To undo it, delete the copy.",
      command: `blockscope module add ${imageArgument(this.#source)} ${this.#inputs.module} --strategy copy --to ${quoted(name)}${overlayOption(this.#source)} --yes`,
    };
  }

  async blocks(): Promise<PlanBlockRow[]> {
    return [];
  }

  async create(): Promise<TaskApi<CreatedFile>> {
    return new TaskHost(async (signal, report) => {
      const options = { now: this.#now, signal, onProgress: report };
      const { bytesWritten } = await copyToPath(this.#place, this.#path, this.#plan, this.#inputs, options);
      const opened = await this.#files.open(this.#path);
      return {
        id: opened.id,
        name: opened.source.name,
        summary: `Copied to ${opened.source.name} with ${this.#inputs.module}; every byte was read back.`,
        bytesWritten,
        freeBlocks: this.#plan.freeBlocks.after,
        findings: countFindings(await checkVolume(opened.stored.volume, { signal })),
      };
    });
  }
}
