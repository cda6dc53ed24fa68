/** How far a rebuild was when it was looked at. */
export interface RebuildSample {
  /** When it was seen, ms since 1970. */
  seenMs: number;
  completedBlocks: bigint;
  /** The time of the last update, as stored. */
  lastUpdateTicks: bigint;
}

export interface RebuildProgress {
  totalBlocks: bigint;
  completedBlocks: bigint;
  startTimeUtcTicks: bigint;
  lastUpdateUtcTicks: bigint;
}

export interface RebuildPace {
  /** Blocks per second from the stored start to the stored last update. */
  average?: number | undefined;
  /** Blocks per second of the last change that was seen. */
  now?: number | undefined;
  /** Seconds that are left; missing until a speed is known. */
  left?: { least: number; most: number } | undefined;
  /** What the range comes from. */
  leftFrom?: "average" | "changes" | undefined;
}

const ticksPerSecond = 10_000_000;
/** Changes older than this say nothing of the present speed. */
const recentMs = 60_000;
/** How far off an estimate may be that rests on the average alone. */
const averageSpread = 0.25;

/** Speed and time left of a rebuild, from its stored times and from the changes that were seen while the file changed. */
export function rebuildPace(rebuild: RebuildProgress, samples: readonly RebuildSample[]): RebuildPace {
  const seconds = Number(rebuild.lastUpdateUtcTicks - rebuild.startTimeUtcTicks) / ticksPerSecond;
  const average =
    rebuild.completedBlocks > 0n && rebuild.startTimeUtcTicks > 0n && seconds > 0 ? Number(rebuild.completedBlocks) / seconds : undefined;
  const newest = samples.at(-1)?.seenMs ?? 0;
  const recent = samples.filter(({ seenMs }) => newest - seenMs <= recentMs);
  const speeds = speedsOf(recent).map(({ blocksPerSecond }) => blocksPerSecond);
  const remaining = Number(rebuild.totalBlocks - rebuild.completedBlocks);
  const now = speeds.at(-1);
  const moving = [...speeds, ...(average === undefined ? [] : [average])].filter((speed) => speed > 0);
  if (remaining <= 0 || moving.length === 0) return { average, now };
  if (moving.length === 1 && average !== undefined && speeds.length === 0) {
    const least = remaining / (average * (1 + averageSpread));
    return { average, now, left: { least, most: remaining / (average * (1 - averageSpread)) }, leftFrom: "average" };
  }
  return {
    average,
    now,
    left: { least: remaining / Math.max(...moving), most: remaining / Math.min(...moving) },
    leftFrom: "changes",
  };
}

/** The speed of each change from one sample to the next. */
export function speedsOf(samples: readonly RebuildSample[]): { seenMs: number; blocksPerSecond: number }[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    const blocksPerSecond = before && speedBetween(before, sample);
    return blocksPerSecond === undefined ? [] : [{ seenMs: sample.seenMs, blocksPerSecond }];
  });
}

/** By the stored times where they moved on, else by when the change was seen. */
function speedBetween(before: RebuildSample, after: RebuildSample): number | undefined {
  const stored = Number(after.lastUpdateTicks - before.lastUpdateTicks) / ticksPerSecond;
  const seconds = stored > 0 ? stored : (after.seenMs - before.seenMs) / 1000;
  const blocks = Number(after.completedBlocks - before.completedBlocks);
  return seconds > 0 && blocks >= 0 ? blocks / seconds : undefined;
}

/** A rebuild in progress counts as stalled when its last update lies so far back. */
export const stalledAfterSeconds = 30;

/** Seconds since the last update, against the newest time that is known; undefined while that is no stall. */
export function stalledSeconds(lastUpdateTicks: bigint, newestTicks: bigint): number | undefined {
  const seconds = Number(newestTicks - lastUpdateTicks) / ticksPerSecond;
  return lastUpdateTicks > 0n && seconds >= stalledAfterSeconds ? seconds : undefined;
}

const mostSamples = 120;

/** The changes of rebuilds that were seen since a volume was opened; kept when its source changes. */
export class RebuildHistory {
  readonly #samples = new Map<string, RebuildSample[]>();

  /** Notes how far a rebuild is now and gives all that was seen of it; another device in its place, or going back, begins anew. */
  note(key: string, sample: RebuildSample): readonly RebuildSample[] {
    const held = this.#samples.get(key) ?? [];
    const last = held.at(-1);
    if (last && last.completedBlocks === sample.completedBlocks && last.lastUpdateTicks === sample.lastUpdateTicks) return held;
    const goesOn = last !== undefined && sample.completedBlocks >= last.completedBlocks;
    const next = goesOn ? [...held, sample].slice(-mostSamples) : [sample];
    this.#samples.set(key, next);
    return next;
  }
}
