import { fromHex, toHex } from "../../base/bytes.ts";
import { isEngineError } from "../../errors/engine-error.ts";
import { regionFinding } from "../../forensics/rules/regions/index.ts";
import { trailerBytes } from "../../format/core/index.ts";
import {
  type RegionBlocks,
  type RegionDecoder,
  type RegionPlace,
  type RegionReading,
  regionCodecs,
  structureCodecs,
} from "../../format/regions/index.ts";
import { coverageFault } from "../region-properties.ts";

/** The longest that a region may take to be read and annotated when it is run again alone. */
export const mostMs = 50;

/** A region in memory: its first blocks, each in memory of its own so that reading past one fails, and how many it has in all. */
export interface RegionCase {
  kind: string;
  blockBytes: number;
  blockCount: number;
  blocks: Uint8Array[];
}

const startBlock = 1099n;

const zeroBlocks = new Map<number, Uint8Array>();
function zeroBlock(blockBytes: number): Uint8Array {
  const block = zeroBlocks.get(blockBytes) ?? new Uint8Array(blockBytes);
  zeroBlocks.set(blockBytes, block);
  return block;
}

function blocksOfCase({ blockBytes, blockCount, blocks }: RegionCase): RegionBlocks {
  const zeros = zeroBlock(blockBytes);
  return {
    blockBytes,
    blockCount,
    startBlock,
    block: (index) => (index < 0 || index >= blockCount ? undefined : (blocks[index] ?? zeros)),
  };
}

/** Reads a region and, where asked, annotates its blocks. Gives in words what must not be; undefined where all is well. */
export function faultOf(region: RegionCase, annotates: boolean): string | undefined {
  const codec = regionCodecs.get(region.kind) ?? structureCodecs.get(region.kind);
  if (!codec) return `there is no codec for ${region.kind}`;
  const blocks = blocksOfCase(region);
  try {
    return (
      readingFault(codec.read(blocks, { totalBlocks: 1280n, logSequence: 1000n }), blocks) ??
      (annotates ? annotationFault(codec, region, blocks) : undefined)
    );
  } catch (error) {
    if (isEngineError(error)) return undefined;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Rules that a finding was made of: `regionFinding` throws for one that is not declared. */
const declared = new Set<string>();

function readingFault({ content, problems, places = {} }: RegionReading<unknown>, blocks: RegionBlocks): string | undefined {
  const isInside = ({ block, start = 0, byteLength = 0 }: Partial<RegionPlace>) =>
    block !== undefined &&
    block >= 0 &&
    block < blocks.blockCount &&
    start >= 0 &&
    byteLength >= 0 &&
    start + byteLength <= blocks.blockBytes;
  for (const problem of problems) {
    if (!declared.has(problem.rule)) declared.add(regionFinding(problem, blocks, { region: "fuzz" }).rule);
    if (!isInside(problem)) return `${problem.rule} stands outside the region: block ${problem.block}, byte ${problem.start}`;
  }
  for (const [list, placeOf] of Object.entries(places)) {
    const length = (content as Record<string, unknown[]> | undefined)?.[list]?.length ?? 0;
    for (const index of [0, length - 1]) {
      const place = index < 0 ? undefined : placeOf(index);
      if (place && ![place, ...(place.rest ?? [])].every(isInside))
        return `${list} ${index} lies outside the region: ${JSON.stringify(place)}`;
    }
  }
  return undefined;
}

function annotationFault(codec: RegionDecoder, { blocks: given }: RegionCase, blocks: RegionBlocks): string | undefined {
  for (let index = 0; index < Math.min(given.length, blocks.blockCount); index++) {
    const fault = coverageFault(codec, blocks, index);
    if (fault !== undefined) return `block ${index}: ${fault}`;
  }
  return undefined;
}

/** Milliseconds of this thread's own work: what else the machine does meanwhile does not count. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds that a region takes alone, the least of five runs. */
export function msAlone(region: RegionCase): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = workedMs();
    faultOf(region, true);
    least = Math.min(least, workedMs() - start);
  }
  return least;
}

/** What must not be with a region run alone: a fault, or that it takes too long. */
export function judgeAlone(region: RegionCase): string | undefined {
  const fault = faultOf(region, true);
  if (fault !== undefined) return fault;
  const ms = msAlone(region);
  return ms > mostMs ? `takes ${ms.toFixed(0)} ms, more than ${mostMs}` : undefined;
}

/** A case as its file holds it: payloads without the zeros at their end, then the trailers. */
interface StoredCase {
  kind: string;
  blockBytes: number;
  blockCount: number;
  blocks: { payload: string; trailer: string }[];
  found: string;
}

export function caseText({ blocks, ...region }: RegionCase, found: string): string {
  const stored: StoredCase = {
    ...region,
    blocks: blocks.map((block) => {
      const payload = block.subarray(0, -trailerBytes);
      return {
        payload: toHex(payload.subarray(0, payload.findLastIndex((byte) => byte !== 0) + 1)),
        trailer: toHex(block.subarray(-trailerBytes)),
      };
    }),
    found,
  };
  return `${JSON.stringify(stored, undefined, 2)}\n`;
}

export function caseFromText(text: string): RegionCase {
  const { blocks, kind, blockBytes, blockCount } = JSON.parse(text) as StoredCase;
  return {
    ...{ kind, blockBytes, blockCount },
    blocks: blocks.map(({ payload, trailer }) => {
      const block = new Uint8Array(blockBytes);
      block.set(fromHex(payload));
      block.set(fromHex(trailer), blockBytes - trailerBytes);
      return block;
    }),
  };
}
