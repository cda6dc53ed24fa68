import { useEffect, useState } from "react";
import type { RaidView, RebuildRow } from "../../../engine/contract/index.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { type FigureRow, Figures } from "../../ui/drawing.tsx";
import { formatBytes, formatCount, formatDuration, formatTicks, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

const ticksPerMs = 10_000n;
const stalledAfterMs = 30_000;

/** Up to four rebuilds: bar, figures, and speeds while the file changes. */
export function Rebuilds({ volume, raid }: { volume: OpenVolume; raid: RaidView }) {
  const { rebuilds } = raid;
  const nowMs = useClock(rebuilds.some(({ changedMs, status }) => changedMs !== undefined && status.name === "InProgress"));
  return (
    <section aria-label="Rebuilds">
      <h3>
        Rebuilds <span className="aside">{rebuilds.length} of 4 slots</span>
      </h3>
      {rebuilds.length === 0 && <p className="note">No rebuild is recorded.</p>}
      {rebuilds.map((rebuild) => (
        <Rebuild key={`${rebuild.slot}`} volume={volume} rebuild={rebuild} raid={raid} nowMs={nowMs} />
      ))}
    </section>
  );
}

/** Ticks once a second while something is followed. */
function useClock(runs: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return nowMs;
}

function Rebuild({ volume, rebuild, raid, nowMs }: { volume: OpenVolume; rebuild: RebuildRow; raid: RaidView; nowMs: number }) {
  const { slot, deviceId, shardSlot, status, completedBlocks, totalBlocks, sdkSees } = rebuild;
  const done = totalBlocks > 0n ? Math.max(0, Math.min(1, Number(completedBlocks) / Number(totalBlocks))) : 0;
  const stalled = stallOf(rebuild, raid, nowMs);
  const words = `Slot ${slot}: ${status.name}, ${formatCount(completedBlocks)} of ${formatCount(totalBlocks)} blocks`;
  const hasNoId = !/[^0-]/.test(deviceId);
  return (
    <article className="rebuild" aria-label={words}>
      <header>
        <Glyph state={stalled ? "warning" : status.tone} />
        <button
          type="button"
          className="link"
          onClick={() => rebuild.range && select({ volumeId: volume.id, range: rebuild.range })}
          title={deviceId}
        >
          <b>{shardSlot === undefined ? "A device that is no shard" : `Shard ${shardSlot}`}</b>
          {hasNoId ? ", no device id" : `, ${visible(deviceId.slice(0, 8))}…`}
        </button>
        <span className="aside">
          rebuild slot {slot} · {status.name}
        </span>
        {!sdkSees && (
          <span className="remark">
            <Glyph state="warning" /> the SDK's reader does not reach this slot
          </span>
        )}
      </header>
      <div
        className={`rebuild-bar ${stalled ? "is-stalled" : ""}`}
        role="progressbar"
        aria-label={words}
        aria-valuenow={Math.round(done * 100)}
      >
        <span style={{ width: `${done * 100}%` }} />
      </div>
      <Figures rows={figuresOf(rebuild, raid.blockBytes, done, stalled)} />
      {rebuild.speeds.length > 1 && <Speeds rebuild={rebuild} blockBytes={raid.blockBytes} />}
    </article>
  );
}

interface Stall {
  ms: number;
  /** How that was judged. */
  judged: string;
}

/**
 * While changes are seen, the clock tells a stall: nothing moved for half a minute. Of a file that was not seen to change, its own
 * newest time does.
 */
function stallOf({ changedMs, stalledSeconds, status, updateTicks }: RebuildRow, { newest }: RaidView, nowMs: number): Stall | undefined {
  if (status.name !== "InProgress") return undefined;
  if (changedMs !== undefined)
    return nowMs - changedMs >= stalledAfterMs
      ? { ms: nowMs - changedMs, judged: "The file was seen to change, and this rebuild has not moved since" }
      : undefined;
  if (stalledSeconds === undefined || !newest) return undefined;
  return {
    ms: stalledSeconds * 1000,
    judged: `Last update ${formatTicks(updateTicks).text}; the newest time known is ${formatTicks(newest.ticks).text}, ${newest.of}`,
  };
}

function figuresOf(rebuild: RebuildRow, blockBytes: number, done: number, stalled: Stall | undefined): FigureRow[] {
  const { completedBlocks, totalBlocks, secondsLeft, leftFrom, speedNow, averageSpeed, startTicks, updateTicks, errorCount } = rebuild;
  const rows: FigureRow[] = [
    { value: `${(done * 100).toFixed(1)} %`, label: `${formatCount(completedBlocks)} of ${formatCount(totalBlocks)} blocks` },
  ];
  if (stalled) rows.push({ value: `Stalled for ${formatDuration(stalled.ms)}`, label: "since its last update", title: stalled.judged });
  else if (secondsLeft)
    rows.push({
      value: `${formatDuration(secondsLeft.least * 1000)} to ${formatDuration(secondsLeft.most * 1000)}`,
      label: "left",
      title:
        leftFrom === "changes"
          ? "From the fastest to the slowest of the average and the changes that were seen within a minute"
          : "From the average since the start, a quarter more or less; no change was seen yet",
    });
  if (speedNow !== undefined && !stalled) rows.push({ value: speedText(speedNow, blockBytes), label: "now, by the last change seen" });
  if (averageSpeed !== undefined)
    rows.push({
      value: speedText(averageSpeed, blockBytes),
      label: "average",
      title: "Completed blocks by the time from start to last update",
    });
  if (updateTicks > startTicks && startTicks > 0n)
    rows.push({
      value: formatDuration(Number((updateTicks - startTicks) / ticksPerMs)),
      label: `from ${formatTicks(startTicks).text}`,
      title: `Last update: ${formatTicks(updateTicks).text}`,
    });
  rows.push({ value: formatCount(errorCount), label: errorCount === 1 ? "error" : "errors" });
  return rows;
}

const speedText = (blocksPerSecond: number, blockBytes: number): string =>
  `${formatBytes(BigInt(Math.round(blocksPerSecond * blockBytes)))}/s`;

const [chartWidth, chartHeight] = [600, 40];

/** The speeds of the changes that were seen, over time. */
function Speeds({ rebuild: { speeds }, blockBytes }: { rebuild: RebuildRow; blockBytes: number }) {
  const [first, last] = [speeds[0]?.seenMs ?? 0, speeds.at(-1)?.seenMs ?? 0];
  const most = Math.max(1e-9, ...speeds.map(({ blocksPerSecond }) => blocksPerSecond));
  const points = speeds.map(
    ({ seenMs, blocksPerSecond }) =>
      `${((seenMs - first) / Math.max(1, last - first)) * chartWidth},${chartHeight - 2 - (blocksPerSecond / most) * (chartHeight - 6)}`,
  );
  const summary = `Speed over the last ${formatDuration(last - first)}: at most ${speedText(most, blockBytes)}, now ${speedText(speeds.at(-1)?.blocksPerSecond ?? 0, blockBytes)}`;
  return (
    <svg className="speeds" role="img" aria-label={summary} viewBox={`0 0 ${chartWidth} ${chartHeight}`} preserveAspectRatio="none">
      <title>{summary}</title>
      <polygon points={`0,${chartHeight} ${points.join(" ")} ${chartWidth},${chartHeight}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
