import { Button, HTMLSelect } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import { type BlockChange, type DifferenceRow, imageId } from "../../../engine/contract/index.ts";
import { type Difference, useDifference, useOverlayRows } from "../../store/overlays.ts";
import { usePages } from "../../store/pages.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { runTask } from "../../store/tasks.ts";
import { BlockChanges } from "../../ui/block-changes.tsx";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { formatBlocks, formatBytes, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import "./difference.css";

const columns: readonly DataColumn[] = [
  { id: "block", title: "Block", width: 150, alignEnd: true },
  { id: "structure", title: "Structure", width: 240, alignEnd: false },
  { id: "region", title: "Region", width: 180, alignEnd: false },
  { id: "before", title: "First", width: 90, alignEnd: false, doc: "First digits of SHA-256" },
  { id: "after", title: "Second", width: 90, alignEnd: false, doc: "First digits of SHA-256" },
];

/** Two states of the image side by side: itself and its overlays, block by block and field by field. */
export function DifferencePanel({ volume }: { volume: OpenVolume }) {
  const [again, setAgain] = useState(0);
  const rows = useOverlayRows(volume, again);
  const [chosen, setChosen] = useState<{ before?: string; after?: string }>({});
  const known = (id: string | undefined) => (id === imageId || rows?.some((row) => row.id === id) ? id : undefined);
  const before = known(chosen.before) ?? imageId;
  const after = known(chosen.after) ?? rows?.find(({ current }) => current)?.id ?? rows?.at(-1)?.id;
  const difference = useDifference(volume, before, after, again);
  if (!rows) return <p className="empty">Reading the overlays…</p>;
  if (rows.length === 0)
    return <p className="empty">No overlay of this image is known here. Open with overlay…, in the Volume menu, makes one.</p>;
  const options = [
    { value: imageId, label: "The image" },
    ...rows.map(({ id, name, current }) => ({ value: id, label: `${visible(name)}${current ? " (shown here)" : ""}` })),
  ];
  return (
    <div className="difference" role="group" aria-label="Difference">
      <div className="panel-bar">
        <HTMLSelect
          aria-label="First"
          value={before}
          options={options}
          onChange={(event) => setChosen({ ...chosen, before: event.target.value })}
        />
        <span>against</span>
        <HTMLSelect
          aria-label="Second"
          value={after ?? ""}
          options={options}
          onChange={(event) => setChosen({ ...chosen, after: event.target.value })}
        />
        <span className="stretch" />
        <Button size="small" text="Compare again" onClick={() => setAgain(again + 1)} />
      </div>
      {difference ? <Compared key={`${before} ${after}`} volume={volume} difference={difference} /> : <p className="empty">Comparing…</p>}
    </div>
  );
}

let lastKey = 0;

function Compared({ volume, difference }: { volume: OpenVolume; difference: Difference }) {
  const { api, view } = difference;
  const [chosen, setChosen] = useState<number>();
  const [key, setKey] = useState(() => ++lastKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another comparison has rows of its own
  useEffect(() => {
    setChosen(undefined);
    setKey(++lastKey);
  }, [api]);
  const rows = usePages<DifferenceRow>(`difference ${key}`, async (start, count) => ({
    rows: await api.rows(start, count),
    total: view.rowCount,
  }));
  return (
    <>
      <p className="panel-bar">
        <span>
          {view.changedBlocks === 0n ? "No block differs." : `${formatNoun(view.changedBlocks, "block")} differ.`}
          {view.byteLength.before !== view.byteLength.after &&
            ` The image has ${formatBytes(view.byteLength.before)} in the first, ${formatBytes(view.byteLength.after)} in the second.`}
        </span>
      </p>
      {view.notes.map((note) => (
        <p key={note} className="notice">
          <Glyph state="info" label /> {visible(note)}
        </p>
      ))}
      {view.rowCount > 0 && (
        <div className="difference-parts">
          <DataTable<DifferenceRow>
            label="Blocks that differ"
            columns={columns}
            rowCount={view.rowCount}
            rowAt={rows.rowAt}
            onVisible={rows.onVisible}
            cell={cellOf}
            selectedIndex={chosen}
            onSelect={(row, index) => {
              setChosen(index);
              select({ volumeId: volume.id, range: row.range });
            }}
          />
          {chosen !== undefined && <Fields volume={volume} difference={difference} row={chosen} />}
        </div>
      )}
    </>
  );
}

function cellOf(row: DifferenceRow, column: number) {
  switch (columns[column]?.id) {
    case "block":
      return formatBlocks(row.block, row.blockCount);
    case "structure":
      return visible(row.structure);
    case "region":
      return row.region === undefined ? <span className="weak">none</span> : visible(row.region);
    case "before":
      return <span className="mono">{row.before ?? "–"}</span>;
    default:
      return <span className="mono">{row.after ?? "–"}</span>;
  }
}

/** One block in both states, field by field. */
function Fields({ volume, difference, row }: { volume: OpenVolume; difference: Difference; row: number }) {
  const [change, setChange] = useState<BlockChange>();
  useEffect(() => {
    let stale = false;
    setChange(undefined);
    void runTask("Compare", () => difference.api.change(row)).then((found) => !stale && setChange(found));
    return () => {
      stale = true;
    };
  }, [difference, row]);
  if (!change) return null;
  return (
    <div className="difference-fields" tabIndex={0} role="group" aria-label="Fields that differ">
      <BlockChanges change={change} heads={["First", "Second"]} onPath={(range) => select({ volumeId: volume.id, range })} />
    </div>
  );
}
