import {
  firstUnstorableModule,
  hasModule,
  type InodeLayoutDescriptor,
  type ModuleDefinition,
  modules,
  planInodeLayout,
  regionKind,
  trailerBytes,
} from "../../format/core/index.ts";
import { addedRegionBlocks } from "../../volume/layout-plan.ts";
import type { ModuleFacts } from "./facts.ts";
import { migrationSize } from "./inode-migration.ts";

/** Ways to add a module to a volume. Operations reference 4.1. */
export const strategies = ["region", "padding", "migrate", "copy"] as const;
export type Strategy = (typeof strategies)[number];

/** Blocks that a module's regions take in a volume. Operations reference 3.1. */
export const regionBlocksNeeded = (module: ModuleDefinition, totalBlocks: bigint): bigint =>
  BigInt(module.regionNames.length) * addedRegionBlocks(totalBlocks, module);

/** The regions that a module gets in a volume of so many blocks. Operations reference 3.1. */
export const moduleRegions = (module: ModuleDefinition, totalBlocks: bigint): { name: string; kind: string; blocks: bigint }[] =>
  module.regionNames.map((name) => ({ name, kind: regionKind(name), blocks: addedRegionBlocks(totalBlocks, module) }));

/** The inode layout with a module's field claimed from the padding, behind all others. Operations reference 5.2, 5.6. */
export function claimedLayout(layout: InodeLayoutDescriptor, module: ModuleDefinition): InodeLayoutDescriptor {
  if (module.inodeBytes === 0) return layout;
  const fieldOffset = layout.inodeSize - layout.paddingBytes;
  const moduleFields = [
    ...layout.moduleFields,
    { moduleId: module.id, fieldOffset, fieldSize: module.inodeBytes, fieldVersion: 1, flags: 1 },
  ];
  return { ...layout, moduleFields, moduleFieldCount: moduleFields.length, paddingBytes: layout.paddingBytes - module.inodeBytes };
}

/** The manifest with a module. */
export const manifestWith = (manifest: number, module: ModuleDefinition): number => (manifest | (1 << module.id)) >>> 0;

/** Every reason why a module cannot be added to this volume in one way; none where it can. Pure. Operations reference 3.3, 4.1, 5.6, 6.7. */
export function reasonsAgainst(facts: ModuleFacts, module: ModuleDefinition, strategy: Strategy): string[] {
  const common = [...generalReasons(facts, module), ...(facts.refusal === undefined ? [] : [facts.refusal])];
  switch (strategy) {
    case "region": {
      const isOnly = module.regionNames.length === 0 ? ["it has no regions"] : [];
      if (module.inodeBytes > 0) isOnly.push(`it keeps ${module.inodeBytes} bytes in every inode, which regions alone do not give`);
      return [...common, ...isOnly, ...regionReasons(facts, module)];
    }
    case "padding":
      return [...common, ...paddingReasons(facts, module), ...regionReasons(facts, module)];
    case "migrate":
      return [...common, ...migrationReasons(facts, module), ...regionReasons(facts, module, fewestTableBlocks(facts, module))];
    case "copy":
      return common;
  }
}

const fewestTableBlocks = (facts: ModuleFacts, module: ModuleDefinition): bigint =>
  migrationSize(facts, manifestWith(facts.manifest, module), regionBlocksNeeded(module, facts.volume.totalBlocks)).fewestBlocks;

/** The way that changes least of those that are open: regions alone, then padding, then a rewritten inode table. Operations reference 4.2. */
export const recommendedStrategy = (facts: ModuleFacts, module: ModuleDefinition): Strategy | undefined =>
  inPlace.find((strategy) => reasonsAgainst(facts, module, strategy).length === 0);

const inPlace = ["region", "padding", "migrate"] as const;

export interface ListedModule {
  id: number;
  name: string;
  abbreviation: string;
  active: boolean;
  /** Whether it can be added to this volume where it is. */
  addable: boolean;
  /** Why not. */
  reasons: string[];
}

/** All modules: which are active, which can be added, and why others cannot. Pure. */
export const listModules = (facts: ModuleFacts): ListedModule[] =>
  modules.map((module) => {
    const active = hasModule(facts.manifest, module.id);
    const addable = recommendedStrategy(facts, module) !== undefined;
    const { id, name, abbreviation } = module;
    return { id, name, abbreviation, active, addable, reasons: addable ? [] : reasonsInPlace(facts, module) };
  });

/** Why no way is open: what stands against the way that the module needs. */
export function reasonsInPlace(facts: ModuleFacts, module: ModuleDefinition): string[] {
  const general = generalReasons(facts, module);
  if (general.length > 0) return general;
  const ways = inPlace.filter((strategy) => (strategy === "region") === (module.inodeBytes === 0 && module.regionNames.length > 0));
  return [...new Set(ways.flatMap((strategy) => reasonsAgainst(facts, module, strategy)))];
}

/** One thing that must hold, and why it does not. */
export interface PreflightCheck {
  text: string;
  problem?: string | undefined;
}
export interface PreflightGroup {
  title: string;
  checks: PreflightCheck[];
}
const problemsOf = (checks: readonly PreflightCheck[]): string[] =>
  checks.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
const check = (text: string, holds: boolean, problem: string): PreflightCheck => (holds ? { text } : { text, problem });

