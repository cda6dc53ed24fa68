import { isAllZero } from "../../base/bytes.ts";
import { regionCodecs, structureCodecs } from "../../format/regions/index.ts";
import { goldenBytes, goldenJson, goldenNames } from "../golden.ts";
import type { RegionCase } from "./region-case.ts";

/** Blocks of a golden region that are taken, and goldens for one kind. */
const mostBlocks = 4;
const mostOfKind = 10;

interface GoldenRow {
  tag: string;
  kind?: string;
  startBlock: number;
  blockCount: number;
}

/** Regions that goldens hold, some for each codec: what the cases are made of. */
export function regionSeeds(): RegionCase[] {
  const kinds = [...regionCodecs.keys(), ...structureCodecs.keys()];
  const byKind = new Map<string, RegionCase[]>(kinds.map((kind) => [kind, []]));
  for (const name of goldenNames(/^(filled|damaged|populated|placed)-/, { ending: ".dwvd.gz" })) {
    const { expect, structures = {} } = goldenJson(name);
    const { regions = [], superblock } = expect;
    if (!superblock) continue;
    const placed = Object.entries(structures as Record<string, GoldenRow>).map(([tag, row]) => ({ ...row, tag }));
    const wanted = [...(regions as GoldenRow[]), ...placed].filter(
      ({ tag, kind = tag }) => (byKind.get(kind)?.length ?? mostOfKind) < mostOfKind,
    );
    if (wanted.length === 0) continue;
    const image = goldenBytes(name);
    for (const { tag, kind = tag, startBlock, blockCount } of wanted) {
      const blockBytes: number = superblock.blockSize;
      const blocks = Array.from({ length: Math.min(mostBlocks, blockCount) }, (_, index) =>
        image.slice((startBlock + index) * blockBytes, (startBlock + index + 1) * blockBytes),
      );
      const used = blocks.findLastIndex((block) => block.length === blockBytes && !isAllZero(block)) + 1;
      if (used > 0) byKind.get(kind)?.push({ kind, blockBytes, blockCount: 8, blocks: blocks.slice(0, used) });
    }
  }
  for (const [kind, seeds] of byKind)
    if (seeds.length === 0) seeds.push({ kind, blockBytes: 4096, blockCount: 8, blocks: [new Uint8Array(4096)] });
  return [...byKind.values()].flat();
}
