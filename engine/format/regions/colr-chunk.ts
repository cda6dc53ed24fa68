import { isAllZero, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { bytes, enumeration, i32, reservedUntil, struct, u8 } from "../../base/struct/index.ts";

export const chunkHeadBytes = 9;
const [mostRows, mostData] = [100_000_000, 268_435_456];

export const columnTypes = {
  0: "Int32",
  1: "Int64",
  2: "Float32",
  3: "Float64",
  4: "String",
  5: "Binary",
  6: "Boolean",
  7: "DateTime",
} as const;
/** Bytes of a value, by the column's type. Source: other regions reference 18.1. */
export const valueBytes: Readonly<Record<number, number>> = { 0: 4, 1: 8, 2: 4, 3: 8, 4: 64, 5: 64, 6: 1, 7: 8 };
export const chunkEncodings = { 0: "Plain", 1: "RunLength", 2: "Dictionary", 3: "BitPacked" } as const;

const headFields = {
  encoding: enumeration(u8(), chunkEncodings),
  rowCount: i32({ check: (value) => value >= 0 && value <= mostRows, expects: "0 to 100 000 000" }),
  dataLength: i32({ unit: "bytes", check: (value) => value >= 0 && value <= mostData, expects: "0 to 268 435 456" }),
};
export const chunkHead = struct("ColumnChunkHead", headFields);
/** The first block of a chunk; its data may go on in the blocks behind. Source: other regions reference 18.1. */
export const chunkBlock = struct("ColumnChunk", {
  ...headFields,
  data: bytes((values, left) => Math.max(0, Math.min(values.dataLength as number, left)), {
    doc: "Goes on in the next block where it is longer",
  }),
  unused: reservedUntil(0),
});

/** In words which of a chunk's counts no reader takes; undefined where both are possible. Source: other regions reference 18.1. */
export function impossibleCount({ rowCount, dataLength }: { rowCount: number; dataLength: number }): string | undefined {
  if (rowCount < 0 || rowCount > mostRows) return `rowCount=${rowCount}`;
  return dataLength < 0 || dataLength > mostData ? `dataLen=${dataLength}` : undefined;
}

export type ChunkFlaw = "encoding-unknown" | "length-differs" | "runs-differ" | "index-range";

export interface DecodedChunk {
  /** SHA-256 of the values one behind the other; undefined where they cannot be decoded, or were not since they are too many. */
  sha256?: Uint8Array;
  flaw?: { rule: ChunkFlaw; found: string; expected: string };
}

/**
 * Decodes a chunk's values of `width` bytes each; up to `mostBytes` of them, since a few runs can stand for gigabytes.
 * Source: other regions reference 18.1.
 */
export function decodeChunk(encoding: number, data: Uint8Array, rowCount: number, width: number, mostBytes: number): DecodedChunk {
  const wanted = rowCount * width;
  const lengths = (found: number, expected: number, what: string): DecodedChunk => ({
    flaw: { rule: "length-differs", found: `${found} bytes of ${what}`, expected: `${expected} for ${rowCount} rows` },
  });
  switch (encoding) {
    case 0:
      return data.length === wanted ? { sha256: checksum.sha256(data) } : lengths(data.length, wanted, "values");
    case 1:
      return decodeRuns(data, rowCount, width, mostBytes);
    case 2:
      return decodeDictionary(data, rowCount, width, mostBytes, lengths);
    case 3: {
      const needed = Math.ceil(rowCount / 8);
      if (data.length !== needed || width !== 1) return lengths(data.length * width, needed, "bits");
      if (wanted > mostBytes) return {};
      return { sha256: checksum.sha256(Uint8Array.from({ length: rowCount }, (_, row) => ((data[row >> 3] ?? 0) >> (row & 7)) & 1)) };
    }
    default:
      return { flaw: { rule: "encoding-unknown", found: `encoding ${encoding}`, expected: "0 to 3" } };
  }
}

function decodeRuns(data: Uint8Array, rowCount: number, width: number, mostBytes: number): DecodedChunk {
  const view = viewOf(data);
  const step = width + 4;
  let rows = 0;
  for (let at = 0; at + step <= data.length; at += step) {
    const run = view.getInt32(at + width, true);
    if (run < 0) return { flaw: { rule: "runs-differ", found: `a run of ${run}`, expected: "not negative" } };
    rows += run;
  }
  if (data.length % step !== 0)
    return { flaw: { rule: "length-differs", found: `${data.length} bytes of runs`, expected: `a multiple of ${step}` } };
  if (rows !== rowCount) return { flaw: { rule: "runs-differ", found: `runs of ${rows} rows together`, expected: `${rowCount}` } };
  if (rowCount * width > mostBytes) return {};
  const decoded = new Uint8Array(rowCount * width);
  let to = 0;
  for (let at = 0; at < data.length; at += step) {
    const end = to + view.getInt32(at + width, true) * width;
    if (end === to) continue;
    decoded.set(data.subarray(at, at + width), to);
    for (let filled = width; filled < end - to; filled *= 2) decoded.copyWithin(to + filled, to, Math.min(to + filled, end - filled));
    to = end;
  }
  return { sha256: checksum.sha256(decoded) };
}

function decodeDictionary(
  data: Uint8Array,
  rowCount: number,
  width: number,
  mostBytes: number,
  lengths: (found: number, expected: number, what: string) => DecodedChunk,
): DecodedChunk {
  const view = viewOf(data);
  if (data.length < 9) return lengths(data.length, 9, "dictionary");
  const [dictionaryBytes, cardinality, indexBytes] = [view.getInt32(0, true), view.getInt32(4, true), view.getUint8(8)];
  if (cardinality < 0 || dictionaryBytes !== 5 + cardinality * width)
    return {
      flaw: {
        rule: "length-differs",
        found: `a dictionary of ${dictionaryBytes} bytes`,
        expected: `5 and ${cardinality} values of ${width}`,
      },
    };
  if (![1, 2, 4].includes(indexBytes))
    return { flaw: { rule: "index-range", found: `indexes of ${indexBytes} bytes`, expected: "1, 2 or 4" } };
  const from = 4 + dictionaryBytes;
  if (data.length !== from + rowCount * indexBytes) return lengths(data.length, from + rowCount * indexBytes, "dictionary and indexes");
  const indexAt = (row: number): number => {
    const at = from + row * indexBytes;
    return indexBytes === 1 ? view.getUint8(at) : indexBytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
  };
  const decode = rowCount * width <= mostBytes;
  const decoded = new Uint8Array(decode ? rowCount * width : 0);
  for (let row = 0; row < rowCount; row++) {
    const index = indexAt(row);
    if (index >= cardinality)
      return {
        flaw: { rule: "index-range", found: `index ${index} in row ${row}`, expected: `below ${cardinality}, the values there are` },
      };
    if (!decode) continue;
    const value = 9 + index * width;
    for (let byte = 0; byte < width; byte++) decoded[row * width + byte] = data[value + byte] ?? 0;
  }
  return decode ? { sha256: checksum.sha256(decoded) } : {};
}

/** Whether a block may begin a chunk: its head is possible and it is not all zero. */
export const mayBeginChunk = (block: Uint8Array): boolean =>
  block.length >= chunkHeadBytes &&
  (block[0] ?? 4) in chunkEncodings &&
  !isAllZero(block) &&
  impossibleCount(chunkHead.parse(block)) === undefined;
