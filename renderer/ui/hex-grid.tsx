// biome-ignore-all lint/a11y/useSemanticElements: table elements cannot hold the rows of a volume of any size
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { groupedAddress, groupedNumber, hexByte, printable } from "./hex-address.ts";
import { ariaRows, type HexRow, type HexRun, type HexShape, rowIndex } from "./hex-rows.ts";
import "./hex-grid.css";

/** A field as the grid paints it. */
export interface HexField extends HexRun {
  path: string;
  kind: string;
  text: string;
  problem?: string | undefined;
}
/** What the grid needs to know of a block to paint its rows. */
export interface HexBlock {
  bytes: Uint8Array;
  fields: readonly HexField[];
}
export interface HexGridProps {
  label: string;
  shape: HexShape;
  rows: readonly HexRow[];
  blockOf: (block: bigint) => HexBlock | undefined;
  heading: (block: bigint) => ReactNode;
  selected: HexRun;
  caret: bigint;
  hovered: HexRun | undefined;
  textColumn: boolean;
  kindLetters: boolean;
  onSize: (rows: number) => void;
  onScroll: (rows: number) => void;
  onPick: (byte: bigint, extend: boolean) => void;
  onOpen: (byte: bigint) => void;
  onOpenRun: (start: bigint) => void;
  onHover: (field: HexField | undefined) => void;
  onKey: (event: KeyboardEvent) => void;
}

const rowPixels = 24;
const kindLetters: { [kind: string]: string } = { number: "n", pointer: "p", id: "i", constant: "c" };

/** The bytes of a volume as a grid: it draws the rows it is given and says what the user does; it keeps no place of its own. */
export function HexGrid(props: HexGridProps) {
  const { rows, shape, onSize, onScroll, onPick, onHover, onOpen, onOpenRun } = props;
  const body = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState(false);
  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return;
    const measure = () => onSize(Math.max(1, Math.floor(element.clientHeight / rowPixels)));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    const wheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      onScroll(Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / rowPixels)));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", wheel);
    };
  }, [onSize, onScroll]);
  const byteUnder = (target: EventTarget): bigint | undefined => {
    const byte = target instanceof HTMLElement ? target.closest<HTMLElement>("[data-byte]")?.dataset.byte : undefined;
    return byte === undefined ? undefined : BigInt(byte);
  };
  const fieldAt = useCallback(
    (byte: bigint) => props.blockOf(byte / BigInt(shape.blockBytes))?.fields.find((field) => field.start <= byte && byte < field.end),
    [props.blockOf, shape.blockBytes],
  );
  const press = (event: PointerEvent) => {
    const byte = byteUnder(event.target);
    if (byte === undefined || event.button !== 0) return;
    setHeld(true);
    onPick(byte, event.shiftKey);
  };
  const move = (event: PointerEvent) => {
    const byte = byteUnder(event.target);
    if (byte === undefined) return;
    if (held && event.buttons === 1) onPick(byte, true);
    else onHover(fieldAt(byte));
  };
  const { count } = ariaRows(shape, 1n);
  const showsCaret = rows.some((row) => row.kind !== "head" && row.start <= props.caret && props.caret < row.end);
  return (
    <div
      className="hex-rows"
      ref={body}
      role="grid"
      aria-label={props.label}
      aria-rowcount={count}
      aria-colcount={shape.columns + 1}
      aria-activedescendant={showsCaret ? "hex-caret" : undefined}
      tabIndex={0}
      // As wide as the last address, the padding and a gap behind it.
      style={{ "--address": `${groupedAddress(shape.byteLength).length + 3}ch` } as CSSProperties}
      onKeyDown={props.onKey}
      onPointerDown={press}
      onPointerMove={move}
      onPointerUp={() => setHeld(false)}
      onPointerLeave={() => onHover(undefined)}
      onDoubleClick={(event) => {
        const byte = byteUnder(event.target);
        if (byte !== undefined) onOpen(byte);
      }}
    >
      {rows.map((row) =>
        row.kind === "bytes" ? (
          <ByteRow key={`b${row.start}`} row={row} {...props} block={props.blockOf(row.start / BigInt(shape.blockBytes))} />
        ) : (
          <OtherRow
            key={`${row.kind}${row.start}`}
            row={row}
            shape={shape}
            heading={props.heading}
            onOpenRun={onOpenRun}
            caret={props.caret}
          />
        ),
      )}
    </div>
  );
}

