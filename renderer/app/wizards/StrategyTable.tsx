import type { ReactNode } from "react";
import type { StrategyChoice } from "../../../engine/contract/index.ts";
import { formatBytes, formatCount, formatNoun, formatSpan, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

interface Row {
  title: string;
  cell: (way: StrategyChoice) => ReactNode;
}

const count = (value: bigint | number | undefined): ReactNode => (value === undefined ? "–" : formatCount(value));

const rows: readonly Row[] = [
  { title: "What it does", cell: (way) => way.does },
  { title: "Blocks newly written", cell: (way) => count(way.freshBlocks) },
  {
    title: "Changed in place",
    cell: (way) => (way.strategy === "copy" ? "0, this volume stays as it is" : count(way.changedBlocks)),
  },
  {
    title: "Written in all",
    cell: (way) =>
      way.bytesWritten === undefined ? "–" : <b title={formatNoun(way.bytesWritten, "byte")}>{formatBytes(way.bytesWritten)}</b>,
  },
  {
    title: "Time on this disk",
    cell: (way) => (way.milliseconds === undefined ? "not measured" : formatSpan(way.milliseconds.least, way.milliseconds.most)),
  },
  {
    title: "Inode records touched",
    cell: (way) =>
      way.inodesWritten === undefined || way.inodesThere === undefined
        ? "–"
        : `${formatCount(way.inodesWritten)} of ${formatCount(way.inodesThere)}${way.strategy === "copy" ? ", copied" : ""}`,
  },
  {
    title: "Free blocks after",
    cell: (way) => (
      <>
        {count(way.freeBlocksAfter)}
        {way.strategy === "copy" && " in the copy"}
      </>
    ),
  },
  { title: "Crash points", cell: (way) => <CrashPoints points={way.crashPoints} /> },
  { title: "Worst case", cell: (way) => visible(way.worstCase) },
  {
    title: "Undo bundle",
    cell: (way) => (way.undoBytes === undefined ? "–" : way.undoBytes === 0 ? "none: delete the copy" : formatBytes(BigInt(way.undoBytes))),
  },
];

/** The ways side by side, each chosen by the head of its column; those that are not open stay, with each reason. */
export function StrategyTable({
  ways,
  chosen,
  onChoose,
}: {
  ways: readonly StrategyChoice[];
  chosen: string | undefined;
  onChoose: (strategy: string) => void;
}) {
  const look = (way: StrategyChoice) => [way.strategy === chosen && "is-chosen", !way.available && "weak"].filter(Boolean).join(" ");
  return (
    <div className="strategy-scroll" tabIndex={0} role="group" aria-label="The ways compared">
      <table className="strategy-table">
        <thead>
          <tr>
            <td />
            {ways.map((way) => (
              <th key={way.strategy} scope="col" className={look(way)}>
                <label>
                  <input
                    type="radio"
                    name="strategy"
                    checked={way.strategy === chosen}
                    disabled={!way.available}
                    onChange={() => onChoose(way.strategy)}
                  />
                  {way.title}
                </label>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Available</th>
            {ways.map((way) => (
              <td key={way.strategy} className={look(way)}>
                <Available way={way} />
              </td>
            ))}
          </tr>
          {rows.map(({ title, cell }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {ways.map((way) => (
                <td key={way.strategy} className={look(way)}>
                  {way.available ? cell(way) : "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Available({ way }: { way: StrategyChoice }) {
  if (!way.available) return <>No: {way.reasons.map(visible).join("; ")}</>;
  return (
    <>
      <Glyph state="ok" /> Yes
      {way.byteLength !== undefined && `, needs ${formatBytes(way.byteLength)} elsewhere`}
      {way.recommended && <span className="strategy-mark">Recommended</span>}
    </>
  );
}

/** Where power can fail, in order: before the bar the old state is found, behind it the new one. */
function CrashPoints({ points }: { points: StrategyChoice["crashPoints"] }) {
  const newAt = points.findIndex(({ leaves }) => leaves === "new");
  const said = points.map(({ at, leaves }) => `${at}: ${leaves} state`).join("; ");
  return (
    <span className="crash-points" role="img" aria-label={said} title={points.map(({ at, leaves }) => `${at}: ${leaves} state`).join("\n")}>
      old
      {points.map(({ at, leaves }, index) => (
        <i key={at} className={`leaves-${leaves}${index === newAt ? " is-first" : ""}`} />
      ))}
      new
    </span>
  );
}