/** Everything that is looked at before a module is added, in order, what holds and what does not. Pure. Operations reference 3.3, 4.1, 5.6, 6.7. */
export function preflight(facts: ModuleFacts, module: ModuleDefinition): PreflightGroup[] {
  const groups = [
    {
      title: "For every way",
      checks: [
        ...generalChecks(facts, module),
        { text: "No transaction is pending, and the tables, the bitmap and the seals can be believed", problem: facts.refusal },
      ],
    },
  ];
  if (module.inodeBytes === 0) groups.push({ title: "Regions only", checks: regionChecks(facts, module) });
  else {
    groups.push({ title: "Padding claim", checks: [...paddingChecks(facts, module), ...regionChecks(facts, module)] });
    groups.push({
      title: "Inode migration",
      checks: [...migrationChecks(facts, module), ...regionChecks(facts, module, fewestTableBlocks(facts, module))],
    });
  }
  return groups;
}

function generalReasons(facts: ModuleFacts, module: ModuleDefinition): string[] {
  return problemsOf(generalChecks(facts, module)).slice(0, 1);
}

const generalChecks = ({ manifest, volume }: ModuleFacts, module: ModuleDefinition): PreflightCheck[] => [
  check("It is a DWVD version 2 volume", volume.kind === "dwvd", "the file is no DWVD version 2 volume"),
  check(
    `The manifest on disk has a bit for module ${module.id}`,
    module.id < firstUnstorableModule,
    `the manifest on disk has ${firstUnstorableModule} bits, none for module ${module.id}`,
  ),
  check("It is not active yet", module.id >= firstUnstorableModule || !hasModule(manifest, module.id), "it is active already"),
];

const regionReasons = (facts: ModuleFacts, module: ModuleDefinition, tableBlocks = 0n): string[] =>
  problemsOf(regionChecks(facts, module, tableBlocks));

function regionChecks({ freeSlots, end, volume }: ModuleFacts, module: ModuleDefinition, tableBlocks = 0n): PreflightCheck[] {
  const count = module.regionNames.length;
  const needed = regionBlocksNeeded(module, volume.totalBlocks) + tableBlocks;
  if (needed === 0n) return [];
  const what =
    tableBlocks === 0n
      ? "its regions take"
      : count === 0
        ? "the rewritten inode table takes"
        : "its regions and the rewritten inode table take";
  const slots = check(
    `${count} of ${freeSlots} free slots in the region tables`,
    freeSlots >= count,
    `the region tables have ${freeSlots} free slots and ${count} are needed`,
  );
  return [...(count > 0 ? [slots] : []), roomCheck(what, needed, end)];
}

function roomCheck(what: string, needed: bigint, end: ModuleFacts["end"]): PreflightCheck {
  if (!end) return { text: `${needed} free blocks in one run`, problem: "there is no data region to cut its regions from" };
  const text = `${needed} blocks in one run, of ${end.free} that are free at the end of the data region`;
  const length = end.end - end.data.startBlock;
  if (needed > end.free && end.freeAnywhere < needed) return { text, problem: `${what} ${needed} blocks and ${end.freeAnywhere} are free` };
  if (needed >= length) return { text, problem: `${what} ${needed} blocks and the data region has ${length}, of which one must remain` };
  if (needed <= end.free) return { text };
  const inUse = `${what} ${needed} blocks at the end of the data region, of which the last ${end.free} are free: block ${end.end - end.free - 1n} is in use`;
  const stuck = end.movable?.reasonAgainst(needed);
  if (!end.movable || stuck !== undefined) return { text, problem: stuck === undefined ? inUse : `${inUse}; ${stuck}` };
  return { text: `${needed} blocks in one run at the end of the data region; the ${needed - end.free} in use there can be moved` };
}

function paddingReasons(facts: ModuleFacts, module: ModuleDefinition): string[] {
  if (module.inodeBytes === 0) return module.regionNames.length > 0 ? ["it keeps nothing in inodes, so there is nothing to claim"] : [];
  return problemsOf(paddingChecks(facts, module));
}

const layoutText = "The inode layout is the one that the manifest asks for";

function paddingChecks({ inodes, manifest }: ModuleFacts, module: ModuleDefinition): PreflightCheck[] {
  if (typeof inodes === "string") return [{ text: layoutText, problem: inodes }];
  const { paddingBytes, moduleFields } = inodes.descriptor;
  const behind = moduleFields.filter((field) => field.moduleId > module.id);
  return [
    { text: layoutText },
    check(
      `${module.inodeBytes} of ${paddingBytes} padding bytes in every inode`,
      module.inodeBytes <= paddingBytes,
      `its field takes ${module.inodeBytes} bytes in every inode and ${paddingBytes} are padding`,
    ),
    check(
      "Its field stands behind those of all modules that have one",
      !(behind.length > 0 && hasModule(manifest, behind[0]?.moduleId ?? 0)),
      "its field stands before those of modules that have one already, so these would have to move",
    ),
    check(
      "The padding is zero in every inode, live and frozen",
      inodes.dirtyPadding === undefined,
      `the padding of inodes is not zero everywhere: block ${inodes.dirtyPadding} has content in it`,
    ),
  ];
}

function migrationReasons(facts: ModuleFacts, module: ModuleDefinition): string[] {
  if (module.inodeBytes === 0) return ["it keeps nothing in inodes, so there is nothing to rewrite"];
  return problemsOf(migrationChecks(facts, module));
}

function migrationChecks({ inodes, manifest, volume }: ModuleFacts, module: ModuleDefinition): PreflightCheck[] {
  if (typeof inodes === "string") return [{ text: layoutText, problem: inodes }];
  const { inodeSize } = planInodeLayout(manifestWith(manifest, module));
  return [
    { text: layoutText },
    check(
      `Inodes of ${inodeSize} bytes fit a block`,
      inodeSize <= volume.blockBytes - trailerBytes,
      `inodes of ${inodeSize} bytes do not fit a block`,
    ),
  ];
}
