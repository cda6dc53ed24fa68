import { isAllZero } from "../../base/bytes.ts";
import { trailerBytes } from "../core/index.ts";
import {
  mostParity,
  parityBytes,
  type RaidContent,
  type RaidRule,
  type RaidShard,
  raidStrategies,
  rebuildBytes,
  rebuildSlots,
  rebuildsStart,
  shardBytes,
  shardSlots,
  shardsStart,
} from "./raid-layout.ts";
import { duplicates, isCalendarTicks, isEmptyGuid, type RegionProblem } from "./region.ts";

const [offline, rebuilding, spare] = [2, 3, 4];
const [inProgress, completed] = [1, 3];
/** Parity shards that a strategy has; undefined where any number is plausible. Core regions reference 2.5. */
export const parityOf: readonly (number | undefined)[] = [0, 0, undefined, 1, 2, undefined, 1, 2, 3];

/** The invariants of the RAID metadata, those of its blocks left out. Core regions reference 2.5. */
export const judgeRaid = (first: Uint8Array, second: Uint8Array, content: RaidContent): RegionProblem<RaidRule>[] => [
  ...judgeSpace(first, second, content),
  ...judgeShards(content),
  ...judgeParity(content),
  ...judgeRebuilds(content),
];

type Add = (rule: RaidRule, subject: string, found: string, expected: string, block: number, start: number, byteLength: number) => void;

function collect(fill: (add: Add) => void): RegionProblem<RaidRule>[] {
  const problems: RegionProblem<RaidRule>[] = [];
  fill((rule, subject, found, expected, block, start, byteLength) =>
    problems.push({ rule, subject, found, expected, block, start, byteLength }),
  );
  return problems;
}

function judgeSpace(first: Uint8Array, second: Uint8Array, content: RaidContent): RegionProblem<RaidRule>[] {
  const payload = first.length - trailerBytes;
  const space: [block: number, start: number, end: number][] = [
    [0, 11, shardsStart],
    [0, shardsStart + shardSlots * shardBytes, payload],
    [1, Math.min(content.parityDescCount, mostParity) * parityBytes, rebuildsStart],
    [1, rebuildsStart + rebuildSlots * rebuildBytes, payload],
    ...content.shards.map(({ slot }): [number, number, number] => [
      0,
      shardsStart + slot * shardBytes + 33,
      shardsStart + slot * shardBytes + 36,
    ]),
    ...content.parityLayout.map((_, index): [number, number, number] => [1, index * parityBytes + 9, (index + 1) * parityBytes]),
    ...content.rebuilds.map(({ slot }): [number, number, number] => [
      1,
      rebuildsStart + slot * rebuildBytes + 57,
      rebuildsStart + slot * rebuildBytes + 60,
    ]),
  ];
  return collect((add) => {
    for (const [block, start, end] of space)
      if (end > start && !isAllZero((block === 0 ? first : second).slice(start, end)))
        add(
          "raid.reserved-not-zero",
          `bytes ${start} to ${end - 1} of block ${block}`,
          "bytes that are not zero",
          "zeros",
          block,
          start,
          end - start,
        );
  });
}

const hasDevice = ({ deviceId }: { deviceId: string }): boolean => !isEmptyGuid(deviceId);

/** The array with the counts that its shards and rebuilds give. Core regions reference 2.5. */
export const recountShards = (content: RaidContent): RaidContent => ({
  ...content,
  activeShardCount: content.shards.filter(hasDevice).length,
  rebuildCount: content.rebuilds.filter(hasDevice).length,
});

function judgeShards(content: RaidContent): RegionProblem<RaidRule>[] {
  const { shards, strategy } = content;
  return collect((add) => {
    if (strategy > 8) add("raid.strategy-unknown", "Strategy", `${strategy}`, "0 to 8", 0, 0, 1);
    const active = shards.filter(hasDevice);
    const { activeShardCount } = recountShards(content);
    if (content.activeShardCount !== activeShardCount)
      add(
        "raid.active-count-differs",
        "ActiveShardCount",
        `${content.activeShardCount}`,
        `${activeShardCount} shards have a device id`,
        0,
        7,
        1,
      );
    for (const shard of shards) {
      const say = (rule: RaidRule, found: string, expected: string) =>
        add(rule, `shard slot ${shard.slot}`, found, expected, 0, shardsStart + shard.slot * shardBytes, shardBytes);
      if (shard.status > 4) say("raid.shard-status-unknown", `status ${shard.status}`, "0 to 4");
      if (isEmptyGuid(shard.deviceId)) say("raid.unused-slot-not-zero", "bytes in a slot without a device id", "zeros");
      if (shard.startBlock < 0n || shard.blockCount < 0n)
        say("raid.value-negative", `${shard.blockCount} blocks from ${shard.startBlock}`, "not negative");
    }
    const inStripe = active.filter(({ status }) => status !== spare);
    const at = (index: number, of: readonly RaidShard[]): number => shardsStart + (of[index]?.slot ?? 0) * shardBytes;
    for (const [first, again] of duplicates(active, ({ deviceId }) => deviceId))
      add(
        "raid.device-duplicate",
        `shard slot ${active[again]?.slot}`,
        `the device of slot ${active[first]?.slot}`,
        "a device of its own",
        0,
        at(again, active),
        16,
      );
    for (const [first, again] of duplicates(inStripe, ({ stripeIndex }) => `${stripeIndex}`))
      add(
        "raid.stripe-index-duplicate",
        `shard slot ${inStripe[again]?.slot}`,
        `the place of slot ${inStripe[first]?.slot} in the stripe`,
        "a place of its own",
        0,
        at(again, inStripe) + 36,
        4,
      );
    if (content.dataShardCount + content.parityShardCount !== inStripe.length)
      add(
        "raid.shard-count-differs",
        "header",
        `${content.dataShardCount} data and ${content.parityShardCount} parity shards`,
        `${inStripe.length} shards that are not spare`,
        0,
        5,
        2,
      );
    const plausible = parityOf[strategy];
    if (plausible !== undefined && content.parityShardCount !== plausible)
      add("raid.parity-count-implausible", "ParityShardCount", `${content.parityShardCount}`, `${plausible} for this strategy`, 0, 6, 1);
    const lost = lostShards(strategy, inStripe);
    if (lost) add("raid.quorum-lost", "the array", lost, "no more shards offline than parity or mirrors can replace", 0, 0, 1);
  });
}

