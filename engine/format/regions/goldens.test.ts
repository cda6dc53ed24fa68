import { describe, expect, it } from "vitest";
import { isAllZero } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenDifferences } from "../../testing/compare-golden.ts";
import { goldenBytes, goldenJson, goldenNames } from "../../testing/golden.ts";
import { blocksOf, type GoldenRegion, goldenRegions } from "../../testing/golden-region.ts";
import {
  annotateRegionBlock,
  codeCodec,
  encrCodec,
  mtrkCodec,
  polvCodec,
  type RegionBlocks,
  type RegionCodec,
  type RegionPlace,
  raidCodec,
  regionCodecs,
  replCodec,
  snapCodec,
} from "./index.ts";
import { storedNodes } from "./mtrk.ts";

const names = goldenNames(/^(filled|damaged|populated)-/, { ending: ".dwvd.gz" }).filter(
  (name) =>
    (goldenJson(name).expect.regions ?? []).some((region: { tag: string }) => regionCodecs.has(region.tag)) &&
    goldenJson(name).expect.superblock !== undefined &&
    /-(repl|raid|snap|code|polv|encr|mtrk|showcase)/.test(name),
);
const keyOf = (name: string): Uint8Array | undefined => {
  const key = goldenJson(name).inputs.policyVaultHmacKey;
  return key ? Uint8Array.from(Buffer.from(key, "hex")) : undefined;
};
const regionRows = (tag: string, blocks: RegionBlocks, index: number) => {
  const codec = regionCodecs.get(tag);
  return codec && !isAllZero(blocks.block(index) ?? new Uint8Array(0)) ? annotateRegionBlock(codec, blocks, index) : [];
};
const bytesAt = (blocks: RegionBlocks, { block, start, byteLength }: RegionPlace): Uint8Array =>
  (blocks.block(block) ?? new Uint8Array(0)).slice(start, start + byteLength);
const codedRegions = (name: string): GoldenRegion[] => goldenRegions(name).filter(({ tag }) => regionCodecs.has(tag));

/** Reads a region and writes what was read. */
const rewrite =
  <Content>(codec: RegionCodec<Content>) =>
  (blocks: RegionBlocks): Uint8Array[] => {
    const { content } = codec.read(blocks);
    return content === undefined ? [] : codec.write(content, blocks.blockBytes);
  };
const rewriters: Readonly<Record<string, (blocks: RegionBlocks) => Uint8Array[]>> = {
  REPL: rewrite(replCodec),
  RAID: rewrite(raidCodec),
  SNAP: rewrite(snapCodec),
  CODE: rewrite(codeCodec),
  POLV: rewrite(polvCodec),
  ENCR: rewrite(encrCodec),
  MTRK: (blocks) => {
    const { content } = mtrkCodec.read(blocks);
    const nodes = storedNodes(blocks);
    return content && nodes ? mtrkCodec.write(content, blocks.blockBytes, { nodes }) : [];
  },
};

