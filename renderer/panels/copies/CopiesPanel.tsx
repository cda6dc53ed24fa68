import { HTMLSelect, Switch } from "@blueprintjs/core";
import { useState } from "react";
import type { CopyHead, CopySet } from "../../../engine/contract/index.ts";
import { useCopyRows, useCopySets } from "../../store/copies.ts";
import { showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { CompareTable } from "../../ui/compare-table.tsx";
import { formatAddress, formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";

const stateGlyphs: Readonly<Record<CopyHead["state"], GlyphState>> = {
  holds: "ok",
  damaged: "error",
  unsealed: "warning",
  blank: "error",
  missing: "not-run",
};

/** The copies of a structure side by side. The structure is the one that the selection lies in, else the one that was chosen. */
export function CopiesPanel({ volume }: { volume: OpenVolume }) {
  const { answer: sets, failure } = useCopySets(volume);
  const at = useSelection(selectSelection(volume.id))?.range.start;
  const [chosen, setChosen] = useState<string>();
  const [differing, setDiffering] = useState(false);
  const worst = sets?.find((set) => set.differing > 0 || set.copies.some(({ state }) => state !== "holds"));
  const selected = at === undefined ? undefined : sets?.find((set) => set.copies.some(({ range }) => at >= range.start && at < range.end));
  const set = selected ?? sets?.find(({ id }) => id === chosen) ?? worst ?? sets?.[0];
  const { answer: rows } = useCopyRows(volume, set?.id, differing);
  if (failure) return <p className="empty">{failure.what}</p>;
  if (!sets) return <p className="empty">Reading the copies…</p>;
  if (!set) return <p className="empty">Nothing that is stored more than once was found here.</p>;
  const choose = (id: string) => {
    setChosen(id);
    // The selection decides which structure is shown: choosing another one selects its first copy.
    const range = sets.find((each) => each.id === id)?.copies[0]?.range;
    if (range) select({ volumeId: volume.id, range });
  };
  const rangeOf = (row: number | undefined, copy: number) =>
    row === undefined ? set.copies[copy]?.range : (rows?.[row]?.cells[copy]?.range ?? set.copies[copy]?.range);
  const pick = (row: number | undefined, copy: number) => {
    const range = rangeOf(row, copy);
    if (range) select({ volumeId: volume.id, range, ...(row !== undefined && { path: rows?.[row]?.path }) });
  };
  return (
    <div className="copies-panel">
      <div className="panel-bar">
        <HTMLSelect
          aria-label="Structure"
          value={set.id}
          options={sets.map((each) => ({
            value: each.id,
            label: `${each.title}${each.differing > 0 ? ` · ${formatNoun(each.differing, "field")} differ` : ""}`,
          }))}
          onChange={(event) => choose(event.target.value)}
        />
        <Glyph state={stateOf(set)} label />
        <span>
          {set.differing === 0
            ? `All ${set.copies.length} copies agree in ${formatNoun(set.rowCount, "field")}.`
            : `The copies differ in ${formatCount(set.differing)} of ${formatNoun(set.rowCount, "field")}.`}
        </span>
        <span className="stretch" />
        <Switch
          checked={differing}
          label="Differing only"
          onChange={(event) => setDiffering(event.currentTarget.checked)}
          style={{ margin: 0 }}
        />
      </div>
      {!rows ? (
        <p className="empty">Comparing…</p>
      ) : (
        <CompareTable
          key={`${set.id} ${differing}`}
          label={`Copies of ${set.title.toLowerCase()}`}
          reason={`${set.reason} (${set.reference})`}
          columns={set.copies.map((copy) => ({
            name: visible(copy.name),
            address: `nothing at ${formatAddress(copy.range.start)}`,
            missing: copy.state === "missing",
            believed: copy.believed,
            verdict: (
              <>
                <Glyph state={stateGlyphs[copy.state]} label /> {visible(copy.verdict)}
              </>
            ),
          }))}
          rows={rows.map((row) => ({
            ...row,
            cells: row.cells.map((cell) => cell && { ...cell, text: visible(cell.text) }),
            vote: row.vote === undefined ? "" : (set.copies[row.vote]?.name.split(",")[0] ?? ""),
          }))}
          onSelect={pick}
          onOpen={(row, copy) => {
            pick(row, copy);
            showPanel("hex");
          }}
        />
      )}
    </div>
  );
}

function stateOf({ copies, differing }: CopySet): GlyphState {
  if (copies.some(({ state }) => state === "damaged" || state === "blank")) return "error";
  return differing > 0 || copies.some(({ state }) => state !== "holds") ? "warning" : "ok";
}
