import { equalBytes, viewOf } from "../../base/bytes.ts";
import { constant, type Decoded, f64, i64, type Kind, struct, u16, u64 } from "../../base/struct/index.ts";
import { type FixedTable, recordCapacity } from "./fixed-records.ts";
import type { AddProblem, FixedTableMeaning } from "./fixed-table-codec.ts";
import type { MlogRule } from "./mlog.ts";

/** The second of two codecs for metrics, under the tag MLOG. Other regions reference 12.2. */
const magicBytes = Uint8Array.of(0x00, 0x53, 0x43, 0x49, 0x52, 0x54, 0x45, 0x4d);

/** Metrics whose values are doubles, and those of them that are ratios. */
const doubles: ReadonlySet<number> = new Set([0x11, 0x12, 0x20, 0x21]);
export const metricNames: Readonly<Record<number, string>> = {
  1: "ReadOps",
  2: "WriteOps",
  3: "ReadBytes",
  4: "WriteBytes",
  5: "ReadLatencyP50",
  6: "ReadLatencyP99",
  7: "WriteLatencyP50",
  8: "WriteLatencyP99",
  16: "FreeBlocks",
  17: "FragmentationRatio",
  18: "InodeUtilization",
  32: "CacheHitRatio",
  33: "CompressionRatio",
  48: "ReplicationLag",
  49: "DirtyBlocks",
  64: "TamperEvents",
  65: "ErrorCount",
};

/** A double or an integer, by the metric's id. */
const metricValue: Kind<number | bigint> = (() => {
  const [asDouble, asInteger] = [f64() as Kind<unknown>, i64() as Kind<unknown>];
  const kindFor = (values: Record<string, unknown>): Kind<number | bigint> =>
    (doubles.has(values.metricId as number) ? asDouble : asInteger) as Kind<number | bigint>;
  return {
    type: "f64 or i64 little-endian",
    class: "number",
    options: { doc: "A double for 0x11, 0x12, 0x20 and 0x21, else an integer" },
    byteLength: 8,
    leastBytes: 8,
    read: (reader, path) => kindFor(reader.values).read(reader, path),
    write: (writer, value) => kindFor(writer.values).write(writer, value),
    measure: () => 8,
    describe: (path, offset) => [{ path, type: "f64 or i64 little-endian", kind: "number", offset, byteLength: 8 }],
  };
})();

const metricEntry = struct("MetricEntry", {
  timestamp: u64({ unit: "ns", doc: "Since whenever the writer counts from" }),
  metricId: u16({ as: "id", show: (value) => (metricNames[value] ? `${value} · ${metricNames[value]}` : `${value}`) }),
  value: metricValue,
});
export type MetricEntry = Decoded<typeof metricEntry>;

const header = struct("MetricsHeader", {
  magic: constant(magicBytes, { doc: "METRICS, read as a number" }),
  entryCount: u64(),
  oldestTimestamp: u64({ unit: "ns" }),
  newestTimestamp: u64({ unit: "ns" }),
  metricIdCount: u16({ doc: "Distinct metrics, modulo 65 536" }),
  retentionSecondsMod65536: u16({ unit: "s", doc: "What is left of the retention: the next field lies over its upper half" }),
  downsampleFactor: u16({ doc: "0 is read as 1" }),
});
type Header = Decoded<typeof header>;

export interface MetricEntries {
  codec: "B";
  generation: number;
  entryCount: bigint;
  oldestTimestamp: bigint;
  newestTimestamp: bigint;
  metricIdCount: number;
  retentionSecondsMod65536: number;
  downsampleFactor: number;
  entries: MetricEntry[];
}

export const metricsTable: FixedTable<Header, MetricEntry, "mlog"> = {
  rules: "mlog",
  tag: "MLOG",
  sdkRegion: "MLOG",
  name: "Metrics",
  list: "entries",
  headerBytes: 38,
  recordBytes: 18,
  reserved: { start: 38, byteLength: 0 },
  header,
  record: metricEntry,
};

export const holdsMetricsMagic = (first: Uint8Array): boolean => equalBytes(first.subarray(0, magicBytes.length), magicBytes);

/** The exception of the SDK's reader for a block 0 without the magic. */
export const magicFailure = (first: Uint8Array): string =>
  `InvalidDataException: MLOG region magic mismatch: expected 0x4D45545249435300, got 0x${viewOf(first).getBigUint64(0, true).toString(16).toUpperCase().padStart(16, "0")}.`;

export const metricsMeaning: FixedTableMeaning<Header, MetricEntry, MetricEntries, "mlog"> = {
  table: metricsTable,
  noun: "entry",
  countOf: ({ entryCount }) => Number(entryCount),
  contentOf: ({ generation, header: { magic, ...stored }, records }) => ({ codec: "B", generation, ...stored, entries: records }),
  partsOf: ({ codec, generation, entries, ...stored }) => ({ header: { magic: magicBytes, ...stored }, records: entries }),
  sdkCountFailure: (count, blocks) =>
    count > recordCapacity(metricsTable, blocks.blockBytes, blocks.blockCount)
      ? "InvalidDataException: MLOG entry count exceeds available blocks."
      : undefined,
  judge(content, add: AddProblem<MlogRule>) {
    const { entries, entryCount, generation } = content;
    if (generation !== 0) add("mlog.generation-not-zero", undefined, `generation ${generation}`, "0, whatever was rewritten");
    if (entryCount === BigInt(entries.length)) judgeBounds(content, add);
    for (const [index, { metricId, value }] of entries.entries()) {
      if (typeof value !== "number") continue;
      if (!Number.isFinite(value)) add("mlog.value-not-finite", index, `${value}`, "a number");
      else if (value < 0 || value > 1) add("mlog.ratio-range", index, `${metricNames[metricId]} ${value}`, "0 to 1");
    }
  },
};

/** The header's summary against the entries. Compaction leaves 0 for the oldest time. Other regions reference 12.2. */
function judgeBounds(content: MetricEntries, add: AddProblem<MlogRule>): void {
  const { oldestTimestamp: oldest, newestTimestamp: newest, metricIdCount: metrics } = recountMetrics(content);
  if (content.oldestTimestamp !== oldest)
    add("mlog.oldest-differs", undefined, `oldest time ${content.oldestTimestamp}`, `${oldest}, or 0 after a compaction`);
  if (content.newestTimestamp !== newest) add("mlog.newest-differs", undefined, `newest time ${content.newestTimestamp}`, `${newest}`);
  if (content.metricIdCount !== metrics) add("mlog.metric-count-differs", undefined, `${content.metricIdCount} metrics`, `${metrics}`);
}

/** The log with the summary that its entries give; an oldest time of 0 stays, as do both times of a log without entries. */
export function recountMetrics(content: MetricEntries): MetricEntries {
  const { entries } = content;
  const times = entries.map(({ timestamp }) => timestamp);
  const [first] = times;
  const metricIdCount = new Set(entries.map(({ metricId }) => metricId)).size & 0xffff;
  if (first === undefined) return { ...content, metricIdCount };
  const oldest = times.reduce((least, time) => (time < least ? time : least), first);
  return {
    ...content,
    metricIdCount,
    oldestTimestamp: content.oldestTimestamp === 0n ? 0n : oldest,
    newestTimestamp: times.reduce((most, time) => (time > most ? time : most), 0n),
  };
}
