import type { MapRange } from "../../store/map.ts";
import { groupedNumber } from "../../ui/hex-address.ts";

interface MapRangesProps {
  ranges: readonly MapRange[];
  at: bigint;
  onPick: (start: bigint, end: bigint) => void;
  onNextFault: () => void;
}

/** The map as a table: runs of allocated and free blocks in order, with the same selection. */
export function MapRanges({ ranges, at, onPick, onNextFault }: MapRangesProps) {
  const next = ranges.find((range) => range.start > at);
  return (
    <>
      <div className="bar">
        <button type="button" onClick={onNextFault}>
          Next fault
        </button>
        <button type="button" disabled={!next} onClick={() => next && onPick(next.start, next.start + next.count)}>
          Next change
        </button>
      </div>
      <table aria-label="Ranges">
        <tbody>
          {ranges.map(({ start, count, allocated }) => (
            <tr key={String(start)} data-at={(start <= at && at < start + count) || undefined}>
              <td>
                <button type="button" onClick={() => onPick(start, start + count)}>
                  {groupedNumber(start)}–{groupedNumber(start + count - 1n)} ({groupedNumber(count)}) {allocated ? "allocated" : "free"}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
