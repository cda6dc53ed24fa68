import { type KeyboardEvent, useRef, useState } from "react";
import type { RaidView, ShardRow, StripeGroupRow, StripeUnitCell } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { formatCount, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

const percent = (done: bigint, total: bigint): number => (total > 0n ? Number((done * 1000n) / total) / 10 : 0);

/** Shards as columns, stripe groups as rows. Arrows walk the cells; a cell selects the descriptor that says it, Enter opens it in hex. */
export function StripeGrid({ volume, raid }: { volume: OpenVolume; raid: RaidView }) {
  const [active, setActive] = useState({ row: 0, column: 0 });
  const grid = useRef<HTMLTableElement>(null);
  const { shards, groups } = raid;
  if (shards.length === 0) return <p className="empty">No shard slot is in use.</p>;
  const move = (row: number, column: number) => {
    const next = { row: Math.max(0, Math.min(groups.length, row)), column: Math.max(0, Math.min(shards.length - 1, column)) };
    setActive(next);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}/${next.column}"]`)?.focus();
  };
  const rangeOf = (row: number, column: number) => {
    const unit = groups[row - 1]?.units[column];
    return (unit?.kind === "parity" ? unit.range : undefined) ?? shards[column]?.range;
  };
  const choose = (row: number, column: number) => {
    setActive({ row, column });
    const range = rangeOf(row, column);
    if (range) select({ volumeId: volume.id, range });
  };
  const keys = (event: KeyboardEvent) => {
    const { row, column } = active;
    const steps: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      Home: [row, 0],
      End: [row, shards.length - 1],
    };
    const target = steps[event.key];
    if (target) move(...target);
    else if (event.key === "Enter" || event.key === " ") {
      choose(row, column);
      if (event.key === "Enter") showPanel("hex");
    } else return;
    event.preventDefault();
  };
  const cell = (row: number, column: number) => ({
    "data-cell": `${row}/${column}`,
    tabIndex: active.row === row && active.column === column ? 0 : -1,
    onClick: () => choose(row, column),
    onDoubleClick: () => showPanel("hex"),
  });
  return (
    <section aria-label="Stripes">
      <div className="stripe-scroll">
        <table
          ref={grid}
          className="stripes"
          role="grid"
          aria-label={`${raid.strategy}: ${shards.length} shards, ${groups.length} stripe groups`}
          onKeyDown={keys}
        >
          <thead>
            <tr>
              <td className="stripe-corner">group</td>
              {shards.map((shard, column) => (
                <th
                  key={shard.slot}
                  scope="col"
                  className={`shard shard-${shard.status.tone}`}
                  title={shardTitle(shard)}
                  {...cell(0, column)}
                >
                  <b>{shard.isSpare ? `spare ${shard.slot}` : `shard ${shard.slot}`}</b>
                  <span className="mono">{visible(shard.deviceId.slice(0, 8))}…</span>
                  <ShardState shard={shard} raid={raid} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group, row) => (
              <tr key={group.group} className={group.described ? undefined : "is-assumed"}>
                <th scope="row" title={group.described ? undefined : assumed}>
                  {group.group}
                  {!group.described && <span aria-hidden>?</span>}
                </th>
                {shards.map((shard, column) => {
                  const unit = group.units[column];
                  if (!unit)
                    return (
                      <td
                        key={shard.slot}
                        className="unit unit-spare"
                        aria-label={`group ${group.group}, spare ${shard.slot}`}
                        {...cell(row + 1, column)}
                      />
                    );
                  const text = unitTitle(group, unit, shard);
                  return (
                    <td
                      key={shard.slot}
                      className={`unit unit-${unit.kind} unit-on-${shard.status.tone}`}
                      title={text}
                      aria-label={text}
                      {...cell(row + 1, column)}
                    >
                      <span>{unitName(unit)}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {groups.length > 0 && <Legend raid={raid} />}
    </section>
  );
}

const assumed = "No descriptor says where parity lies in this group; drawn by rotating one shard to the left per group.";
const unitName = (unit: StripeUnitCell): string =>
  unit.kind === "parity" ? unit.letter : unit.kind === "data" ? `D${unit.unit}${"′".repeat(Math.min(3, unit.copy))}` : "?";

function unitTitle({ group, described }: StripeGroupRow, unit: StripeUnitCell, { slot, status }: ShardRow): string {
  const what =
    unit.kind === "parity"
      ? `parity ${unit.letter}${unit.type ? ` (${unit.type})` : ""}`
      : unit.kind === "data"
        ? `data unit ${unit.unit}${unit.copy > 0 ? `, copy ${unit.copy}` : ""}`
        : "not known";
  return `${unitName(unit)}: group ${group}, shard ${slot}, ${what}, ${status.name}${described ? "" : ". Not described, by the usual rotation"}`;
}

const shardTitle = ({ deviceId, startBlock, blockCount, stripeIndex, status }: ShardRow): string =>
  `${deviceId}: ${status.name}, ${formatCount(blockCount)} blocks from block ${formatCount(startBlock)} of the device, StripeIndex ${stripeIndex}`;

/** The shard's state; how far it is where a rebuild runs on it. */
function ShardState({ shard: { slot, status }, raid: { rebuilds } }: { shard: ShardRow; raid: RaidView }) {
  const rebuild = rebuilds.find(({ shardSlot, status: { name } }) => shardSlot === slot && name === "InProgress");
  return (
    <span className="shard-state">
      <Glyph state={status.tone} /> {rebuild ? `${percent(rebuild.completedBlocks, rebuild.totalBlocks)} %` : status.name}
    </span>
  );
}

function Legend({ raid: { groups, shards } }: { raid: RaidView }) {
  const units = groups.flatMap((group) => group.units);
  const has = (tone: ShardRow["status"]["tone"]) => shards.some(({ status, isSpare }) => status.tone === tone && !isSpare);
  return (
    <ul className="legend">
      <li>
        <span className="unit unit-data" aria-hidden /> data, by unit of the stripe
      </li>
      {units.some((unit) => unit.kind === "data" && unit.copy > 0) && <li>′ a mirror of the same unit</li>}
      {units.some(({ kind }) => kind === "parity") && (
        <li>
          <span className="unit unit-parity" aria-hidden /> parity
        </li>
      )}
      {has("running") && (
        <li>
          <span className="unit unit-data unit-on-running" aria-hidden /> being rebuilt
        </li>
      )}
      {has("error") && (
        <li>
          <span className="unit unit-data unit-on-error" aria-hidden /> offline
        </li>
      )}
      {has("warning") && (
        <li>
          <span className="unit unit-data unit-on-warning" aria-hidden /> degraded
        </li>
      )}
      {groups.some(({ described }) => !described) && <li>? no descriptor: by the usual rotation</li>}
    </ul>
  );
}
