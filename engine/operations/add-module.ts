import type { Json } from "../base/json.ts";
import { EngineError } from "../errors/engine-error.ts";
import {
  activeFlag,
  findModule,
  firstUnstorableModule,
  inodeLayoutDescriptor,
  isFreeSlot,
  type ModuleDefinition,
  moduleConfigs,
  moduleLevel,
  planInodeLayout,
  regionKind,
  tagNumber,
} from "../format/core/index.ts";
import { addedRegionBlocks } from "../volume/layout-plan.ts";
import type { Volume } from "../volume/volume.ts";
import type { VolumeEdit } from "../volume/volume-edit.ts";
import { resizeDataRegion } from "./modules/data-end.ts";
import { type ModuleFacts, readModuleFacts } from "./modules/facts.ts";
import { freshRegionImages } from "./modules/fresh-region.ts";
import { migrateInodes, migrationSize } from "./modules/inode-migration.ts";
import {
  claimedLayout,
  manifestWith,
  reasonsAgainst,
  reasonsInPlace,
  recommendedStrategy,
  regionBlocksNeeded,
  type Strategy,
} from "./modules/preflight.ts";
import { type ClearedEnd, clearEnd } from "./moving/clear-end.ts";
import { afterSteps, defineOperation, type PlanDraft, type PlanOptions, singleStep } from "./operation.ts";
import { whollyRead } from "./wholly-read.ts";

export interface AddModuleInputs {
  /** Name or abbreviation, in any case. */
  module: string;
  /** The recommended one unless told. A copy is no change to this volume, and is made another way. */
  strategy?: Exclude<Strategy, "copy"> | undefined;
}

/** The module of a name. MODULE_UNKNOWN, MODULE_NOT_STORABLE. */
export function requireModule(name: string): ModuleDefinition {
  const module = findModule(name);
  if (!module) throw new EngineError("MODULE_UNKNOWN", { module: name });
  if (module.id >= firstUnstorableModule) throw new EngineError("MODULE_NOT_STORABLE", { module: module.name, id: module.id });
  return module;
}

/**
 * Adds a module where the volume is: its regions cut from the far end of the data region, its field in every inode, manifest, level and
 * counters, all in one transaction. MODULE_UNKNOWN, MODULE_NOT_STORABLE, MODULE_NOT_ADDABLE with every reason, LOG_TOO_SMALL.
 * Operations reference 3.7, 5.6; conventions W4, W6, W11, W23, W24.
 */
export const addModule = defineOperation("module.add", (volume, inputs: AddModuleInputs, options) =>
  draftAddition(volume, inputs, options),
);

async function draftAddition(volume: Volume, inputs: AddModuleInputs, options: PlanOptions, isWhole = false): Promise<PlanDraft> {
  const module = requireModule(inputs.module);
  const facts = await readModuleFacts(volume, options.signal);
  const strategy = chooseStrategy(facts, module, inputs.strategy);
  const taken = blocksTaken(facts, module, strategy);
  // Who owns what is in the way must be known for certain: nothing may be planned around a read that failed.
  if (mustClear(facts, taken) && !isWhole) return whollyRead(volume, options, (watched) => draftAddition(watched, inputs, options, true));
  const cleared = await clearWay(facts, taken, options);
  const current = cleared.steps.length > 0 ? await afterSteps(volume, cleared.steps) : volume;
  const now = current === volume ? facts : await readModuleFacts(current, options.signal);
  const sentences = [...cleared.sentences, `Add ${module.name}.`];
  const warnings = [...cleared.warnings];
  const step = await singleStep(current, `Add ${module.name}`, options, async (edit) => {
    const cut = await cutRegions(edit, now, taken);
    warnings.push(...cut.warnings);
    sentences.push(...(await addRegions(edit, module, cut.regionsAt, options.now)));
    if (module.inodeBytes > 0) sentences.push(...(await changeLayout(edit, now, module, strategy, cut)));
    activate(edit, module);
  });
  const steps = [...cleared.steps, step];
  const logged = steps.reduce((sum, { changes }) => sum + changes.images.length, 0);
  return {
    describedInputs: { module: module.name, strategy } as Json,
    sentences,
    steps,
    warnings,
    worstCase: `If this goes wrong in every way we know, you lose nothing: undo restores ${logged} blocks.`,
  };
}

function chooseStrategy(facts: ModuleFacts, module: ModuleDefinition, wanted: AddModuleInputs["strategy"]): Strategy {
  const strategy = wanted ?? recommendedStrategy(facts, module);
  const reasons = strategy === undefined ? reasonsInPlace(facts, module) : reasonsAgainst(facts, module, strategy);
  if (strategy === undefined || reasons.length > 0)
    throw new EngineError("MODULE_NOT_ADDABLE", { module: module.name, strategy: wanted ?? "", reasons });
  return strategy;
}

/** Blocks that are cut from the end of the data region. */
interface Taken {
  regionBlocks: bigint;
  /** Those of a rewritten inode table. */
  tableBlocks: bigint;
}

