import { judgeTrailer, sealBlock, tagNumber, trailerBytes } from "../../format/core/index.ts";
import { below, oneOf, type Random, randomFrom } from "./random.ts";
import { faultOf, judgeAlone, mostMs, type RegionCase } from "./region-case.ts";

export interface FoundCase {
  region: RegionCase;
  found: string;
}

export interface FuzzResult {
  /** Blocks that were changed, sealed and read. */
  blocks: number;
  cases: number;
  /** Blocks by the kind of their region. */
  blocksOfKind: Record<string, number>;
  found: FoundCase[];
}

export interface FuzzOptions {
  seed: number;
  /** Stops once so many blocks were read. */
  blocks?: number;
  /** Stops after so many milliseconds. */
  ms?: number;
}

/** One case in so many has its blocks annotated too: that costs many times what reading does. */
const annotatedOneIn = 32;
/** How long one kind is tried before the next has its turn. */
const turnMs = 10;
const mostFound = 20;
const oddBytes = [0, 1, 2, 0x7f, 0x80, 0xff];
const oddWords = [
  0n,
  1n,
  -1n,
  0x7fffn,
  0xffffn,
  0x10000n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  100_000n,
  10_000_000n,
];

/**
 * Changes regions of `seeds`, renews the trailers so that the content is believed, and reads what comes of it. Kinds take turns, each for
 * as long; what a kind is given in what order follows from the seed alone.
 */
export function fuzzRegions(
  seeds: readonly RegionCase[],
  { seed, blocks = Number.POSITIVE_INFINITY, ms = Number.POSITIVE_INFINITY }: FuzzOptions,
): FuzzResult {
  const kinds = [...new Set(seeds.map(({ kind }) => kind))];
  const turns = kinds.map((kind, index) => ({
    kind,
    cases: 0,
    random: randomFrom(seed * 1000 + index),
    from: seeds
      .filter((each) => each.kind === kind)
      .map(preparedSeed)
      .sort((a, b) => a.usedBytes - b.usedBytes),
  }));
  const result: FuzzResult = { blocks: 0, cases: 0, blocksOfKind: Object.fromEntries(kinds.map((kind) => [kind, 0])), found: [] };
  const until = performance.now() + ms;
  while (result.blocks < blocks && performance.now() < until) {
    for (const turn of turns) {
      for (const end = performance.now() + turnMs; performance.now() < end; ) {
        if (result.found.length >= mostFound) return result;
        const region = mutated(fewBytesMostly(turn.from, turn.random), seeds, turn.random);
        const start = performance.now();
        const fault =
          faultOf(region, turn.cases % annotatedOneIn === 0) ?? (performance.now() - start > mostMs ? judgeAlone(region) : undefined);
        if (fault !== undefined) result.found.push({ region, found: fault });
        turn.cases++;
        result.cases++;
        result.blocks += region.blocks.length;
        result.blocksOfKind[turn.kind] = (result.blocksOfKind[turn.kind] ?? 0) + region.blocks.length;
      }
    }
  }
  return result;
}

/** A seed with what is needed of it again and again. */
interface PreparedSeed {
  region: RegionCase;
  usedBytes: number;
  /** Tag and generation of each block; undefined where it has no trailer. */
  trailers: ({ blockTypeTag: number; generationNumber: number } | undefined)[];
}

const preparedSeed = (region: RegionCase): PreparedSeed => ({
  region,
  usedBytes: region.blocks.reduce((sum, block) => sum + block.filter((byte) => byte !== 0).length, 0),
  trailers: region.blocks.map((block) => {
    const trailer = judgeTrailer(block);
    return trailer.verified ? trailer : undefined;
  }),
});

/** A seed, of which those with few bytes come first: mostly from the first third. */
const fewBytesMostly = (seeds: readonly PreparedSeed[], random: Random): PreparedSeed =>
  oneOf(random, random() < 0.8 ? seeds.slice(0, Math.ceil(seeds.length / 3)) : seeds);

/** A copy of a region with changes in each of its blocks. */
function mutated({ region, trailers }: PreparedSeed, all: readonly RegionCase[], random: Random): RegionCase {
  const blocks = region.blocks.map((block) => block.slice());
  for (const [index, block] of blocks.entries()) {
    const trailer = random() < 0.97 ? trailers[index] : undefined;
    for (let change = below(random, 4) + 1; change > 0; change--) changeBytes(block, all, random, trailer ? trailerBytes : 0);
    if (!trailer) continue;
    const tag = random() < 0.98 ? trailer.blockTypeTag : tagNumber(oneOf(random, all).kind);
    sealBlock(block, tag, random() < 0.97 ? trailer.generationNumber : below(random, 2 ** 32));
  }
  if (random() < 0.02) blocks.reverse();
  return { ...region, blockCount: random() < 0.9 ? region.blockCount : blocks.length, blocks };
}

/** One change before the last `spare` bytes of a block; half of them in its first 64 bytes, where counts stand. */
function changeBytes(block: Uint8Array, all: readonly RegionCase[], random: Random, spare: number): void {
  const end = block.length - spare;
  const at = below(random, random() < 0.5 ? 64 : end);
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const length = Math.min(1 + below(random, random() < 0.9 ? 16 : 1024), end - at);
  switch (below(random, 7)) {
    case 0:
      block[at] = below(random, 256);
      break;
    case 1:
      block[at] = oneOf(random, oddBytes);
      break;
    case 2:
      block[at] = (block[at] ?? 0) ^ (1 << below(random, 8));
      break;
    case 3:
      if (at + 4 <= end) view.setUint32(at, Number(BigInt.asUintN(32, oneOf(random, oddWords))), true);
      break;
    case 4:
      if (at + 8 <= end) view.setBigInt64(at, BigInt.asIntN(64, oneOf(random, oddWords)), true);
      break;
    case 5:
      block.fill(oneOf(random, oddBytes), at, at + length);
      break;
    default: {
      const other = oneOf(random, oneOf(random, all).blocks);
      const start = below(random, Math.max(1, other.length - length));
      block.set(other.subarray(start, start + length), at);
    }
  }
}
