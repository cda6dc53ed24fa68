import type { SeriesPicture } from "../../contract/index.ts";
import { type DictContent, dictionaryAlgorithms } from "../../format/regions/dict.ts";
import { type InteContent, storageTiers } from "../../format/regions/inte.ts";
import type { MlogContent } from "../../format/regions/mlog.ts";
import { metricNames } from "../../format/regions/mlog-metrics.ts";
import { aggregationTypes } from "../../format/regions/mlog-samples.ts";
import type { StreContent } from "../../format/regions/stre.ts";
import { type ZnsmContent, zoneStates } from "../../format/regions/znsm.ts";
import { viewFields } from "./field-viewer.ts";
import { barsOf, cellsOf, countBars, msOfTicks } from "./pictures.ts";

const nameOf = (names: Readonly<Record<number, string>>, value: number): string => names[value] ?? `${value}`;

/** Trained dictionaries and where their bytes lie on the volume. */
export const dictionaryViewer = viewFields<DictContent>({
  names: { algorithmId: dictionaryAlgorithms },
  kinds: { blockOffset: "block", dictionarySizeBytes: "size", blockCount: "blocks" },
  titles: { dictionaries: "Dictionaries", dictId: "Id", algorithmId: "Algorithm", blockOffset: "First block", dictionarySizeBytes: "Size" },
  pictures: ({ content, volume, rangeOf, blocks }) =>
    content.dictionaries.length === 0
      ? []
      : [
          {
            type: "ranges",
            title: "Where the dictionaries lie",
            summary: `${content.dictionaries.length} dictionaries on a volume of ${volume.totalBlocks} blocks.`,
            unit: "blocks",
            start: 0,
            end: Number(volume.totalBlocks),
            ranges: content.dictionaries.map(({ dictId, blockOffset, blockCount }, index) => ({
              start: Number(blockOffset),
              end: Number(blockOffset) + Math.max(0, blockCount),
              label: `Dictionary ${dictId}, blocks ${blockOffset} + ${blockCount}`,
              family: "service",
              range: blocks(blockOffset, BigInt(blockCount)) ?? rangeOf("dictionaries", index),
            })),
            marks: [],
          },
        ],
});

/** Classified objects by the tier they are kept in. */
export const intelligenceViewer = viewFields<InteContent>({
  names: { tierAssignment: storageTiers },
  titles: {
    entries: "Objects",
    objectId: "Object",
    classificationId: "Class",
    confidenceScore: "Confidence",
    heatScore: "Heat",
    tierAssignment: "Tier",
  },
  pictures: ({ content }) => {
    if (content.entries.length === 0) return [];
    const tiers = [...new Set(content.entries.map(({ tierAssignment }) => tierAssignment))].sort((a, b) => a - b);
    const heat = tiers.map((tier) => {
      const scores = content.entries.filter(({ tierAssignment }) => tierAssignment === tier).map(({ heatScore }) => heatScore);
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return { label: nameOf(storageTiers, tier), value: mean, of: 1, text: `mean heat ${mean.toFixed(3)} of ${scores.length}` };
    });
    return [
      countBars("Objects by tier", "objects", content.entries, ({ tierAssignment }) => tierAssignment, storageTiers),
      barsOf("Mean heat by tier", "A cold tier with hot objects is out of date.", "heat", heat),
    ];
  },
});

const mostPoints = 20_000;

/** Metrics over time: samples of codec A by ticks, entries of codec B by nanoseconds. */
export const metricsViewer = viewFields<MlogContent>({
  names: { aggregationType: aggregationTypes },
  kinds: { oldestTimestamp: "number", newestTimestamp: "number", timestamp: "number" },
  widths: { timestamp: 190 },
  titles: { samples: "Samples", entries: "Entries", metricId: "Metric", timestampUtcTicks: "Time", timestamp: "Nanoseconds" },
  pictures: ({ content }) => {
    const rows =
      content.codec === "A"
        ? content.samples.map(({ metricId, timestampUtcTicks, value }) => ({ metricId, x: msOfTicks(timestampUtcTicks), y: value }))
        : content.entries.map(({ metricId, timestamp, value }) => ({ metricId, x: Number(timestamp) / 1e6, y: Number(value) }));
    const drawn = rows.slice(0, mostPoints).filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
    const byMetric = new Map<number, [number, number][]>();
    for (const { metricId, x, y } of drawn) byMetric.set(metricId, [...(byMetric.get(metricId) ?? []), [x, y]]);
    if (drawn.length === 0) return [];
    const series: SeriesPicture["series"] = [...byMetric]
      .sort(([a], [b]) => a - b)
      .map(([metricId, points]) => ({
        name: `${metricId} ${metricNames[metricId] ?? ""}`.trim(),
        points: points.sort(([a], [b]) => a - b),
      }));
    const clock = content.codec === "A" ? "" : " The writer chose the start of its clock; 1970 is taken for it.";
    return [
      {
        type: "series",
        title: "Metrics over time",
        unit: "value",
        series,
        more: rows.length - drawn.length,
        summary: `${drawn.length} values of ${series.length} metrics.${clock}`,
      },
    ];
  },
});

/** The ring of appended blocks: position p of the counters is slot p mod AllocatedBlocks. Other regions reference 7. */
export const streamingViewer = viewFields<StreContent>({
  pictures: ({ content }) => {
    const { maxCapacityBlocks, allocatedBlocks, writeHead, readTail } = content;
    const unread = writeHead - readTail;
    if (allocatedBlocks <= 0n || unread < 0n || unread > allocatedBlocks) return [];
    const slot = (position: bigint) => Number(position % allocatedBlocks);
    const [tail, head, end] = [slot(readTail), slot(writeHead), Number(allocatedBlocks)];
    const label = `to be read: positions ${readTail} to ${writeHead}`;
    const runs = unread === 0n ? [] : tail < head ? [[tail, head]] : [[tail, end], ...(head > 0 ? [[0, head]] : [])];
    return [
      {
        type: "ranges",
        title: "The ring",
        summary: `${unread} of ${allocatedBlocks} allocated slots hold entries that were not read yet; the ring may grow to ${maxCapacityBlocks}.`,
        unit: "slots",
        start: 0,
        end,
        ranges: runs.map(([from = 0, to = 0]) => ({ start: from, end: to, label, family: "service" as const })),
        marks: [
          { at: tail, label: "read tail" },
          { at: head, label: "write head" },
        ],
      },
    ];
  },
});

/** Zones in their states. */
export const zoneViewer = viewFields<ZnsmContent>({
  names: { state: zoneStates },
  titles: { rows: "Zones", epochId: "Epoch", zoneId: "Zone" },
  look: (row) => (row.state === 0 ? "weak" : undefined),
  pictures: ({ content, rangeOf }) =>
    content.rows.length === 0
      ? []
      : [
          cellsOf(
            "Zones by state",
            content.rows,
            [
              { state: "0", title: "free", tone: "empty" },
              { state: "1", title: "active", tone: "ok" },
              { state: "2", title: "full", tone: "busy" },
              { state: "4", title: "resetting", tone: "warning" },
              { state: "3", title: "dead", tone: "error" },
            ],
            ({ zoneId, epochId, state }, index) => ({
              label: `Zone ${zoneId}, epoch ${epochId}`,
              state: `${state}`,
              range: rangeOf("rows", index),
            }),
          ),
        ],
});
