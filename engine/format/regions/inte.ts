import { type Decoded, enumeration, f32, guid, i32, reserved, struct, ticks, u8, u16 } from "../../base/struct/index.ts";
import type { FixedRule, FixedTable } from "./fixed-records.ts";
import { type AddProblem, fixedTableCodec } from "./fixed-table-codec.ts";
import { duplicates, isCalendarTicks, isEmptyGuid } from "./region.ts";

export const storageTiers = { 0: "Hot", 1: "Warm", 2: "Cold", 3: "Frozen", 4: "Archive" } as const;

/** What is known of one object's use, 43 bytes. Other regions reference 13. */
export const intelligenceEntry = struct("IntelligenceEntry", {
  objectId: guid(),
  classificationId: u16({ as: "id", doc: "Whatever the user defines" }),
  confidenceScore: f32({ doc: "0 to 1" }),
  heatScore: f32({ doc: "0 to 1" }),
  tierAssignment: enumeration(u8(), storageTiers),
  lastClassifiedUtcTicks: ticks(),
  lastAccessedUtcTicks: ticks(),
});
export type IntelligenceEntry = Decoded<typeof intelligenceEntry>;

const header = struct("IntelligenceCacheHeader", {
  entryCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});

export interface InteContent {
  generation: number;
  entryCount: number;
  entries: IntelligenceEntry[];
}

export type InteRule =
  | FixedRule<"inte">
  | `inte.${"id-empty" | "id-duplicate" | "score-not-finite" | "score-range" | "tier-unknown" | "time-range"}`;

const table: FixedTable<Decoded<typeof header>, IntelligenceEntry, "inte"> = {
  rules: "inte",
  tag: "INTE",
  sdkRegion: "Intelligence Cache",
  name: "IntelligenceCache",
  list: "entries",
  headerBytes: 16,
  recordBytes: 43,
  reserved: { start: 4, byteLength: 12 },
  header,
  record: intelligenceEntry,
};

/** How objects are used and where they should lie. Other regions reference 13. */
export const inteCodec = fixedTableCodec<Decoded<typeof header>, IntelligenceEntry, InteContent, "inte">({
  table,
  noun: "entry",
  countOf: ({ entryCount }) => entryCount,
  contentOf: ({ generation, header: { entryCount }, records }) => ({ generation, entryCount, entries: records }),
  partsOf: ({ entryCount, entries }) => ({ header: { entryCount }, records: entries }),
  judge({ entries }, add: AddProblem<InteRule>) {
    for (const [index, entry] of entries.entries()) {
      if (isEmptyGuid(entry.objectId)) add("inte.id-empty", index, "an object id of zeros", "an id");
      for (const [what, score] of [
        ["confidence", entry.confidenceScore],
        ["heat", entry.heatScore],
      ] as const) {
        if (!Number.isFinite(score)) add("inte.score-not-finite", index, `${what} ${score}`, "a number");
        else if (score < 0 || score > 1) add("inte.score-range", index, `${what} ${score}`, "0 to 1");
      }
      if (!(entry.tierAssignment in storageTiers)) add("inte.tier-unknown", index, `tier ${entry.tierAssignment}`, "0 to 4");
      for (const time of [entry.lastClassifiedUtcTicks, entry.lastAccessedUtcTicks])
        if (!isCalendarTicks(time)) add("inte.time-range", index, `${time}`, "a time a calendar holds");
    }
    for (const [first, again] of duplicates(entries, ({ objectId }) => objectId))
      add("inte.id-duplicate", again, `the id of entry ${first}`, "an id of its own");
  },
});
