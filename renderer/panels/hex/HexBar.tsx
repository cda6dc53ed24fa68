import { type KeyboardEvent, type Ref, type RefObject, useImperativeHandle, useState } from "react";
import type { ByteRange } from "../../../engine/contract/index.ts";
import { findBytes, findBytesBefore, locate } from "../../store/hex.ts";
import { lensNames, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";

/** What the grid asks of the bar: the box to type a pattern into, and the next hit of the one typed last. */
export interface Finder {
  find(backwards: boolean): void;
}
interface HexBarProps {
  volume: OpenVolume;
  box: RefObject<HTMLInputElement | null>;
  finder: Ref<Finder>;
  at: bigint;
  columns: number;
  onColumns: (columns: 8 | 16 | 32) => void;
  onPlace: (range: ByteRange, path?: string) => void;
  /** Escape: back to the bytes. */
  onLeave: () => void;
}

/** Find bytes or text, go to a block, byte or expression, and the width of a row. */
export function HexBar({ volume, box, finder, at, columns, onColumns, onPlace, onLeave }: HexBarProps) {
  const [pattern, setPattern] = useState("");
  const [said, setSaid] = useState("");
  const shown = useSelection((state) => state.sources[volume.id] ?? "stored");
  const find = async (backwards: boolean) => {
    if (!pattern) return;
    const hit = await (backwards ? findBytesBefore(volume, pattern, at) : findBytes(volume, pattern, at + 1n));
    setSaid(hit ? `Found at 0x${hit.start.toString(16)}` : "Not found from here on");
    if (hit) onPlace(hit);
  };
  useImperativeHandle(finder, () => ({ find: (backwards) => (pattern ? void find(backwards) : box.current?.focus()) }));
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault(); // A search box would be emptied, and F3 would find nothing.
      return onLeave();
    }
    if (event.key !== "Enter" && event.key !== "F3") return;
    event.preventDefault();
    void find(event.shiftKey);
  };
  const go = async (expression: string) => {
    const place = await locate(volume, expression);
    if (place) onPlace(place.range, place.path);
  };
  return (
    <div className="bar">
      <input
        ref={box}
        type="search"
        aria-label="Find bytes or text"
        placeholder="Find bytes or text"
        value={pattern}
        onChange={(event) => setPattern(event.target.value)}
        onKeyDown={press}
      />
      <button type="button" aria-label="Find previous" onClick={() => void find(true)}>
        ↑
      </button>
      <button type="button" aria-label="Find next" onClick={() => void find(false)}>
        ↓
      </button>
      <input
        aria-label="Go to block, byte or expression"
        placeholder="Go to: 1041, b8+0x20"
        onKeyDown={(event) => {
          if (event.key === "Escape") onLeave();
          else if (event.key === "Enter") void go(event.currentTarget.value);
        }}
      />
      {([8, 16, 32] as const).map((count) => (
        <button
          key={count}
          type="button"
          aria-label={`${count} bytes in a row`}
          aria-pressed={count === columns}
          onClick={() => onColumns(count)}
        >
          {count}
        </button>
      ))}
      <span role="status">{said}</span>
      {shown !== "stored" && <b title="What the bytes are of">{lensNames[shown]}</b>}
    </div>
  );
}
