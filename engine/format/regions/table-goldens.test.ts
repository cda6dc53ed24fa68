import { describe, expect, it } from "vitest";
import { equalBytes, isAllZero } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenDifferences } from "../../testing/compare-golden.ts";
import { goldenBytes, goldenJson, goldenNames } from "../../testing/golden.ts";
import { blocksOf } from "../../testing/golden-region.ts";
import { coverageFault } from "../../testing/region-properties.ts";
import { chunkData } from "./colr.ts";
import {
  alogCodec,
  anonCodec,
  btreCodec,
  clogCodec,
  cmalCodec,
  cmvtCodec,
  colrCodec,
  dictCodec,
  inteCodec,
  mlogCodec,
  opjrCodec,
  type RegionBlocks,
  type RegionCodec,
  regionCodecs,
  streCodec,
  tagiCodec,
  walsCodec,
  wormCodec,
  xrefCodec,
  znsmCodec,
} from "./index.ts";
import { isUnused } from "./unused-region.ts";

/** Reads a region and writes what was read; undefined where it cannot be decoded. */
const rewrite =
  <Content>(codec: RegionCodec<Content>) =>
  (blocks: RegionBlocks): Uint8Array[] | undefined => {
    const { content } = codec.read(blocks);
    return content === undefined ? undefined : codec.write(content, blocks.blockBytes);
  };
const rewriters: Readonly<Record<string, (blocks: RegionBlocks) => Uint8Array[] | undefined>> = {
  CLOG: rewrite(clogCodec),
  DICT: rewrite(dictCodec),
  ANON: rewrite(anonCodec),
  WORM: rewrite(wormCodec),
  MLOG: rewrite(mlogCodec),
  INTE: rewrite(inteCodec),
  ZNSM: rewrite(znsmCodec),
  WALS: rewrite(walsCodec),
  OPJR: rewrite(opjrCodec),
  COLR: (blocks) => {
    const { content } = colrCodec.read(blocks);
    return content && (isUnused(content) ? [] : colrCodec.write(content, blocks.blockBytes, { data: chunkData(blocks, content) }));
  },
  CMVT: rewrite(cmvtCodec),
  ALOG: rewrite(alogCodec),
  CMAL: rewrite(cmalCodec),
  STRE: rewrite(streCodec),
  XREF: rewrite(xrefCodec),
  TAGI: rewrite(tagiCodec),
  BTRE: rewrite(btreCodec),
};

interface GoldenRow {
  tag: string;
  kind?: string;
  startBlock: number;
  blockCount: number;
  content?: Record<string, unknown>;
}
interface Held {
  kind: string;
  blocks: RegionBlocks;
  content?: Record<string, unknown>;
}

function held(name: string): Held[] {
  const { expect: expected } = goldenJson(name);
  const image = goldenBytes(name);
  return expected.regions
    .map(({ tag, kind = tag, startBlock, blockCount, content }: GoldenRow) => ({
      kind,
      content,
      blocks: blocksOf(image, expected.superblock.blockSize, startBlock, blockCount),
    }))
    .filter(({ kind }: Held) => kind in rewriters);
}
const names = goldenNames(
  /^(placed-colr|filled|formatted|populated|created-only|added|damaged-(alog|anon|clog|cmvt|stre|tagi|inte|mlog|opjr))-/,
  {
    ending: ".dwvd.gz",
  },
).filter((name) => {
  const { regions, superblock } = goldenJson(name).expect;
  return superblock && regions?.some(({ tag, kind = tag }: Record<string, string>) => kind && kind in rewriters);
});
/** Whose bytes the SDK's own writer does not give: altered by hand, or left from an earlier version. */
const altered = /mixed-generations|stale-tail|dirty-slack|undercount$|damaged-|tagi-.*-overflow/;

/** What the goldens say of the SDK's reader without naming the region. */
const besideKeys: Readonly<Record<string, readonly string[]>> = {
  TAGI: ["lookupAllMisses", "lookupAllThrows"],
  BTRE: ["lookupMisses"],
  COLR: ["readColumn"],
};
const lookupsOf = (kind: string, sdkReads: Record<string, unknown> | undefined): unknown =>
  sdkReads && besideKeys[kind]?.some((key) => key in sdkReads) ? sdkReads : undefined;

/** Rules of less than an error that sound goldens meet. */
const mild =
  /^xref\.(not-of-this-volume|region-missing)$|\.(sdk-undercounts|unsigned|sdk-lookup-misses)$|^tagi\.block-address$|^dict\.block-count$|^opjr\.(progress-differs|resize-)|^colr\.sdk-misreads/;

describe.each(names)("tables of %s", (name) => {
  const golden = goldenJson(name);
  const regions = held(name);
  it("hold the content that the golden expects", () => {
    for (const { kind, blocks, content } of regions) {
      const read = regionCodecs.get(kind)?.read(blocks);
      if (content) expect(goldenDifferences(toJson(read?.content ?? null), content), kind).toEqual([]);
    }
  });
  it("are to the SDK's reader what the golden says", () => {
    for (const { kind, blocks } of regions) {
      const read = regionCodecs.get(kind)?.read(blocks);
      const expected = golden.sdkReads?.[kind] ?? lookupsOf(kind, golden.sdkReads);
      const verdict: string | undefined = golden.sdk?.["deserialize(blocksUsed)"] ?? golden.sdk?.deserialize;
      if (expected !== undefined) expect(goldenDifferences(toJson(read?.sdkReads ?? null), expected), kind).toEqual([]);
      else if (verdict?.startsWith("ok") && !/wrong-tag|tagi-(chain-loop|orphan-leaf)/.test(name))
        expect(read?.sdkReads, kind).toBeUndefined();
      else if (verdict?.includes("Exception")) expect(read?.sdkReads, kind).toBe(verdict);
    }
  });
  it("are annotated, every byte once", () => {
    for (const { kind, blocks } of regions) {
      const codec = regionCodecs.get(kind);
      for (let index = 0; codec && index < blocks.blockCount; index++)
        if (!isAllZero(blocks.block(index) ?? new Uint8Array(0))) expect(coverageFault(codec, blocks, index), kind).toBeUndefined();
    }
  });
});

describe.each(names.filter((name) => !altered.test(name)))("tables of %s", (name) => {
  it("are written as the SDK wrote them", () => {
    for (const { kind, blocks } of held(name)) {
      const written = rewriters[kind]?.(blocks);
      for (let index = 0; written && index < blocks.blockCount; index++) {
        const stored = blocks.block(index) ?? new Uint8Array(0);
        expect(equalBytes(written[index] ?? new Uint8Array(blocks.blockBytes), stored), `${kind} block ${index}`).toBe(true);
      }
    }
  });
});

describe.each(names.filter((name) => goldenJson(name).findings.length === 0))("tables of %s", (name) => {
  it("meet no rule of weight", () => {
    for (const { kind, blocks } of held(name))
      expect(
        regionCodecs
          .get(kind)
          ?.read(blocks)
          .problems.filter(({ rule }) => !mild.test(rule)),
        kind,
      ).toEqual([]);
  });
});