/** What a module takes. Where blocks in the way move first, what counts as free for a longer inode table is free anywhere in the data region. */
function blocksTaken(facts: ModuleFacts, module: ModuleDefinition, strategy: Strategy): Taken {
  const { end, volume } = facts;
  const regionBlocks = regionBlocksNeeded(module, volume.totalBlocks);
  if (strategy !== "migrate") return { regionBlocks, tableBlocks: 0n };
  const manifest = manifestWith(facts.manifest, module);
  const { tableBlocks, fewestBlocks } = migrationSize(facts, manifest, regionBlocks);
  if (!end?.movable || tableBlocks > fewestBlocks || regionBlocks + tableBlocks <= end.free) return { regionBlocks, tableBlocks };
  const longer = migrationSize({ ...facts, end: { ...end, free: end.movable.freeBlocks } }, manifest, regionBlocks).tableBlocks;
  return { regionBlocks, tableBlocks: end.movable.reasonAgainst(regionBlocks + longer) === undefined ? longer : tableBlocks };
}

const mustClear = ({ end }: ModuleFacts, { regionBlocks, tableBlocks }: Taken): boolean =>
  end !== undefined && regionBlocks + tableBlocks > end.free;

/** Moves what is in use where the module's blocks go, before anything else. Convention W23. */
async function clearWay(facts: ModuleFacts, taken: Taken, options: PlanOptions): Promise<ClearedEnd> {
  const { end, inodes, volume } = facts;
  if (!end || !mustClear(facts, taken) || typeof inodes === "string") return { steps: [], sentences: [], warnings: [] };
  const blockCount = taken.regionBlocks + taken.tableBlocks;
  return clearEnd(volume, inodes.table, { dataStart: end.data.startBlock, end: end.end, blockCount }, options);
}

interface Cut {
  /** Where the rewritten inode table goes. */
  startBlock: bigint;
  tableBlocks: bigint;
  regionsAt: bigint;
  warnings: string[];
}

/** Shortens the data region by what the module's regions and a rewritten inode table take. Convention W23. */
async function cutRegions(edit: VolumeEdit, { end }: ModuleFacts, { regionBlocks, tableBlocks }: Taken): Promise<Cut> {
  if (regionBlocks + tableBlocks === 0n) return { startBlock: 0n, tableBlocks, regionsAt: 0n, warnings: [] };
  if (!end) throw new TypeError("the pre-flight looks for the data region");
  const startBlock = end.end - regionBlocks - tableBlocks;
  const warnings = await resizeDataRegion(edit, startBlock - end.data.startBlock);
  return { startBlock, tableBlocks, regionsAt: startBlock + tableBlocks, warnings };
}

/** Puts a module's regions one behind the other in the creator's order, and formats them. */
async function addRegions(edit: VolumeEdit, module: ModuleDefinition, regionsAt: bigint, now: bigint): Promise<string[]> {
  const { blockBytes, totalBlocks } = edit.volume;
  const blockCount = addedRegionBlocks(totalBlocks, module);
  const sentences: string[] = [];
  for (const [index, name] of module.regionNames.entries()) {
    const kind = regionKind(name);
    const startBlock = regionsAt + BigInt(index) * blockCount;
    edit.slots[edit.slots.findIndex(isFreeSlot)] = {
      regionTypeId: tagNumber(kind),
      flags: activeFlag,
      startBlock,
      blockCount,
      usedBlocks: 0n,
    };
    await edit.fill({
      block: startBlock,
      blockCount,
      reason: `Format ${name}`,
      image: freshRegionImages({ kind, blockCount, blockBytes, now }),
    });
    await edit.mark(startBlock, blockCount, true);
    sentences.push(`Cut ${blockCount} blocks from the end of the data region, from block ${startBlock} on, for ${name} (${kind}).`);
  }
  return sentences;
}

/** Gives every inode the module's field: out of its padding, of which only the descriptor tells, or in a rewritten table. */
async function changeLayout(
  edit: VolumeEdit,
  facts: ModuleFacts,
  module: ModuleDefinition,
  strategy: Strategy,
  cut: Cut,
): Promise<string[]> {
  const { inodes, manifest } = facts;
  if (typeof inodes === "string") throw new TypeError("the pre-flight looks at the inode table");
  if (strategy === "migrate") return migrateInodes(edit, inodes, planInodeLayout(manifestWith(manifest, module)), cut);
  const { region, descriptor } = inodes;
  const layout = claimedLayout(descriptor, module);
  const image = await edit.block(region.startBlock);
  image.set(inodeLayoutDescriptor.encode(layout));
  await edit.seal(region.startBlock, image, "INOD", "Write the inode layout descriptor");
  const from = descriptor.inodeSize - descriptor.paddingBytes;
  return [`Claim ${module.inodeBytes} bytes of padding in every inode, from byte ${from} on; ${layout.paddingBytes} remain.`];
}

/** Sets the manifest bit, and the level to 1 where it is 0. Operations reference 3.7, 4.4. */
function activate(edit: VolumeEdit, module: ModuleDefinition): void {
  const { moduleManifest, moduleConfig, moduleConfigExt } = edit.superblock;
  const levels = new Map<number, number>();
  for (let id = 0; id < firstUnstorableModule; id++) levels.set(id, moduleLevel(moduleConfig, moduleConfigExt, id));
  if (levels.get(module.id) === 0) levels.set(module.id, 1);
  Object.assign(edit.superblock, moduleConfigs(levels), { moduleManifest: manifestWith(moduleManifest, module) });
}
