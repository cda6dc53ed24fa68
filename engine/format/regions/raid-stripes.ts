import { parityOf } from "./raid-judge.ts";
import { parityTypes, type RaidContent, type RaidShard, raidStrategies, shardStatuses } from "./raid-layout.ts";
import { isEmptyGuid } from "./region.ts";

/** What a shard holds in a stripe group: data (its number in the group; copies are mirrors of it), parity, or nothing that is known. */
export type StripeUnit =
  | { kind: "data"; unit: number; copy: number }
  | { kind: "parity"; letter: string; type: string | undefined; descriptor: number | undefined }
  | { kind: "unknown" };

export interface StripeGroup {
  group: number;
  /** Whether parity descriptors say it, or the strategy's usual rotation stands in for them. */
  described: boolean;
  /** One for each column. */
  units: StripeUnit[];
}

/** Where strategy, counts, shards and descriptors contradict each other. `list` and `index` name the element that is meant. */
export interface RaidDisagreement {
  text: string;
  list?: "shards" | "parityLayout";
  index?: number;
}

export interface StripeLayout {
  /** Shards in stripe order, spares left out. Convention W21. */
  columns: RaidShard[];
  spares: RaidShard[];
  /** Units of one stripe that hold data of their own. */
  dataPerStripe: number;
  groups: StripeGroup[];
  disagreements: RaidDisagreement[];
}

/** Groups drawn where nothing rotates. */
const plainGroups = 4;
const letters = ["P", "Q", "R"];

const nameOf = (strategy: number): string | undefined => (raidStrategies as Readonly<Record<number, string>>)[strategy];
const statusOf = (name: string): number => Number(Object.entries(shardStatuses).find(([, each]) => each === name)?.[0]);

/**
 * How the stripes of an array lie on its shards, group by group. Parity lies where descriptors put it; groups without one are filled by
 * rotating one shard to the left per group, which no format text states, and are marked so.
 * Source: core regions reference 2.1 and 2.5, convention W21.
 */
export function stripeLayout(content: RaidContent): StripeLayout {
  const { shards, strategy, parityLayout } = content;
  const members = shards.filter(({ deviceId }) => !isEmptyGuid(deviceId));
  const columns = members.filter(({ status }) => status !== statusOf("Spare"));
  const spares = members.filter(({ status }) => status === statusOf("Spare"));
  const parity = isMirrored(strategy) ? 0 : parityOf[strategy];
  const disagreements = contradictions(content, columns, parity);
  const described = descriptorsByGroup(parityLayout);
  const count = columns.length === 0 || parity === undefined ? 0 : groupCount(described, columns.length, parity);
  const groups: StripeGroup[] = [];
  let last: { group: number; columns: number[] } | undefined;
  for (let group = 0; group < count; group++) {
    const stated = described.get(group);
    if (stated) last = { group, columns: stated.map(({ shard }) => columns.findIndex(({ slot }) => slot === shard)) };
    groups.push({
      group,
      described: stated !== undefined || parity === 0,
      units: unitsOf(content, columns, stated ?? rotated(columns.length, parity ?? 0, group, last)),
    });
  }
  const parityUnits = groups[0]?.units.filter(({ kind }) => kind === "parity").length ?? 0;
  const dataPerStripe = nameOf(strategy) === "Raid1" ? Math.min(1, columns.length) : mirrorSets(strategy, columns.length) - parityUnits;
  return { columns, spares, dataPerStripe: Math.max(0, dataPerStripe), groups, disagreements };
}

const isMirrored = (strategy: number): boolean => nameOf(strategy) === "Raid1" || nameOf(strategy) === "Raid10";
const mirrorSets = (strategy: number, columns: number): number => (nameOf(strategy) === "Raid10" ? Math.ceil(columns / 2) : columns);

interface StatedParity {
  /** Column, by place; the shard's slot where it is stated. */
  column?: number;
  shard?: number;
  type?: number;
  descriptor?: number;
}

function descriptorsByGroup(parityLayout: RaidContent["parityLayout"]): Map<number, StatedParity[]> {
  const groups = new Map<number, StatedParity[]>();
  for (const [descriptor, { stripeGroupIndex, parityShardIndex, parityTypeValue }] of parityLayout.entries()) {
    const stated = { shard: parityShardIndex, type: parityTypeValue, descriptor };
    const held = groups.get(stripeGroupIndex);
    if (held) held.push(stated);
    else groups.set(stripeGroupIndex, [stated]);
  }
  return groups;
}

/** One full rotation, or as many groups as are described, if these are more; indexes beyond what 256 descriptors can fill are left out. */
function groupCount(described: ReadonlyMap<number, unknown>, columns: number, parity: number): number {
  let count = parity > 0 ? columns : plainGroups;
  for (const group of described.keys()) if (group < 256) count = Math.max(count, group + 1);
  return count;
}

function rotated(columns: number, parity: number, group: number, last: { group: number; columns: number[] } | undefined): StatedParity[] {
  const turn = (column: number, by: number) => (((column - by) % columns) + columns) % columns;
  if (last?.columns.every((column) => column >= 0)) return last.columns.map((column) => ({ column: turn(column, group - last.group) }));
  return Array.from({ length: Math.min(parity, columns) }, (_, index) => ({ column: turn(columns - 1, group + index) }));
}

