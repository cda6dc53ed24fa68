import type { RemapCopyView, RemapMatrixCell, RemapStructureView } from "../../../engine/contract/index.ts";
import { formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { copyGlyphs } from "./CopiesDrawing.tsx";
import type { Places } from "./RemapPanel.tsx";

/** One column per copy, one row per field that tells them apart; every cell leads to its bytes. */
export function VerdictMatrix({ structure, places }: { structure: RemapStructureView; places: Places }) {
  const { copies, matrix, chosen, validCopies } = structure;
  const column = (index: number) => (index === chosen ? "is-chosen" : undefined);
  return (
    <div className="remap-scroll" tabIndex={0} role="group" aria-label="Verdicts, scrolls sideways">
      <table className="remap-matrix" aria-label="Verdicts">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Field</span>
            </th>
            {copies.map((copy) => (
              <th key={copy.index} scope="col" className={column(copy.index)}>
                <button type="button" onClick={() => places.choose(copy.range)} onDoubleClick={() => places.open(copy.range)}>
                  copy {copy.index}
                </button>
              </th>
            ))}
            <th scope="col">Reading</th>
          </tr>
        </thead>
        <tbody>
          <tr className="row-verdict">
            <th scope="row">Verdict</th>
            {copies.map((copy) => (
              <td key={copy.index} className={`${column(copy.index) ?? ""} verdict-${copy.state}`} title={copy.fault}>
                <Glyph state={copyGlyphs[copy.state]} /> {copy.verdict}
              </td>
            ))}
            <td>
              {validCopies} of {formatNoun(copies.length, "copy", "copies")} valid
            </td>
          </tr>
          {matrix.map((row) => (
            <tr key={row.path}>
              <th scope="row" title={row.path}>
                {row.label}
              </th>
              {copies.map((copy, index) => {
                const cell = row.cells[index];
                const weight = isCounted(copy) ? "" : row.orders ? " is-struck" : " is-faint";
                return (
                  <td key={copy.index} className={`${column(index) ?? ""}${cell?.state === "error" ? " is-wrong" : ""}${weight}`}>
                    {cell ? <Cell cell={cell} places={places} /> : <span className="remap-none">not there</span>}
                  </td>
                );
              })}
              <td title={row.reading}>{row.reading}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isCounted = ({ state }: RemapCopyView): boolean => ["chosen", "equal", "stale"].includes(state);

function Cell({ cell, places }: { cell: RemapMatrixCell; places: Places }) {
  const isSelected = places.selected?.start === cell.range.start && places.selected.end === cell.range.end;
  return (
    <button
      type="button"
      className={isSelected ? "is-selected" : undefined}
      title={cell.title}
      onClick={() => places.choose(cell.range)}
      onDoubleClick={() => places.open(cell.range)}
    >
      {cell.state !== "plain" && <Glyph state={cell.state === "ok" ? "ok" : "error"} label />}
      <span className="mono">{visible(cell.text)}</span>
    </button>
  );
}
