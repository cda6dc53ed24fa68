import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { forgetBlocks, readBlocks, selectBlocks, selectFailures, useHex } from "../../store/hex.ts";
import { goBack, hover, select, selectSelection, useSelection } from "../../store/selection.ts";
import { changeSettings, type OpenVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { DataInspector } from "../../ui/data-inspector.tsx";
import { FieldTree } from "../../ui/field-tree.tsx";
import { focusPane } from "../../ui/focus.ts";
import { groupedNumber, hexByte } from "../../ui/hex-address.ts";
import { type HexField, HexGrid } from "../../ui/hex-grid.tsx";
import { movedByte } from "../../ui/hex-keys.ts";
import { blockRows, type HexAnchor, type HexRun, type HexShape, movedAnchor, rowsFrom } from "../../ui/hex-rows.ts";
import { HexScrollbar } from "../../ui/hex-scrollbar.tsx";
import { type Finder, HexBar } from "./HexBar.tsx";
import "./hex.css";

const legend = ["number", "pointer", "id", "time", "text", "flags", "checksum", "constant", "reserved"];
const start: HexRun = { start: 0n, end: 1n };

/** The bytes of the volume with their meaning, the fields of the block that is selected, and the readings of the bytes there. */
export function HexPanel({ volume }: { volume: OpenVolume }) {
  const data = useVolumeData(selectVolumeData(volume.id));
  const columns = useSession((state) => state.settings?.hexColumns ?? 16);
  const verbosity = useSession((state) => state.settings?.verbosity ?? "bytes");
  const blocks = useHex(selectBlocks(volume.id));
  const failures = useHex(selectFailures(volume.id));
  const selected = useSelection(selectSelection(volume.id))?.range ?? start;
  const hovered = useSelection((state) => (state.hovered?.volumeId === volume.id ? state.hovered.range : undefined));
  const [anchor, setAnchor] = useState<HexAnchor>({ byte: 0n, head: true });
  const [visibleRows, setVisibleRows] = useState(1);
  const [opened, setOpened] = useState<ReadonlySet<bigint>>(new Set());
  const [textColumn, setTextColumn] = useState(false);
  const [caret, setCaret] = useState(selected.start);
  const fixed = useRef(selected.start);
  const box = useRef<HTMLInputElement>(null);
  const finder = useRef<Finder>(null);
  const columnsOf = useRef<HTMLDivElement>(null);
  const byteLength = data?.overview.byteLength ?? 0n;
  const blockBytes = data?.overview.blockBytes ?? 4096;
  const version = data?.version;
  const shape = useMemo<HexShape>(() => ({ byteLength, blockBytes, columns }), [byteLength, blockBytes, columns]);
  const rowsOf = useCallback(
    (block: bigint) => {
      const read = blocks.get(block);
      const from = block * BigInt(shape.blockBytes);
      const reason = failures.get(block);
      if (reason !== undefined) {
        const unread = [{ start: from, end: from + BigInt(shape.blockBytes), reason }];
        return blockRows(block, shape, { bytes: new Uint8Array(0), holes: [], unread }, opened);
      }
      return blockRows(block, shape, read && { bytes: read.view.bytes, holes: read.holes, unread: read.unread }, opened);
    },
    [blocks, failures, shape, opened],
  );
  const rows = useMemo(
    () => (shape.byteLength > 0n ? rowsFrom(anchor, visibleRows, shape, rowsOf) : []),
    [anchor, visibleRows, shape, rowsOf],
  );
  const caretBlock = caret / BigInt(blockBytes);
  useEffect(() => {
    if (version !== undefined) forgetBlocks(volume.id);
  }, [volume.id, version]);
  useEffect(() => {
    if (shape.byteLength === 0n) return;
    const wanted = new Set([...rows.map((row) => row.start / BigInt(shape.blockBytes)), caretBlock]);
    void readBlocks(volume, [...wanted], shape.blockBytes);
  }, [volume, rows, caretBlock, shape]);
  const reveal = useCallback(
    (byte: bigint) =>
      setAnchor((before) => {
        const shown = rowsFrom(before, visibleRows, shape, rowsOf);
        if (shown.some((row) => row.kind !== "head" && row.start <= byte && byte < row.end)) return before;
        const row = { byte: byte - (byte % BigInt(shape.columns)), head: false };
        return byte > before.byte && byte - before.byte < 4096n
          ? movedAnchor(row, 1 - visibleRows, shape, rowsOf)
          : movedAnchor(row, -2, shape, rowsOf);
      }),
    [visibleRows, shape, rowsOf],
  );
  const shown = useRef(start);
  useEffect(() => {
    if (shape.byteLength === 0n || shown.current === selected) return;
    shown.current = selected;
    if (caret < selected.start || caret >= selected.end) {
      setCaret(selected.start);
      fixed.current = selected.start;
    }
    reveal(selected.start <= caret && caret < selected.end ? caret : selected.start);
  }, [selected, caret, reveal, shape]);
  const pick = useCallback(
    (byte: bigint, extend: boolean) => {
      if (!extend) fixed.current = byte;
      setCaret(byte);
      const [first, last] = byte < fixed.current ? [byte, fixed.current] : [fixed.current, byte];
      select({ volumeId: volume.id, range: { start: first, end: last + 1n } });
    },
    [volume.id],
  );
  const view = blocks.get(caretBlock)?.view;
  const fields = view?.fields ?? [];
  const field = fields.find((each) => each.start <= caret && caret < each.end);
  const openRun = useCallback((from: bigint) => setOpened((before) => new Set(before).add(from)), []);
  const open = (byte: bigint) => {
    const run = rows.find((row) => row.kind === "zeros" && row.start <= byte && byte < row.end);
    const target = fields.find((each) => each.start <= byte && byte < each.end);
    if (run) openRun(run.start);
    else if (target?.kind === "pointer" && view) {
      const at = Number(target.start - view.byteOffset);
      const bytes = view.bytes.subarray(at, Number(target.end - view.byteOffset));
      const block = bytes.reduceRight((value, next) => value * 256n + BigInt(next), 0n);
      if (block * BigInt(blockBytes) < byteLength) pick(block * BigInt(blockBytes), false);
    } else if (target) select({ volumeId: volume.id, range: { start: target.start, end: target.end }, path: target.path });
  };
  const onHover = useCallback(
    (each: HexField | undefined) => hover(each && { volumeId: volume.id, range: { start: each.start, end: each.end }, path: each.path }),
    [volume.id],
  );
  const press = (event: KeyboardEvent) => {
    const ctrl = event.ctrlKey || event.metaKey;
    const to = event.altKey
      ? undefined
      : movedByte({ key: event.key, ctrl }, { byte: caret, shape, page: Math.max(1, visibleRows - 2), fields });
    if (to !== undefined) pick(to, event.shiftKey);
    else if (event.key === "Enter") open(caret);
    else if (event.key === "Backspace") goBack(volume.id);
    else if (event.key === "Escape") pick(caret, false);
    else if (event.key.toLowerCase() === "t" && !ctrl) setTextColumn((before) => !before);
    else if (event.key.toLowerCase() === "f" && ctrl) box.current?.focus();
    else if (event.key === "F3") finder.current?.find(event.shiftKey);
    else if (event.key.toLowerCase() === "c" && ctrl && !event.altKey && view) void navigator.clipboard.writeText(selectedHex());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const selectedHex = () => {
    const from = Number(selected.start - (view?.byteOffset ?? 0n));
    return [...(view?.bytes.subarray(Math.max(0, from), from + Number(selected.end - selected.start)) ?? [])].map(hexByte).join(" ");
  };
  const value = view?.bytes[Number(caret - view.byteOffset)];
  const inField = field && `${field.path}, byte ${caret - field.start} of ${field.end - field.start}, ${field.text}`;
  const spoken =
    verbosity === "quiet"
      ? ""
      : [`0x${caret.toString(16).padStart(4, "0")}`, verbosity === "bytes" && value, inField]
          .filter((part) => part !== undefined && part !== false)
          .join(", ");
  if (data && byteLength === 0n) return <p className="empty">The file is empty: there are no bytes to show.</p>;
  return (
    <section className="hex-panel" aria-label="Hex">
      <HexBar
        volume={volume}
        box={box}
        finder={finder}
        at={caret}
        columns={columns}
        onColumns={(hexColumns) => void changeSettings({ hexColumns })}
        onPlace={(range, path) => select({ volumeId: volume.id, range, path })}
        onLeave={() => focusPane(columnsOf.current)}
      />
      <div className="columns" ref={columnsOf}>
        <div className="hex-grid">
          <HexGrid
            label={`Bytes of ${volume.name}`}
            shape={shape}
            rows={rows}
            blockOf={(block) => blocks.get(block)?.view}
            heading={(block) => <Heading head={blocks.get(block)?.view} block={block} />}
            selected={selected}
            caret={caret}
            hovered={hovered}
            textColumn={textColumn}
            kindLetters={false}
            onSize={setVisibleRows}
            onScroll={(by) => setAnchor((before) => movedAnchor(before, by, shape, rowsOf))}
            onPick={pick}
            onOpen={open}
            onOpenRun={openRun}
            onHover={onHover}
            onKey={press}
          />
          <HexScrollbar shape={shape} top={anchor.byte} onMove={(byte) => setAnchor({ byte, head: false })} />
        </div>
        <aside>
          <FieldTree
            label="Fields"
            fields={fields}
            at={caret}
            hovered={hovered}
            onPick={(run, path) => select({ volumeId: volume.id, range: { start: run.start, end: run.end }, path })}
            onHover={onHover}
            onOpen={open}
          />
          {view && (
            <DataInspector
              at={caret}
              bytes={view.bytes.subarray(Number(caret - view.byteOffset))}
              onBlock={(block) => block * BigInt(blockBytes) < byteLength && pick(block * BigInt(blockBytes), false)}
            />
          )}
        </aside>
      </div>
      <div className="legend">
        {legend.map((kind) => (
          <span key={kind}>
            <i className="hex-swatch" data-kind={kind} />
            {kind}
          </span>
        ))}
      </div>
      <div className="spoken" aria-live="polite">
        {spoken}
      </div>
    </section>
  );
}

const stateWords: { [state: string]: string } = {
  valid: "trailer holds",
  damaged: "damaged",
  misplaced: "misplaced",
  unsealed: "not sealed",
  empty: "empty",
  "never-written": "never written",
  raw: "no structure",
  unread: "not read",
};

function Heading({
  head,
  block,
}: {
  head: { name: string; tag: string; generation?: number | undefined; state: string; family?: string | undefined } | undefined;
  block: bigint;
}) {
  return (
    <>
      {head?.family && <i style={{ background: `var(--bs-family-${head.family})` }} />}
      <strong>
        Block {groupedNumber(block)}
        {head && ` · ${head.name}`}
      </strong>
      {head && (
        <span>
          {[head.tag, head.generation !== undefined && `generation ${groupedNumber(head.generation)}`, stateWords[head.state]]
            .filter(Boolean)
            .join(" · ")}
        </span>
      )}
    </>
  );
}