/** In words why stripes cannot be read; undefined where they can. */
function lostShards(strategy: number, shards: readonly RaidShard[]): string | undefined {
  const gone = shards.filter(({ status }) => status === offline);
  if (gone.length === 0) return undefined;
  const name = (raidStrategies as Record<number, string>)[strategy];
  if (name === "Raid1") return gone.length === shards.length ? `all ${gone.length} mirrors offline` : undefined;
  if (name === "Raid10") {
    const goneAt = new Set(gone.map(({ stripeIndex }) => stripeIndex));
    const pair = gone.find(({ stripeIndex }) => stripeIndex % 2 === 0 && goneAt.has(stripeIndex + 1));
    return pair ? `both mirrors ${pair.stripeIndex} and ${pair.stripeIndex + 1} offline` : undefined;
  }
  const replaceable = parityOf[strategy];
  if (replaceable === undefined || gone.length <= replaceable) return undefined;
  return `${gone.length} shards offline, ${replaceable} can be replaced`;
}

function judgeParity({ parityLayout, parityDescCount, shards }: RaidContent): RegionProblem<RaidRule>[] {
  return collect((add) => {
    if (parityDescCount > mostParity) add("raid.parity-count-too-large", "ParityDescCount", `${parityDescCount}`, "at most 256", 0, 8, 2);
    const populated = new Set(shards.filter(({ deviceId }) => !isEmptyGuid(deviceId)).map(({ slot }) => slot));
    for (const [index, parity] of parityLayout.entries()) {
      const say = (rule: RaidRule, found: string, expected: string) =>
        add(rule, `parity descriptor ${index}`, found, expected, 1, index * parityBytes, parityBytes);
      if (parity.parityTypeValue > 2) say("raid.parity-type-unknown", `type ${parity.parityTypeValue}`, "0 to 2");
      if (!populated.has(parity.parityShardIndex)) say("raid.parity-shard-missing", `shard ${parity.parityShardIndex}`, "a slot in use");
    }
    for (const [first, again] of duplicates(
      parityLayout,
      ({ stripeGroupIndex, parityShardIndex }) => `${stripeGroupIndex}:${parityShardIndex}`,
    ))
      add(
        "raid.stripe-group-duplicate",
        `parity descriptor ${again}`,
        `the group and shard of descriptor ${first}`,
        "one descriptor for each",
        1,
        again * parityBytes,
        parityBytes,
      );
  });
}

function judgeRebuilds(content: RaidContent): RegionProblem<RaidRule>[] {
  const { rebuilds, rebuildCount, shards } = content;
  return collect((add) => {
    const named = recountShards(content).rebuildCount;
    if (rebuildCount !== named)
      add("raid.rebuild-count-differs", "RebuildCount", `${rebuildCount}`, `${named} rebuilds have a device id`, 0, 10, 1);
    const hidden = rebuilds.filter(({ slot }) => slot >= rebuildCount);
    if (hidden.length > 0)
      add(
        "raid.rebuild-slot-gap",
        "rebuild slots",
        `slots ${hidden.map(({ slot }) => slot).join(", ")} in use, ${rebuildCount} counted`,
        "slots filled from 0, so that the SDK's reader reaches them",
        1,
        rebuildsStart,
        rebuildSlots * rebuildBytes,
      );
    const devices = new Map(shards.map(({ deviceId, status }) => [deviceId, status]));
    for (const rebuild of rebuilds) {
      const say = (rule: RaidRule, found: string, expected: string) =>
        add(rule, `rebuild slot ${rebuild.slot}`, found, expected, 1, rebuildsStart + rebuild.slot * rebuildBytes, rebuildBytes);
      const { totalBlocks, completedBlocks, statusValue, startTimeUtcTicks, lastUpdateUtcTicks } = rebuild;
      if (statusValue > 4) say("raid.rebuild-status-unknown", `status ${statusValue}`, "0 to 4");
      if (isEmptyGuid(rebuild.deviceId)) say("raid.rebuild-without-device", "a rebuild without a device id", "the device being rebuilt");
      else if (statusValue === inProgress && devices.get(rebuild.deviceId) !== rebuilding)
        say("raid.rebuild-of-other-shard", `device ${rebuild.deviceId}`, "a shard whose status is Rebuilding");
      if (completedBlocks < 0n || completedBlocks > totalBlocks || (statusValue === completed && completedBlocks !== totalBlocks))
        say(
          "raid.rebuild-progress",
          `${completedBlocks} of ${totalBlocks} blocks`,
          statusValue === completed ? "all of them" : "0 to all of them",
        );
      if (startTimeUtcTicks > lastUpdateUtcTicks)
        say("raid.rebuild-times", `begun at ${startTimeUtcTicks}, updated at ${lastUpdateUtcTicks}`, "the start before the update");
      if (!isCalendarTicks(startTimeUtcTicks) || !isCalendarTicks(lastUpdateUtcTicks))
        say("raid.time-range", `${startTimeUtcTicks}, ${lastUpdateUtcTicks}`, "times a calendar holds");
    }
  });
}
