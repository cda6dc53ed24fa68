import { describe, expect, it } from "vitest";
import { toJson } from "../../base/json.ts";
import { blocksOfRow, type VerdictRow, verdictRows } from "../../testing/reader-verdicts.ts";
import { type RegionDecoder, regionCodecs } from "./index.ts";
import type { MetricEntries } from "./mlog-metrics.ts";
import { distinctKeys } from "./tagi-judge.ts";
import { loadAsSdk, reachNodes } from "./tagi-tree.ts";
import { xrefCodecOf } from "./xref.ts";

const rows = verdictRows(["TAGI", "CLOG", "DICT", "XREF", "STRE", "WORM", "CMVT", "ALOG", "ANON", "MLOG", "INTE"]);

const decoders: Readonly<Record<string, RegionDecoder>> = {
  "CrossVdeReferenceRegion.Deserialize": xrefCodecOf("references"),
  "VdeSeparationManager.Deserialize": xrefCodecOf("separation"),
  "VdeFederationRegion.Deserialize": xrefCodecOf("federation"),
};

/** What the SDK's reader sees by our codec: its exception, or the content as it sees it. */
function sdkView(row: VerdictRow): unknown {
  const codec = decoders[row.reader] ?? regionCodecs.get(row.region);
  const { content, sdkReads } = codec?.read(blocksOfRow(row)) ?? {};
  if (row.reader === "MetricsLogWriter.DeserializeRegion" && typeof sdkReads === "object")
    return metricsView(content ?? sdkReads, sdkReads);
  return toJson(sdkReads ?? content ?? null);
}

/** The reader of the second metrics codec counts metrics itself and does not look at generations. */
function metricsView(content: object, sdkReads: object): unknown {
  const { entries } = content as MetricEntries;
  const metricIdCount = new Set(entries.map(({ metricId }) => metricId)).size;
  return toJson({ ...content, ...sdkReads, generation: 0, metricIdCount });
}

const tables = rows.filter(({ region }) => region !== "TAGI");

describe.each([...new Set(tables.map(({ reader }) => reader))])("damage before %s", (reader) => {
  const own = tables.filter((row) => row.reader === reader);
  const undamaged = own.find((row) => row.case === "undamaged");
  it.each(own)("$case", (row) => {
    const view = sdkView(row);
    if (row.sdk.startsWith("ok")) expect(typeof view).toBe("object");
    else expect(view).toBe(row.sdk);
    expect(JSON.stringify(view) === JSON.stringify(undamaged && sdkView(undamaged))).toBe(row.sameAsUndamaged);
  });
  it("is the same to the codec where it is the same to the SDK", () => {
    const byMark = new Map<string, Set<string>>();
    for (const row of own) {
      const mark = /records sha256 (\w+)/.exec(row.sdk)?.[1];
      if (mark === undefined) continue;
      const lists = Object.values(sdkView(row) as Record<string, unknown>).filter(Array.isArray);
      byMark.set(mark, (byMark.get(mark) ?? new Set()).add(JSON.stringify(lists)));
    }
    for (const [mark, views] of byMark) expect(views.size, mark).toBe(1);
    expect(new Set([...byMark.values()].flatMap((views) => [...views])).size).toBe(byMark.size);
  });
});

describe("damage before the tag index", () => {
  it.each(rows.filter(({ region }) => region === "TAGI"))("$golden: $case", (row) => {
    const sdk = loadAsSdk(blocksOfRow(row));
    if (!row.sdk.startsWith("ok")) {
      expect(sdk).toBe(row.sdk);
      return;
    }
    if (typeof sdk === "string") throw new TypeError(sdk);
    const sound = rows.find(({ golden, case: name }) => golden === row.golden && name === "undamaged");
    const keys = sound ? distinctKeys(reachNodes(blocksOfRow(sound))) : [];
    const answers = keys.map((key) => sdk.lookupAll(key));
    const hits = answers.find((answer) => typeof answer === "string") ?? answers.filter((answer) => answer.length > 0).length;
    const said = `entryCount ${sdk.entryCount}, iterate ${sdk.iterate()}, lookup hits ${hits}, requiredBlocks ${sdk.requiredBlocks}, generation ${sdk.generation}`;
    expect(`ok: ${said}`).toBe(row.sdk);
  });
});