describe.each(names)("regions of %s", (name) => {
  const golden = goldenJson(name);
  it("hold the content that the golden expects", () => {
    for (const { tag, blocks, totalBlocks, content } of codedRegions(name)) {
      if (!content) continue;
      const read = regionCodecs.get(tag)?.read(blocks, { totalBlocks, policyVaultKey: keyOf(name) });
      expect(goldenDifferences(toJson(read?.content ?? null), content), tag).toEqual([]);
    }
  });
  it("are to the SDK's reader what the golden says", () => {
    for (const { tag, blocks, totalBlocks } of codedRegions(name)) {
      const read = regionCodecs.get(tag)?.read(blocks, { totalBlocks, policyVaultKey: keyOf(name) });
      const { lastEventGiven, ...expected } = typeof golden.sdkReads?.[tag] === "object" ? golden.sdkReads[tag] : {};
      const wanted = typeof golden.sdkReads?.[tag] === "string" ? golden.sdkReads[tag] : expected;
      if (golden.sdkReads?.[tag] !== undefined)
        expect(goldenDifferences(toJson(read?.sdkReads ?? read?.content ?? null), wanted), tag).toEqual([]);
      else if (golden.sdk?.[tag]?.deserialize === "ok") expect(read?.sdkReads, tag).toBeUndefined();
    }
  });
  it("say where each element of each list lies", () => {
    for (const { tag, blocks, totalBlocks } of codedRegions(name)) {
      const { content, places } = regionCodecs.get(tag)?.read(blocks, { totalBlocks }) ?? {};
      if (content === undefined || content === null) continue;
      const rows = new Set<bigint>();
      for (let index = 0; index < Math.min(blocks.blockCount, 300); index++)
        for (const { start } of regionRows(tag, blocks, index)) rows.add(start);
      const lists = Object.entries(content).filter(([, list]) => Array.isArray(list)) as [string, unknown[]][];
      expect(Object.keys(places ?? {}).sort(), tag).toEqual(lists.map(([list]) => list).sort());
      for (const [list, elements] of lists) {
        const placeOf = places?.[list];
        expect(placeOf?.(-1)).toBeUndefined();
        expect(placeOf?.(elements.length)).toBeUndefined();
        for (let index = 0; index < elements.length; index++) {
          const place = placeOf?.(index);
          if (!place) expect(toJson(elements[index] as object), `${list} ${index} is stored`).toBe("0".repeat(64));
          // Zeros at the end of a block are an entry only to the table as a whole, bits are shown by the block.
          else if (list !== "dirtyBlocks" && place.block < 300 && !isAllZero(bytesAt(blocks, place))) {
            const start = (blocks.startBlock + BigInt(place.block)) * BigInt(blocks.blockBytes) + BigInt(place.start);
            expect(rows.has(start) && rows.has(start + BigInt(place.byteLength)), `${list} ${index}`).toBe(true);
          }
        }
      }
    }
  });
  it("cover every byte of every block exactly once", () => {
    for (const { tag, blocks } of codedRegions(name)) {
      const codec = regionCodecs.get(tag);
      for (let index = 0; codec && index < blocks.blockCount; index++) {
        if (isAllZero(blocks.block(index) ?? new Uint8Array(0))) continue;
        const from = (blocks.startBlock + BigInt(index)) * BigInt(blocks.blockBytes);
        let at = from;
        for (const { start, end } of annotateRegionBlock(codec, blocks, index)) {
          expect(start, `${tag} ${index}`).toBe(at);
          at = end;
        }
        expect(at).toBe(from + BigInt(blocks.blockBytes));
      }
    }
  });
});

describe.each(names.filter((name) => goldenJson(name).findings.length === 0))("sound regions of %s", (name) => {
  it("are written as the SDK wrote them", () => {
    for (const { tag, blocks } of codedRegions(name)) {
      const written = rewriters[tag]?.(blocks) ?? [];
      for (const [index, block] of written.entries())
        expect(Buffer.compare(block, blocks.block(index) ?? new Uint8Array(0)), `${tag} block ${index}`).toBe(0);
      for (let index = written.length; written.length > 0 && index < blocks.blockCount; index++)
        expect(isAllZero(blocks.block(index) ?? new Uint8Array(0)), `${tag} block ${index}`).toBe(true);
    }
  });
});

describe("damage by the vectors", () => {
  const vectors = goldenJson("vectors-damaged-regions");
  const key = Uint8Array.from(Buffer.from(vectors.policyVaultHmacKey, "hex"));
  it.each(vectors.cases as { name: string; region: string; base: string; blocksRead: number; sdkReader: string }[])(
    "$name meets the SDK's reader as recorded",
    (damage) => {
      const { region: tag, base, blocksRead, sdkReader } = damage;
      const image = goldenBytes(base).slice();
      const pristine = goldenBytes(base);
      const { expect: expected } = goldenJson(base);
      const blockBytes: number = expected.superblock.blockSize;
      for (const edit of (
        damage as unknown as { edits: { block: number; offset?: number; hex?: string; zero?: boolean; copyOfBlock?: number }[] }
      ).edits) {
        const at = edit.block * blockBytes;
        if (edit.copyOfBlock !== undefined)
          image.set(pristine.subarray(edit.copyOfBlock * blockBytes, (edit.copyOfBlock + 1) * blockBytes), at);
        else if (edit.hex !== undefined) image.set(Buffer.from(edit.hex, "hex"), at + (edit.offset ?? 0));
        else image.fill(0, at, at + blockBytes);
      }
      const { startBlock } = expected.regions.find((region: { tag: string }) => region.tag === tag);
      const read = regionCodecs.get(tag)?.read(blocksOf(image, blockBytes, startBlock, blocksRead), { policyVaultKey: key });
      const verdict = typeof read?.sdkReads === "string" ? read.sdkReads : "ok";
      expect(verdict).toBe(sdkReader);
    },
  );
});
