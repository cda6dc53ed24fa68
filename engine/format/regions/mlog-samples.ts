import { type Decoded, enumeration, f64, i64, reserved, struct, ticks, u8, u16 } from "../../base/struct/index.ts";
import type { FixedTable } from "./fixed-records.ts";
import type { AddProblem, FixedTableMeaning } from "./fixed-table-codec.ts";
import type { MlogRule } from "./mlog.ts";
import { blockOrZeros, isCalendarTicks } from "./region.ts";

/** The first of two codecs for metrics, under the tag MTRK. Other regions reference 12.1. */
export const aggregationTypes = { 0: "Raw", 1: "Sum", 2: "Average", 3: "Min", 4: "Max", 5: "Count", 6: "P99" } as const;
const [mostSamples, mostCapacity] = [10_000_000n, 100_000_000n];

const metricSample = struct("MetricSample", {
  metricId: u16({ as: "id" }),
  timestampUtcTicks: ticks(),
  value: f64(),
  aggregationType: enumeration(u8(), aggregationTypes),
});
export type MetricSample = Decoded<typeof metricSample>;

const header = struct("MetricsLogHeader", {
  sampleCount: i64({ check: (value) => value >= 0n && value <= mostSamples, expects: "0 to 10 000 000" }),
  maxCapacitySamples: i64({ check: (value) => value >= 1n && value <= mostCapacity, expects: "1 to 100 000 000" }),
  compactionThreshold: f64({ doc: "How full the log is when it is compacted, above 0 and at most 1" }),
  reserved: reserved(8),
});
type Header = Decoded<typeof header>;

export interface MetricSamples {
  codec: "A";
  generation: number;
  sampleCount: bigint;
  maxCapacitySamples: bigint;
  compactionThreshold: number;
  samples: MetricSample[];
}

export const samplesTable: FixedTable<Header, MetricSample, "mlog"> = {
  rules: "mlog",
  tag: "MTRK",
  directoryTags: ["MLOG"],
  sdkRegion: "Metrics Log",
  name: "MetricsLog",
  list: "samples",
  headerBytes: 32,
  recordBytes: 19,
  reserved: { start: 24, byteLength: 8 },
  header,
  record: metricSample,
};

const isThreshold = (value: number): boolean => value > 0 && value <= 1;

/** Whether a block can begin such a log, whatever its tag. */
export function isSamplesHeader(first: Uint8Array): boolean {
  const { sampleCount, maxCapacitySamples, compactionThreshold } = header.parse(first);
  return headerFailure(sampleCount, maxCapacitySamples, compactionThreshold) === undefined && isThreshold(compactionThreshold);
}

/** The exception of the SDK's reader for a header; it lets a threshold pass that is no number. Other regions reference 12.1. */
function headerFailure(sampleCount: bigint, maxCapacity: bigint, threshold: number): string | undefined {
  const refused = (what: string) => `InvalidDataException: MetricsLog ${what}`;
  if (sampleCount < 0n || sampleCount > mostSamples) return refused(`sampleCount ${sampleCount} is out of valid range [0, 10M].`);
  if (maxCapacity < 1n || maxCapacity > mostCapacity) return refused(`maxCapacity ${maxCapacity} is out of valid range.`);
  if (threshold <= 0 || threshold > 1) return refused(`compactionThreshold ${netDouble(threshold)} is out of valid range (0, 1.0].`);
  return undefined;
}

/** A double as .NET writes it: an exponent of two digits or more below 1E-05 and from 1E+15 on. */
function netDouble(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (size >= 1e-5 && size < 1e15)) return Object.is(value, -0) ? "-0" : String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  return `${digits}E${exponent.startsWith("-") ? "-" : "+"}${exponent.slice(1).padStart(2, "0")}`;
}

export const samplesMeaning: FixedTableMeaning<Header, MetricSample, MetricSamples, "mlog"> = {
  table: samplesTable,
  noun: "sample",
  countOf: ({ sampleCount }) => Number(sampleCount),
  contentOf: ({ generation, header: { reserved: _, ...stored }, records }) => ({ codec: "A", generation, ...stored, samples: records }),
  partsOf: ({ sampleCount, maxCapacitySamples, compactionThreshold, samples }) => ({
    header: { sampleCount, maxCapacitySamples, compactionThreshold },
    records: samples,
  }),
  sdkCountFailure(_, blocks) {
    const { sampleCount, maxCapacitySamples, compactionThreshold } = header.parse(blockOrZeros(blocks, 0));
    return headerFailure(sampleCount, maxCapacitySamples, compactionThreshold);
  },
  judge({ sampleCount, maxCapacitySamples, compactionThreshold, samples }, add: AddProblem<MlogRule>) {
    if (sampleCount > mostSamples) add("mlog.count-range", undefined, `${sampleCount} samples`, `at most ${mostSamples}`);
    if (maxCapacitySamples < 1n || maxCapacitySamples > mostCapacity)
      add("mlog.capacity-range", undefined, `room for ${maxCapacitySamples}`, `1 to ${mostCapacity}`);
    else if (sampleCount > maxCapacitySamples)
      add("mlog.capacity-exceeded", undefined, `${sampleCount} samples`, `at most ${maxCapacitySamples}, the capacity`);
    if (!isThreshold(compactionThreshold)) add("mlog.threshold-range", undefined, `${compactionThreshold}`, "above 0, at most 1");
    for (const [index, { aggregationType, value, timestampUtcTicks }] of samples.entries()) {
      if (!(aggregationType in aggregationTypes)) add("mlog.aggregation-unknown", index, `type ${aggregationType}`, "0 to 6");
      if (!Number.isFinite(value)) add("mlog.value-not-finite", index, `${value}`, "a number");
      if (!isCalendarTicks(timestampUtcTicks)) add("mlog.time-range", index, `${timestampUtcTicks}`, "a time a calendar holds");
    }
  },
};
