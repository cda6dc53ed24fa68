import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import type { VolumeData } from "../../store/volume-data.ts";
import { isChord } from "../../ui/focus.ts";
import { formatCount, formatNoun } from "../../ui/format.ts";

const metadataShare = 0.4;
const markWidth = 1.2;

/** Where a block lies on the strip, 0 to 100: blocks before the data region take 40 % of it. */
function scaleOf(split: bigint, total: bigint) {
  const hasSplit = split > 0n && split < total;
  const share = hasSplit ? metadataShare : 1;
  const toPlace = (block: bigint): number => {
    const clamped = block < 0n ? 0n : block > total ? total : block;
    if (!hasSplit || clamped <= split) return (Number(clamped) / Number(hasSplit ? split : total || 1n)) * share * 100;
    return (share + (Number(clamped - split) / Number(total - split)) * (1 - share)) * 100;
  };
  const toBlock = (place: number): bigint => {
    if (!hasSplit || place <= share) return BigInt(Math.floor((place / share) * Number(hasSplit ? split : total)));
    return split + BigInt(Math.floor(((place - share) / (1 - share)) * Number(total - split)));
  };
  return { hasSplit, toPlace, toBlock };
}

/** The whole volume to scale on one line, with every fault and the selection. */
export function VolumeStrip({ volume, data }: { volume: OpenVolume; data: VolumeData }) {
  const { overview, layout, findings } = data;
  const bar = useRef<HTMLDivElement>(null);
  const [dragStart, setDragStart] = useState<bigint>();
  const selection = useSelection(selectSelection(volume.id));
  const size = BigInt(overview.blockBytes);
  const total = overview.totalBlocks > 0n ? overview.totalBlocks : 1n;
  const split = overview.dataStart ?? 0n;
  const scale = useMemo(() => scaleOf(split, total), [split, total]);
  const regions = layout?.stored.filter((region) => region.startBlock >= 0n && region.blockCount > 0n && region.startBlock < total) ?? [];
  const marks = useMemo(() => {
    const found = new Map<number, { place: number; severity: "error" | "warning"; count: number; title: string }>();
    for (const finding of findings) {
      if (finding.severity === "info" || finding.block === undefined) continue;
      const place = scale.toPlace(finding.block);
      const cell = Math.round(place / markWidth);
      const before = found.get(cell);
      if (!before) found.set(cell, { place, severity: finding.severity, count: 1, title: finding.title });
      else {
        before.count++;
        if (finding.severity === "error") before.severity = "error";
      }
    }
    return [...found.values()];
  }, [findings, scale]);
  const blockAt = (event: PointerEvent): bigint => {
    const box = bar.current?.getBoundingClientRect();
    const block = box ? scale.toBlock(Math.max(0, Math.min(0.999999, (event.clientX - box.left) / box.width))) : 0n;
    return block < overview.fileBlocks ? block : overview.fileBlocks > 0n ? overview.fileBlocks - 1n : 0n;
  };
  const finish = (event: PointerEvent) => {
    if (dragStart === undefined) return;
    const end = blockAt(event);
    setDragStart(undefined);
    const [from, to] = dragStart < end ? [dragStart, end] : [end, dragStart];
    if (to - from > 0n && Math.abs(scale.toPlace(to) - scale.toPlace(from)) > 0.3)
      return select({ volumeId: volume.id, range: { start: from * size, end: (to + 1n) * size } });
    const region = regions
      .filter((each) => end >= each.startBlock && end < each.startBlock + each.blockCount)
      .sort((a, b) => Number(a.blockCount - b.blockCount))[0];
    const range = region ? { start: region.startBlock, end: region.startBlock + region.blockCount } : { start: end, end: end + 1n };
    select({ volumeId: volume.id, range: { start: range.start * size, end: range.end * size } });
  };
  const ordered = [...regions].sort((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : a.slot - b.slot));
  /** From region to region. */
  const keys = (event: KeyboardEvent) => {
    if (isChord(event)) return;
    const at = selection ? selection.range.start / size : 0n;
    const here = ordered.findIndex(
      ({ startBlock, blockCount }) =>
        startBlock * size === selection?.range.start && (startBlock + blockCount) * size === selection.range.end,
    );
    const behind = ordered.findIndex((region) => region.startBlock > at);
    const target = {
      ArrowRight: here >= 0 ? here + 1 : behind,
      ArrowLeft: here >= 0 ? here - 1 : ordered.findLastIndex((region) => region.startBlock <= at),
      Home: 0,
      End: ordered.length - 1,
    }[event.key];
    const region = target === undefined ? undefined : ordered[target];
    if (region)
      select({ volumeId: volume.id, range: { start: region.startBlock * size, end: (region.startBlock + region.blockCount) * size } });
    else if (event.key === "Enter") showPanel("hex");
    else return;
    event.preventDefault();
  };
  const summary = `The volume to scale: ${formatNoun(regions.length, "region")}, ${formatNoun(
    marks.reduce((sum, mark) => sum + mark.count, 0),
    "fault",
  )}. The navigator and the findings list the same.`;
  return (
    <section className="strip" data-pane="strip" aria-label="Volume strip">
      <div className="strip-scale" aria-hidden>
        <span>{overview.blockNoun} 0</span>
        {scale.hasSplit && (
          <span className="strip-split">
            {formatCount(split)} · {overview.kind === "dm-remap" ? "rest of the device" : "data"}
          </span>
        )}
        <span>{formatCount(total)}</span>
      </div>
      <div
        ref={bar}
        className="strip-bar"
        role="img"
        aria-label={summary}
        tabIndex={0}
        onKeyDown={keys}
        onPointerDown={(event) => setDragStart(blockAt(event))}
        onPointerUp={finish}
      >
        {regions.map((region) => (
          <span
            key={region.slot}
            className={`strip-region family-${region.family}`}
            style={{
              left: `${scale.toPlace(region.startBlock)}%`,
              width: `max(1px, ${scale.toPlace(region.startBlock + region.blockCount) - scale.toPlace(region.startBlock)}%)`,
            }}
            title={`${region.name} · ${formatCount(region.startBlock)} + ${formatCount(region.blockCount)}`}
          />
        ))}
        {scale.hasSplit && <span className="strip-break" style={{ left: `${metadataShare * 100}%` }} />}
        {selection && (
          <span
            className="strip-caret"
            style={{
              left: `${scale.toPlace(selection.range.start / size)}%`,
              width: `${Math.max(0, scale.toPlace((selection.range.end - 1n) / size + 1n) - scale.toPlace(selection.range.start / size))}%`,
            }}
          />
        )}
        {marks.map((mark) => (
          <span
            key={mark.place}
            className={`strip-mark mark-${mark.severity}`}
            style={{ left: `${mark.place}%` }}
            title={mark.count === 1 ? mark.title : `${mark.count} findings`}
          >
            {mark.count > 1 ? mark.count : ""}
          </span>
        ))}
      </div>
    </section>
  );
}
