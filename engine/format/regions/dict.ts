import { bytes, type Decoded, enumeration, i32, i64, reserved, struct, ticks, u16 } from "../../base/struct/index.ts";
import type { FixedRule, FixedTable } from "./fixed-records.ts";
import { type AddProblem, fixedTableCodec } from "./fixed-table-codec.ts";
import { isCalendarTicks, rangeProblem } from "./region.ts";

/** Slots that the SDK has. Other regions reference 4. */
export const mostDictionaries = 256;
export const dictionaryAlgorithms = { 0: "Zstd", 1: "Brotli", 2: "LZ4", 3: "Deflate", 4: "Custom" };

/** Where one dictionary lies and what it is, 68 bytes. Other regions reference 4. */
export const dictionaryRecord = struct("DictionaryRecord", {
  dictId: u16({ check: (value) => value < mostDictionaries, expects: "0 to 255" }),
  algorithmId: enumeration(u16(), dictionaryAlgorithms),
  blockOffset: i64({ as: "pointer", unit: "block", doc: "First block of the dictionary's data, from the volume's start" }),
  blockCount: i32({ unit: "blocks" }),
  dictionarySizeBytes: i32({ unit: "bytes" }),
  trainedUtcTicks: ticks(),
  sampleCount: i64(),
  contentHash: bytes(32, { as: "checksum", doc: "SHA-256 of the dictionary's bytes" }),
});
export type DictionaryRecord = Decoded<typeof dictionaryRecord>;

const header = struct("DictionaryRegionHeader", {
  dictionaryCount: i32({ check: (value) => value >= 0 && value <= mostDictionaries, expects: "0 to 256" }),
  reserved: reserved(12),
});

export interface DictContent {
  generation: number;
  dictionaryCount: number;
  dictionaries: DictionaryRecord[];
}

export type DictRule =
  | FixedRule<"dict">
  | `dict.${
      | "count-above-limit"
      | "id-range"
      | "ids-not-ascending"
      | "algorithm-unknown"
      | "size"
      | "block-count"
      | "range-outside"
      | "sample-count-negative"
      | "time-range"}`;

const table: FixedTable<Decoded<typeof header>, DictionaryRecord, "dict"> = {
  rules: "dict",
  tag: "DICT",
  sdkRegion: "Compression Dictionary",
  name: "DictionaryRegion",
  list: "dictionaries",
  headerBytes: 16,
  recordBytes: 68,
  reserved: { start: 4, byteLength: 12 },
  header,
  record: dictionaryRecord,
};

/** The compression dictionaries. Other regions reference 4. */
export const dictCodec = fixedTableCodec<Decoded<typeof header>, DictionaryRecord, DictContent, "dict">({
  table,
  noun: "dictionary",
  most: mostDictionaries,
  countOf: ({ dictionaryCount }) => dictionaryCount,
  contentOf: ({ generation, header: { dictionaryCount }, records }) => ({ generation, dictionaryCount, dictionaries: records }),
  partsOf: ({ dictionaryCount, dictionaries }) => ({ header: { dictionaryCount }, records: dictionaries }),
  sdkReads({ generation, dictionaries }) {
    const slots = new Map(dictionaries.filter(({ dictId }) => dictId < mostDictionaries).map((each) => [each.dictId, each]));
    const seen = [...slots.values()].sort((a, b) => a.dictId - b.dictId);
    if (seen.length === dictionaries.length && seen.every((each, index) => each === dictionaries[index])) return undefined;
    return { generation, dictionaryCount: seen.length, dictionaries: seen };
  },
  judge({ dictionaryCount, dictionaries }, add: AddProblem<DictRule>, { totalBlocks }, { blockBytes }) {
    if (dictionaryCount > mostDictionaries)
      add("dict.count-above-limit", undefined, `${dictionaryCount} dictionaries`, `at most ${mostDictionaries}`);
    for (const [index, each] of dictionaries.entries()) {
      const before = dictionaries[index - 1];
      if (each.dictId >= mostDictionaries) add("dict.id-range", index, `id ${each.dictId}`, "0 to 255");
      if (before && before.dictId >= each.dictId)
        add("dict.ids-not-ascending", index, `id ${each.dictId} behind id ${before.dictId}`, "ids that ascend, none twice");
      if (!(each.algorithmId in dictionaryAlgorithms)) add("dict.algorithm-unknown", index, `algorithm ${each.algorithmId}`, "0 to 4");
      if (each.dictionarySizeBytes <= 0) add("dict.size", index, `${each.dictionarySizeBytes} bytes`, "more than 0");
      const needed = Math.ceil(Math.max(1, each.dictionarySizeBytes) / blockBytes);
      if (each.blockCount < needed)
        add("dict.block-count", index, `${each.blockCount} blocks for ${each.dictionarySizeBytes} bytes`, `at least ${needed}`);
      const outside =
        each.blockOffset <= 0n ? `block ${each.blockOffset}` : rangeProblem(each.blockOffset, BigInt(each.blockCount), totalBlocks);
      if (outside) add("dict.range-outside", index, outside, "blocks of the volume behind block 0");
      if (each.sampleCount < 0n) add("dict.sample-count-negative", index, `${each.sampleCount} samples`, "not negative");
      if (!isCalendarTicks(each.trainedUtcTicks)) add("dict.time-range", index, `${each.trainedUtcTicks}`, "a time a calendar holds");
    }
  },
});