interface OtherRowProps {
  row: Exclude<HexRow, { kind: "bytes" }>;
  shape: HexShape;
  heading: (block: bigint) => ReactNode;
  onOpenRun: (start: bigint) => void;
  caret: bigint;
}
function OtherRow({ row, shape, heading, onOpenRun, caret }: OtherRowProps) {
  const { index } = ariaRows(shape, rowIndex(row.start, row.kind === "head", shape));
  if (row.kind === "head") {
    return (
      <div className="hex-row head" role="row" tabIndex={-1} aria-rowindex={index}>
        <span role="rowheader" tabIndex={-1} style={{ width: "auto", display: "flex", gap: 8, alignItems: "center" }}>
          {heading(row.block)}
        </span>
      </div>
    );
  }
  const holdsCaret = row.start <= caret && caret < row.end;
  const range = `0x${row.start.toString(16)}–0x${(row.end - 1n).toString(16)}`;
  const bytes = `${groupedNumber(row.end - row.start)} bytes`;
  const words = { zeros: "all zero", hole: "hole, never written to the file", unread: "not read" }[row.kind];
  return (
    <div
      className={`hex-row run ${row.kind}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index}
      data-byte={String(row.start)}
      onDoubleClick={() => row.kind === "zeros" && onOpenRun(row.start)}
    >
      <span role="gridcell" tabIndex={-1} id={holdsCaret ? "hex-caret" : undefined} data-caret={holdsCaret || undefined}>
        {groupedNumber(row.rows)} rows · {range} · {bytes}, {words}
        {row.kind === "unread" && `: ${row.reason}`}
        {row.kind === "zeros" && " · Enter opens"}
      </span>
    </div>
  );
}

type ByteRowProps = HexGridProps & { row: HexRow; block: HexBlock | undefined };
const overlaps = (run: HexRun | undefined, row: HexRun) => run !== undefined && run.start < row.end && row.start < run.end;

const ByteRow = memo(
  function ByteRow({ row, block, shape, selected, caret, hovered, textColumn, kindLetters: letters }: ByteRowProps) {
    const offset = Number(row.start % BigInt(shape.blockBytes));
    const length = Number(row.end - row.start);
    const { index } = ariaRows(shape, rowIndex(row.start, false, shape));
    const cells = Array.from({ length }, (_, column) => {
      const byte = row.start + BigInt(column);
      return { byte, value: block?.bytes[offset + column], field: block?.fields.find((field) => field.start <= byte && byte < field.end) };
    });
    const state = (byte: bigint) => ({
      "data-byte": String(byte),
      "data-selected": (selected.start <= byte && byte < selected.end) || undefined,
    });
    return (
      <div className="hex-row" role="row" tabIndex={-1} aria-rowindex={index}>
        <span role="rowheader" tabIndex={-1}>
          {groupedAddress(row.start)}
        </span>
        {cells.map(({ byte, value, field }, column) => (
          <span
            key={String(byte)}
            role="gridcell"
            tabIndex={-1}
            id={byte === caret ? "hex-caret" : undefined}
            className={`hex-byte${column > 0 && column % 8 === 0 ? " gap" : ""}${value === 0 ? " zero" : ""}`}
            data-kind={field?.kind}
            data-problem={field?.problem}
            data-caret={(byte === caret && !textColumn) || undefined}
            data-hovered={(hovered && hovered.start <= byte && byte < hovered.end) || undefined}
            {...state(byte)}
          >
            {letters && field?.start === byte && kindLetters[field.kind] && <i className="hex-letter">{kindLetters[field.kind]}</i>}
            {value === undefined ? "··" : hexByte(value)}
          </span>
        ))}
        <span aria-hidden style={{ display: "flex" }}>
          {cells.map(({ byte, value }, column) => (
            <span
              key={String(byte)}
              className={`hex-character${column === 0 ? " first" : ""}`}
              data-caret={(byte === caret && textColumn) || undefined}
              {...state(byte)}
            >
              {value === undefined ? " " : printable(value)}
            </span>
          ))}
        </span>
      </div>
    );
  },
  (before, after) =>
    before.block === after.block &&
    before.shape === after.shape &&
    before.row.start === after.row.start &&
    before.textColumn === after.textColumn &&
    before.kindLetters === after.kindLetters &&
    (["selected", "hovered"] as const).every(
      (name) => before[name] === after[name] || (!overlaps(before[name], before.row) && !overlaps(after[name], after.row)),
    ) &&
    (before.caret === after.caret || ![before.caret, after.caret].some((byte) => before.row.start <= byte && byte < before.row.end)),
);
