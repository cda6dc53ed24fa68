import { isAllZero } from "../../base/bytes.ts";
import { judgeTrailer, tagNumber, trailerBytes } from "../core/index.ts";
import { type FixedRule, recordStructure, sdkRequiredBlocks, writeRecords } from "./fixed-records.ts";
import { readFixedTable } from "./fixed-table-codec.ts";
import { holdsMetricsMagic, type MetricEntries, magicFailure, metricsMeaning, metricsTable } from "./mlog-metrics.ts";
import { isSamplesHeader, type MetricSamples, samplesMeaning, samplesTable } from "./mlog-samples.ts";
import { blockOrZeros, type RegionBlocks, type RegionCodec, type RegionProblem, type RegionReading } from "./region.ts";
import { readTable } from "./table-region.ts";
import { isUnused, type UnusedRegion, writeUnused } from "./unused-region.ts";

export type MlogContent = MetricSamples | MetricEntries;

export type MlogRule =
  | FixedRule<"mlog">
  | `mlog.${
      | "not-recognised"
      | "block-unsealed"
      | "count-range"
      | "capacity-range"
      | "capacity-exceeded"
      | "threshold-range"
      | "aggregation-unknown"
      | "value-not-finite"
      | "time-range"
      | "generation-not-zero"
      | "oldest-differs"
      | "newest-differs"
      | "metric-count-differs"
      | "ratio-range"}`;

type Codec = "A" | "B" | "neither";

/** Which of the two codecs a block 0 is of: by its magic, else its tag, else a header that can be; by block 1 where block 0 is lost. Other regions reference 12. */
function codecOf(blocks: RegionBlocks): Codec {
  const first = blockOrZeros(blocks, 0);
  if (holdsMetricsMagic(first)) return "B";
  if (first.length < trailerBytes + samplesTable.headerBytes) return "neither";
  const { blockTypeTag } = judgeTrailer(first);
  if (blockTypeTag === tagNumber(samplesTable.tag) || isSamplesHeader(first)) return "A";
  if (!isAllZero(first.subarray(0, -trailerBytes))) return "neither";
  return judgeTrailer(blockOrZeros(blocks, 1)).blockTypeTag === tagNumber(metricsTable.tag) ? "B" : "A";
}

/** The metrics log, by either of the SDK's two codecs. Other regions reference 12. */
export const mlogCodec: RegionCodec<MlogContent | UnusedRegion> = {
  tag: "MLOG",
  read(blocks, facts = {}): RegionReading<MlogContent | UnusedRegion> {
    const first = blockOrZeros(blocks, 0);
    const codec = codecOf(blocks);
    if (codec === "A") return readTable(blocks, samplesTable, () => readFixedTable(blocks, samplesMeaning, facts));
    if (codec === "B") return readTable(blocks, metricsTable, () => readMetrics(blocks, facts));
    const { verified } = judgeTrailer(first);
    return {
      sdkReads: verified ? magicFailure(first) : "InvalidDataException: MLOG block 0 trailer verification failed.",
      problems: [unrecognised],
    };
  },
  structureOf: (index, block) =>
    holdsMetricsEntries(index, block) ? recordStructure(metricsTable, index, block) : recordStructure(samplesTable, index, block),
  write(content, blockBytes) {
    if (isUnused(content)) return writeUnused(content, "MLOG", blockBytes);
    const { generation } = content;
    if (content.codec === "A") {
      const { header, records } = samplesMeaning.partsOf(content);
      return writeRecords(samplesTable, header, records, generation, blockBytes);
    }
    const { header, records } = metricsMeaning.partsOf(content);
    return writeRecords(metricsTable, header, records, generation, blockBytes);
  },
};

const holdsMetricsEntries = (index: number, block: Uint8Array): boolean =>
  index === 0 ? holdsMetricsMagic(block) : block.length >= trailerBytes && judgeTrailer(block).blockTypeTag !== tagNumber(samplesTable.tag);

const unrecognised: RegionProblem<MlogRule> = {
  rule: "mlog.not-recognised",
  subject: "block 0 of the region",
  found: "neither the magic of one codec nor tag and header of the other",
  expected: "one of them",
  block: 0,
  start: 0,
  byteLength: 8,
};

/**
 * Reads the second codec's log; says what the SDK takes for the retention, and which last block its writer left without a trailer; all
 * that the SDK reads where block 0 carries another tag.
 */
function readMetrics(blocks: RegionBlocks, facts: Parameters<typeof readFixedTable>[2]): RegionReading<MetricEntries> {
  const reading = readFixedTable(blocks, metricsMeaning, facts);
  const { content, sdkReads } = reading;
  if (!content) return reading;
  const { downsampleFactor, retentionSecondsMod65536, entryCount } = content;
  const required = sdkRequiredBlocks(metricsTable, blocks.blockBytes, Number(entryCount));
  const isUnsealed = ({ rule, block }: RegionProblem) =>
    rule === "mlog.block-damaged" && block >= required && judgeTrailer(blockOrZeros(blocks, block)).zero;
  return {
    ...reading,
    sdkReads: sdkReads ?? {
      ...(judgeTrailer(blockOrZeros(blocks, 0)).blockTypeTag !== tagNumber(metricsTable.tag) && content),
      retentionSeconds: downsampleFactor * 65_536 + retentionSecondsMod65536,
      downsampleFactor: Math.max(1, downsampleFactor),
    },
    problems: reading.problems.map((problem) => (isUnsealed(problem) ? { ...problem, rule: "mlog.block-unsealed" } : problem)),
  };
}
