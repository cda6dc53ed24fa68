import { type KeyboardEvent, useRef, useState } from "react";

export type Tone = "empty" | "ok" | "busy" | "warning" | "error" | "off";

/** Things of one size in a grid, each in a state; arrows walk it, Enter picks. The legend counts every state. */
export function Cells({
  label,
  columns,
  cells,
  states,
  onPick,
}: {
  label: string;
  columns: number;
  cells: readonly { label: string; state: string }[];
  states: readonly { state: string; title: string; tone: Tone }[];
  onPick: (index: number) => void;
}) {
  const [active, setActive] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const toneOf = new Map(states.map(({ state, tone }) => [state, tone]));
  const titleOf = new Map(states.map(({ state, title }) => [state, title]));
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (event.key === "Enter") onPick(active);
    else if (step !== undefined) {
      const next = Math.max(0, Math.min(cells.length - 1, active + step));
      setActive(next);
      grid.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus();
    } else return;
    event.preventDefault();
  };
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) => cells.slice(row * columns, (row + 1) * columns));
  return (
    <div className="picture-cells">
      <div ref={grid} className="cells-grid" role="grid" aria-label={label} onKeyDown={keys}>
        {rows.map((row, rowIndex) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity beyond their place
          <div key={rowIndex} role="row" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
            {row.map((cell, columnIndex) => {
              const index = rowIndex * columns + columnIndex;
              const text = `${cell.label}: ${titleOf.get(cell.state) ?? cell.state}`;
              return (
                <div
                  key={index}
                  role="gridcell"
                  data-index={index}
                  tabIndex={index === active ? 0 : -1}
                  className={`cell cell-${toneOf.get(cell.state) ?? "off"}`}
                  title={text}
                  aria-label={text}
                  onClick={() => {
                    setActive(index);
                    onPick(index);
                  }}
                />
              );
            })}
          </div>
        ))}
      </div>
      <ul className="legend">
        {states.map(({ state, title, tone }) => (
          <li key={state}>
            <span className={`cell cell-${tone}`} aria-hidden /> {title} <b>{cells.filter((cell) => cell.state === state).length}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
