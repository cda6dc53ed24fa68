import type { RaidView, RebuildRow, ShardRow, StripeGroupRow } from "../contract/index.ts";
import { isEmptyGuid, type RaidContent, type RaidRebuild, type RaidShard, raidCodec } from "../format/regions/index.ts";
import { raidStrategies, rebuildStatuses, shardStatuses } from "../format/regions/raid-layout.ts";
import { redundancyOf, type StripeGroup, stripeLayout } from "../format/regions/raid-stripes.ts";
import { rebuildPace, speedsOf, stalledSeconds } from "../volume/rebuild-pace.ts";
import type { Volume } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { DecodedRegion } from "./region-content.ts";

type Names = Readonly<Record<number, string>>;
type Tone = ShardRow["status"]["tone"];
const shardTones: readonly Tone[] = ["ok", "warning", "error", "running", "not-run"];
const rebuildTones: readonly Tone[] = ["not-run", "running", "warning", "ok", "error"];
const inProgress = 1;

const statusOf = (value: number, names: Names, tones: readonly Tone[]): ShardRow["status"] => ({
  value,
  name: names[value] ?? `${value} (no name)`,
  tone: tones[value] ?? "warning",
});

/** The RAID metadata of a slot, put together; undefined where nothing is decoded. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
export async function describeRaid(opened: OpenVolume, slot: number): Promise<RaidView | undefined> {
  const decoded = await opened.contents.decoded(slot, raidCodec);
  if (!decoded) return undefined;
  const { content, rangeOf } = decoded;
  const { volume } = opened;
  const { columns, spares, groups, dataPerStripe, disagreements } = stripeLayout(content);
  const newest = newestTime(volume, content);
  const stripes = stripeCount(columns, content.stripeSize);
  return {
    slot,
    strategy: (raidStrategies as Names)[content.strategy] ?? `Strategy ${content.strategy}`,
    stripeBlocks: content.stripeSize,
    blockBytes: volume.blockBytes,
    dataShards: content.dataShardCount,
    parityShards: content.parityShardCount,
    shards: [...columns, ...spares].map((shard) => shardRow(shard, spares.includes(shard), decoded)),
    groups: groups.map((group) => groupRow(group, decoded)),
    redundancy: redundancyOf(content),
    stripes,
    capacityBlocks: stripes === undefined ? undefined : stripes * BigInt(dataPerStripe) * BigInt(content.stripeSize),
    disagreements: disagreements.map(({ text, list, index = 0 }) => ({ text, range: list && rangeOf(list, index) })),
    rebuilds: content.rebuilds.map((rebuild, index) => rebuildRow(opened, decoded, rebuild, index, newest)),
    newest,
  };
}

function shardRow(shard: RaidShard, isSpare: boolean, { content, rangeOf }: DecodedRegion<RaidContent>): ShardRow {
  const { slot, deviceId, startBlock, blockCount, stripeIndex } = shard;
  return {
    slot,
    deviceId,
    status: statusOf(shard.status, shardStatuses, shardTones),
    isSpare,
    startBlock,
    blockCount,
    stripeIndex,
    range: rangeOf("shards", content.shards.indexOf(shard)),
  };
}

const groupRow = ({ group, described, units }: StripeGroup, { rangeOf }: DecodedRegion<RaidContent>): StripeGroupRow => ({
  group,
  described,
  units: units.map((unit) => {
    if (unit.kind !== "parity") return unit;
    const { kind, letter, type, descriptor } = unit;
    return { kind, letter, type, range: descriptor === undefined ? undefined : rangeOf("parityLayout", descriptor) };
  }),
});

function rebuildRow(
  opened: OpenVolume,
  { content, region, rangeOf }: DecodedRegion<RaidContent>,
  rebuild: RaidRebuild,
  index: number,
  newest: RaidView["newest"],
): RebuildRow {
  const { slot, deviceId, completedBlocks, totalBlocks, lastRebuiltBlock, startTimeUtcTicks, lastUpdateUtcTicks, errorCount } = rebuild;
  const runs = rebuild.statusValue === inProgress;
  const sample = { seenMs: Date.now(), completedBlocks, lastUpdateTicks: lastUpdateUtcTicks };
  const samples = opened.rebuilds.note(`${region.slot}/${slot}/${deviceId}`, sample);
  const pace = rebuildPace(rebuild, samples);
  return {
    slot,
    deviceId,
    shardSlot: isEmptyGuid(deviceId) ? undefined : content.shards.find((shard) => shard.deviceId === deviceId)?.slot,
    status: statusOf(rebuild.statusValue, rebuildStatuses, rebuildTones),
    completedBlocks,
    totalBlocks,
    lastRebuiltBlock,
    startTicks: startTimeUtcTicks,
    updateTicks: lastUpdateUtcTicks,
    errorCount,
    sdkSees: slot < content.rebuildCount,
    averageSpeed: pace.average,
    speedNow: pace.now,
    secondsLeft: runs ? pace.left : undefined,
    leftFrom: runs ? pace.leftFrom : undefined,
    stalledSeconds: runs && newest ? stalledSeconds(lastUpdateUtcTicks, newest.ticks) : undefined,
    changedMs: samples.length > 1 ? samples.at(-1)?.seenMs : undefined,
    speeds: speedsOf(samples),
    range: rangeOf("rebuilds", index),
  };
}

/** Whole stripes that fit on the shortest shard of the stripe. */
function stripeCount(columns: readonly RaidShard[], stripeBlocks: number): bigint | undefined {
  const [first, ...others] = columns.map(({ blockCount }) => blockCount);
  if (first === undefined || stripeBlocks <= 0) return undefined;
  const shortest = others.reduce((least, blocks) => (blocks < least ? blocks : least), first);
  return shortest < 0n ? undefined : shortest / BigInt(stripeBlocks);
}

/** The newest time that the volume itself tells: a rebuild that is not among the newest has stopped. */
function newestTime({ superblock }: Volume, { rebuilds }: RaidContent): RaidView["newest"] {
  const times = [
    { ticks: superblock?.modifiedTimestampUtc ?? 0n, of: "the superblock's ModifiedTimestamp" },
    { ticks: superblock?.lastWriterTimestamp ?? 0n, of: "the superblock's LastWriterTimestamp" },
    ...rebuilds.map(({ slot, lastUpdateUtcTicks }) => ({ ticks: lastUpdateUtcTicks, of: `the last update of rebuild slot ${slot}` })),
  ].filter(({ ticks }) => ticks > 0n);
  return times.reduce<RaidView["newest"]>((newest, time) => (newest && newest.ticks >= time.ticks ? newest : time), undefined);
}
