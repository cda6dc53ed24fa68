import { isAllZero } from "../../base/bytes.ts";
import { bytes, type Decoded, enumeration, flags, guid, i32, reserved, struct, ticks, u16 } from "../../base/struct/index.ts";
import { trailerBytes } from "../core/index.ts";
import type { FixedRule, FixedTable } from "./fixed-records.ts";
import { type AddProblem, fixedTableCodec } from "./fixed-table-codec.ts";
import { duplicates, isCalendarTicks, isEmptyGuid } from "./region.ts";
import { trailedBlocks } from "./table-region.ts";

export const mappingFlags = { active: 1, erased: 2 } as const;
export const piiTypes = { 0: "Name", 1: "Email", 2: "Phone", 3: "SSN", 4: "Address", 5: "DOB", 6: "IP", 7: "Custom" };

/** What stands for one piece of personal data, 108 bytes. Other regions reference 11. */
export const anonymizationMapping = struct("AnonymizationMapping", {
  mappingId: guid(),
  subjectId: guid(),
  piiType: enumeration(u16(), piiTypes),
  piiHash: bytes(32, { as: "checksum", doc: "SHA-256 of the personal data; zeros once erased" }),
  anonymizedToken: bytes(32, { as: "id", doc: "What stands in its place; zeros once erased" }),
  createdUtcTicks: ticks(),
  flags: flags(u16(), { 0: "Active", 1: "Erased" }),
});
export type AnonymizationMapping = Decoded<typeof anonymizationMapping>;

const header = struct("AnonymizationTableHeader", {
  mappingCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});

export interface AnonContent {
  generation: number;
  mappingCount: number;
  mappings: AnonymizationMapping[];
}

export type AnonRule =
  | FixedRule<"anon">
  | `anon.${"id-empty" | "id-duplicate" | "type-unknown" | "flags-unknown" | "flags-conflict" | "erased-not-zero" | "hash-missing" | "time-range"}`;

const table: FixedTable<Decoded<typeof header>, AnonymizationMapping, "anon"> = {
  rules: "anon",
  tag: "ANON",
  sdkRegion: "Anonymization Table",
  name: "AnonymizationTable",
  list: "mappings",
  headerBytes: 16,
  recordBytes: 108,
  reserved: { start: 4, byteLength: 12 },
  header,
  record: anonymizationMapping,
};

/** Mappings from personal data to tokens. Other regions reference 11. */
export const anonCodec = fixedTableCodec<Decoded<typeof header>, AnonymizationMapping, AnonContent, "anon">({
  table,
  noun: "mapping",
  countOf: ({ mappingCount }) => mappingCount,
  contentOf: ({ generation, header: { mappingCount }, records }) => ({ generation, mappingCount, mappings: records }),
  partsOf: ({ mappingCount, mappings }) => ({ header: { mappingCount }, records: mappings }),
  sdkCountFailure(count, blocks) {
    const most = Math.floor((blocks.blockBytes - trailerBytes) / table.recordBytes) * trailedBlocks(blocks);
    if (count >= 0 && count <= most) return undefined;
    return `InvalidDataException: AnonymizationTableRegion: mappingCount ${count} is out of range [0, ${most}].`;
  },
  judge({ mappings }, add: AddProblem<AnonRule>) {
    for (const [index, { mappingId, piiType, piiHash, anonymizedToken, createdUtcTicks, flags: set }] of mappings.entries()) {
      if (isEmptyGuid(mappingId)) add("anon.id-empty", index, "a mapping id of zeros", "an id");
      if (!(piiType in piiTypes)) add("anon.type-unknown", index, `type ${piiType}`, "0 to 7");
      if (set & ~3) add("anon.flags-unknown", index, `flags ${set}`, "Active or Erased");
      if ((set & 3) === 3) add("anon.flags-conflict", index, "both Active and Erased", "one of them");
      const zeros = [piiHash, anonymizedToken].filter(isAllZero).length;
      if (set & mappingFlags.erased && zeros < 2)
        add("anon.erased-not-zero", index, "an erased mapping with hash or token", "zeros in both");
      if (!(set & mappingFlags.erased) && zeros > 0) add("anon.hash-missing", index, "a hash or token of zeros", "both filled");
      if (!isCalendarTicks(createdUtcTicks)) add("anon.time-range", index, `${createdUtcTicks}`, "a time a calendar holds");
    }
    for (const [first, again] of duplicates(mappings, ({ mappingId }) => mappingId))
      add("anon.id-duplicate", again, `the id of mapping ${first}`, "an id of its own");
  },
});
