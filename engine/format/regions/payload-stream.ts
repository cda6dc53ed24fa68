import { concatBytes } from "../../base/bytes.ts";
import { array, bytes, type Kind, reservedUntil, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, tagNumber, trailerBytes } from "../core/index.ts";
import { anyStruct, blockOrZeros, type RegionBlocks, type RegionPlace } from "./region.ts";

/** Whether a block ends in a trailer: one that verifies, or one that carries the region's tag. */
export function endsInTrailer(block: Uint8Array, tag: string): boolean {
  if (block.length < trailerBytes) return false;
  const trailer = judgeTrailer(block);
  return trailer.verified || trailer.blockTypeTag === tagNumber(tag);
}

/** How the bytes of a region whose codec writes no trailers lie in blocks: between trailers, or through whole blocks. Other regions reference 14 and 15. */
export interface Framing {
  framing: "trailers" | "none";
  /** Of block 0's trailer, where there is one. */
  generation?: number;
}

export const framingOf = (first: Uint8Array, framed: boolean): Framing =>
  framed ? { framing: "trailers", generation: judgeTrailer(first).generationNumber } : { framing: "none" };

/** How `cutStream` seals blocks of a region of that framing. */
export const sealOf = ({ framing, generation = 1 }: Framing, tag: string): BlockSeal | undefined =>
  framing === "trailers" ? { tag, generationOf: () => generation } : undefined;

/** The first `count` blocks of a region as one run of bytes, without their trailers where `framed`. */
export function streamOf(blocks: RegionBlocks, count: number, framed: boolean): Uint8Array {
  const end = framed ? blocks.blockBytes - trailerBytes : blocks.blockBytes;
  return concatBytes(
    Array.from({ length: Math.min(count, blocks.blockCount) }, (_, index) => blockOrZeros(blocks, index).subarray(0, end)),
  );
}

export interface BlockSeal {
  tag: string;
  generationOf: (index: number) => number;
}

/** Cuts a run of bytes into whole blocks, at least one, the last padded with zeros; sealed where `seal` says how. */
export function cutStream(stream: Uint8Array, blockBytes: number, seal?: BlockSeal): Uint8Array[] {
  const perBlock = seal ? blockBytes - trailerBytes : blockBytes;
  return Array.from({ length: Math.max(1, Math.ceil(stream.length / perBlock)) }, (_, index) => {
    const block = new Uint8Array(blockBytes);
    block.set(stream.subarray(index * perBlock, (index + 1) * perBlock));
    return seal ? sealBlock(block, seal.tag, seal.generationOf(index)) : block;
  });
}

/** A stream of records of one size behind a header; records run through block borders. */
export interface RecordStream {
  /** The structure's name. */
  readonly name: string;
  /** Key of the records in a block's structure. */
  readonly list: string;
  readonly header: Struct<unknown>;
  readonly headerBytes: number;
  readonly record: Struct<unknown>;
  readonly recordBytes: number;
}

/** Where a record lies; `each` is how many bytes of a block are the stream's. */
export function recordPlaceInStream({ headerBytes, recordBytes }: RecordStream, each: number, index: number): RegionPlace {
  const pieces: RegionPlace[] = [];
  for (let at = headerBytes + index * recordBytes, left = recordBytes; left > 0; ) {
    const start = at % each;
    const byteLength = Math.min(left, each - start);
    pieces.push({ block: Math.floor(at / each), start, byteLength });
    at += byteLength;
    left -= byteLength;
  }
  const [first = { block: 0, start: 0, byteLength: 0 }, ...rest] = pieces;
  return rest.length > 0 ? { ...first, rest } : first;
}

/** The structure of one block of such a stream: it may begin and end inside a record. */
export function streamBlock(stream: RecordStream, index: number, block: Uint8Array, framed: boolean): Struct<unknown> {
  const { recordBytes, headerBytes } = stream;
  const each = Math.max(0, block.length - (framed ? trailerBytes : 0));
  const into = (index * each - headerBytes) % recordBytes;
  const from = Math.min(each, index === 0 ? headerBytes : (recordBytes - into) % recordBytes);
  const filled = block.subarray(from, each).findLastIndex((byte) => byte !== 0) + 1;
  const fit = Math.floor((each - from) / recordBytes);
  const whole = Math.min(Math.ceil(filled / recordBytes), fit);
  const begun = filled > fit * recordBytes ? each - from - fit * recordBytes : 0;
  const fields: Record<string, Kind<unknown>> = {
    [stream.list]: array(stream.record, whole) as Kind<unknown>,
    ...(begun > 0 && { begun: bytes(begun, { doc: "Where a record begins that goes on in the next block" }) as Kind<unknown> }),
    unused: reservedUntil(framed ? trailerBytes : 0),
    ...(framed && { trailer: blockTrailer as Kind<unknown> }),
  };
  if (index === 0) return anyStruct(struct(stream.name, { header: stream.header as Kind<unknown>, ...fields }));
  const rest = bytes(from, { doc: "The rest of the record that begins in the block before" }) as Kind<unknown>;
  return anyStruct(struct(`${stream.name}Block`, { ...(from > 0 && { rest }), ...fields }));
}
