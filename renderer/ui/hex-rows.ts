/** The rows of a hex view. Each is named by its first byte, so that a volume of any size is addressed exactly; nothing is counted in pixels. */
export interface HexShape {
  byteLength: bigint;
  blockBytes: number;
  columns: number;
}
export interface HexRun {
  start: bigint;
  end: bigint;
}
export interface UnreadRun extends HexRun {
  reason: string;
}
/** What was read of a block. */
export interface HexContent {
  bytes: Uint8Array;
  holes: readonly HexRun[];
  unread: readonly UnreadRun[];
}
export type HexRow = HexRun &
  (
    | { kind: "head"; block: bigint }
    | { kind: "bytes" }
    | { kind: "zeros" | "hole"; rows: number }
    | { kind: "unread"; rows: number; reason: string }
  );

/** Zero rows that follow each other stand as one from this many on. */
const leastRun = 8;

export const blockOf = (byte: bigint, shape: HexShape): bigint => byte / BigInt(shape.blockBytes);
const lastByte = (shape: HexShape): bigint => (shape.byteLength > 0n ? shape.byteLength - 1n : 0n);

function within(start: bigint, end: bigint, runs: readonly HexRun[]): HexRun | undefined {
  return runs.find((run) => run.start <= start && end <= run.end);
}

/** Rows of one block: its heading, then bytes, with runs of zeros, holes and unread bytes as one row each. `opened` holds first bytes of opened runs. */
export function blockRows(block: bigint, shape: HexShape, content: HexContent | undefined, opened: ReadonlySet<bigint>): HexRow[] {
  const start = block * BigInt(shape.blockBytes);
  const end = start + BigInt(shape.blockBytes) < shape.byteLength ? start + BigInt(shape.blockBytes) : shape.byteLength;
  const rows: HexRow[] = [{ kind: "head", block, start, end }];
  const byteRows: HexRow[] = [];
  for (let at = start; at < end; at += BigInt(shape.columns)) {
    const rowEnd = at + BigInt(shape.columns) < end ? at + BigInt(shape.columns) : end;
    byteRows.push(byteRow(at, rowEnd, start, content));
  }
  for (let index = 0; index < byteRows.length; ) {
    const first = byteRows[index];
    let count = 1;
    while (first && alike(first, byteRows[index + count])) count++;
    const last = byteRows[index + count - 1];
    if (first && last) {
      if (first.kind === "bytes") rows.push(first);
      else if (first.kind === "zeros" && (count < leastRun || opened.has(first.start))) {
        for (const row of byteRows.slice(index, index + count)) rows.push({ kind: "bytes", start: row.start, end: row.end });
      } else if (first.kind !== "head") rows.push({ ...first, end: last.end, rows: count });
    }
    index += count;
  }
  return rows;
}

const alike = (first: HexRow, next: HexRow | undefined): boolean =>
  next !== undefined &&
  first.kind !== "bytes" &&
  first.kind === next.kind &&
  (first.kind !== "unread" || next.kind !== "unread" || first.reason === next.reason);

function byteRow(start: bigint, end: bigint, blockStart: bigint, content: HexContent | undefined): HexRow {
  if (!content) return { kind: "bytes", start, end };
  const unread = content.unread.find((run) => run.start < end && start < run.end);
  if (unread) return { kind: "unread", start, end, rows: 1, reason: unread.reason };
  if (within(start, end, content.holes)) return { kind: "hole", start, end, rows: 1 };
  const bytes = content.bytes.subarray(Number(start - blockStart), Number(end - blockStart));
  return bytes.every((byte) => byte === 0) ? { kind: "zeros", start, end, rows: 1 } : { kind: "bytes", start, end };
}

/** The row at the top of the view: the byte it begins with, and whether it is the heading of that byte's block. */
export interface HexAnchor {
  byte: bigint;
  head: boolean;
}
export type RowsOf = (block: bigint) => readonly HexRow[];

const indexOfAnchor = (rows: readonly HexRow[], anchor: HexAnchor): number => {
  if (anchor.head) return 0;
  const at = rows.findIndex((row) => row.kind !== "head" && row.start <= anchor.byte && anchor.byte < row.end);
  return at < 0 ? 0 : at;
};
const anchorAt = (row: HexRow | undefined, fallback: HexAnchor): HexAnchor =>
  row ? { byte: row.start, head: row.kind === "head" } : fallback;

/** Up to `count` rows from the anchor on, across blocks. */
export function rowsFrom(anchor: HexAnchor, count: number, shape: HexShape, rowsOf: RowsOf): HexRow[] {
  const found: HexRow[] = [];
  const last = blockOf(lastByte(shape), shape);
  let block = blockOf(anchor.byte, shape);
  let from = indexOfAnchor(rowsOf(block), anchor);
  while (found.length < count && block <= last) {
    found.push(...rowsOf(block).slice(from, from + count - found.length));
    block++;
    from = 0;
  }
  return found;
}

/** The anchor `by` rows further down, or up where negative; stops at either end. */
export function movedAnchor(anchor: HexAnchor, by: number, shape: HexShape, rowsOf: RowsOf): HexAnchor {
  const last = blockOf(lastByte(shape), shape);
  let block = blockOf(anchor.byte, shape);
  let index = indexOfAnchor(rowsOf(block), anchor) + by;
  while (index < 0 && block > 0n) {
    block--;
    index += rowsOf(block).length;
  }
  while (index >= rowsOf(block).length && block < last) {
    index -= rowsOf(block).length;
    block++;
  }
  const rows = rowsOf(block);
  return anchorAt(rows[Math.max(0, Math.min(index, rows.length - 1))], anchor);
}

/** Number of the byte row from the top of the volume as though all runs were open, a heading per block counted; from 1. */
export function rowIndex(byte: bigint, head: boolean, shape: HexShape): bigint {
  const perBlock = BigInt(Math.ceil(shape.blockBytes / shape.columns)) + 1n;
  const inBlock = (byte % BigInt(shape.blockBytes)) / BigInt(shape.columns);
  return blockOf(byte, shape) * perBlock + (head ? 1n : inBlock + 2n);
}

export const rowTotal = (shape: HexShape): bigint => rowIndex(lastByte(shape), false, shape);

/** Largest count that ARIA's row numbers hold. */
const mostAriaRows = 2n ** 31n - 1n;
/** `aria-rowcount` and `aria-rowindex`: −1 and none past 2^31 − 1 rows. */
export function ariaRows(shape: HexShape, row: bigint): { count: number; index: number | undefined } {
  const total = rowTotal(shape);
  return total > mostAriaRows ? { count: -1, index: undefined } : { count: Number(total), index: Number(row) };
}

const steps = 2n ** 32n;
/** Where the view stands in the volume, 0 to 1, for the scrollbar. */
export const fractionOf = (byte: bigint, shape: HexShape): number =>
  shape.byteLength <= 1n ? 0 : Number((byte * steps) / lastByte(shape)) / Number(steps);
/** The first byte of the row that stands at a fraction of the volume. */
export function byteAtFraction(fraction: number, shape: HexShape): bigint {
  const held = Math.max(0, Math.min(fraction, 1));
  const byte = (lastByte(shape) * BigInt(Math.round(held * Number(steps)))) / steps;
  return byte - (byte % BigInt(shape.columns));
}