function unitsOf({ strategy }: RaidContent, columns: readonly RaidShard[], stated: readonly StatedParity[]): StripeUnit[] {
  const units: StripeUnit[] = columns.map((shard, column) => {
    const index = stated.findIndex((each) => each.column === column || each.shard === shard.slot);
    const parity = stated[index];
    if (!parity) return { kind: "unknown" };
    const type =
      parity.type === undefined ? undefined : ((parityTypes as Readonly<Record<number, string>>)[parity.type] ?? `${parity.type}`);
    return { kind: "parity", letter: letters[index] ?? `P${index + 1}`, type, descriptor: parity.descriptor };
  });
  let unit = 0;
  return units.map((held, column): StripeUnit => {
    if (held.kind === "parity") return held;
    if (nameOf(strategy) === "Raid1") return { kind: "data", unit: 0, copy: column };
    if (nameOf(strategy) === "Raid10") return { kind: "data", unit: Math.floor(column / 2), copy: column % 2 };
    return { kind: "data", unit: unit++, copy: 0 };
  });
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function contradictions(content: RaidContent, columns: readonly RaidShard[], parity: number | undefined): RaidDisagreement[] {
  const { strategy, dataShardCount, parityShardCount, parityLayout, shards } = content;
  const name = nameOf(strategy);
  if (name === undefined) return [{ text: `Strategy ${strategy} has no name: its stripes cannot be drawn.` }];
  const found: RaidDisagreement[] = [];
  if (parity !== undefined && parityShardCount !== parity)
    found.push({ text: `${name} has ${counted(parity, "parity shard")}; the header says ${parityShardCount}.` });
  const expected = name === "Raid10" ? dataShardCount * 2 : dataShardCount + parityShardCount;
  if (columns.length !== expected)
    found.push({ text: `The header's counts ask for ${expected} shards in the stripe; ${columns.length} are not spare.` });
  if (name === "Raid10" && columns.length % 2 === 1) found.push({ text: "Raid10 mirrors in pairs; the last shard has no partner." });
  const order = columns.map(({ stripeIndex }) => stripeIndex);
  if (order.some((index, at) => at > 0 && index < (order[at - 1] ?? 0)))
    found.push({ text: `StripeIndex orders the shards otherwise (${order.join(", ")}); drawn by slot.`, list: "shards", index: 0 });
  if (parity === 0 && parityLayout.length > 0)
    found.push({
      text: `${name} has no parity; ${counted(parityLayout.length, "descriptor")} would place some.`,
      list: "parityLayout",
      index: 0,
    });
  for (const [group, stated] of descriptorsByGroup(parityLayout)) {
    const [first] = stated;
    const place = { list: "parityLayout" as const, index: first?.descriptor ?? 0 };
    if (parity && stated.length !== parity)
      found.push({
        text: `Group ${group} has ${counted(stated.length, "parity descriptor")}; ${name} has ${counted(parity, "parity shard")}.`,
        ...place,
      });
    if (group < 0 || group >= 256) found.push({ text: `Group ${group} is not drawn: its number is out of all bounds.`, ...place });
    if (new Set(stated.map(({ shard }) => shard)).size < stated.length)
      found.push({ text: `Group ${group} names one shard twice.`, ...place });
    for (const { shard = -1, descriptor = 0 } of stated) {
      if (columns.some(({ slot }) => slot === shard)) continue;
      const held = shards.find(({ slot, deviceId }) => slot === shard && !isEmptyGuid(deviceId));
      found.push({
        text: `Group ${group} puts parity on slot ${shard}, ${held ? "a spare" : "which is not in use"}.`,
        list: "parityLayout",
        index: descriptor,
      });
    }
  }
  return found;
}

/** How many more shards may be lost before stripes cannot be read, in the worst case. */
export interface Redundancy {
  state: "whole" | "degraded" | "lost" | "none" | "unknown";
  /** Shards that hold nothing that can be read: offline, or not rebuilt yet. */
  gone: number;
  survives: number;
}

/** What the shards' states leave of an array's redundancy. Source: core regions reference 2.1, 2.5. */
export function redundancyOf(content: RaidContent): Redundancy {
  const { columns } = stripeLayout(content);
  const name = nameOf(content.strategy);
  const isGone = ({ status }: RaidShard): boolean => status === statusOf("Offline") || status === statusOf("Rebuilding");
  const gone = columns.filter(isGone).length;
  const verdict = (survives: number, redundant: number): Redundancy => {
    if (survives < 0) return { state: "lost", gone, survives: 0 };
    return { state: redundant === 0 ? "none" : gone > 0 ? "degraded" : "whole", gone, survives };
  };
  if (name === undefined || columns.length === 0) return { state: "unknown", gone, survives: 0 };
  if (name === "Raid1") return verdict(columns.length - 1 - gone, columns.length - 1);
  if (name === "Raid10") {
    let worst = columns.length;
    for (let first = 0; first < columns.length; first += 2) {
      const pair = columns.slice(first, first + 2);
      worst = Math.min(worst, pair.length - 1 - pair.filter(isGone).length);
    }
    return verdict(worst, 1);
  }
  const parity = parityOf[content.strategy] ?? 0;
  return verdict(parity - gone, parity);
}
