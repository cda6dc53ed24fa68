import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toJson } from "../base/json.ts";
import { sealBlock } from "../format/core/index.ts";
import {
  annotateRegionBlock,
  type RegionBlocks,
  type RegionCodec,
  type RegionDecoder,
  type RegionReading,
} from "../format/regions/index.ts";
import { writtenBlocks } from "./golden-region.ts";

/** What generated regions are, and how long a property is tried. */
export interface RegionProperties<Content> {
  /** Content up to the limits of the format, with the block size to write it at. */
  generated: fc.Arbitrary<{ content: Content; blockBytes: number }>;
  write: (content: Content, blockBytes: number) => Uint8Array[];
  /** What of a reading is compared with what was written; all of its content unless told. */
  compared?: (content: Content) => unknown;
  numRuns?: number;
}

/** What was written is read, and no bytes are too odd for reading and annotating. */
export function describeRegionProperties<Content>(
  codec: Pick<RegionCodec<Content>, "tag" | "read" | "structureOf">,
  { generated, write, compared = (content) => content, numRuns = 60 }: RegionProperties<Content>,
): void {
  describe(`${codec.tag} regions`, () => {
    it("are read as they were written", () => {
      fc.assert(
        fc.property(generated, ({ content, blockBytes }) => {
          const read = codec.read(writtenBlocks(write(content, blockBytes)));
          expect(read.content && toJson(compared(read.content))).toEqual(toJson(compared(content)));
          expect(placesOutside(read, blockBytes)).toEqual([]);
        }),
        { numRuns },
      );
    });
    it("are covered by annotations, every byte once, whatever they hold", () => {
      fc.assert(
        fc.property(noisyRegion(codec.tag), (blocks) => {
          for (let index = 0; index < blocks.blockCount; index++) expect(coverageFault(codec, blocks, index)).toBeUndefined();
          expect(placesOutside(codec.read(blocks, { totalBlocks: 1280n }), blocks.blockBytes)).toEqual([]);
        }),
        { numRuns },
      );
    });
  });
}

/** Elements whose place is not in the payload of a block. */
function placesOutside({ content, places = {} }: RegionReading<unknown>, blockBytes: number): string[] {
  return Object.entries(places).flatMap(([list, placeOf]) => {
    const elements = (content as Record<string, unknown[]> | undefined)?.[list] ?? [];
    const outside = elements.findIndex((_, index) => {
      const place = placeOf(index);
      return place && [place, ...(place.rest ?? [])].some(({ start, byteLength }) => start < 0 || start + byteLength > blockBytes);
    });
    return outside < 0 ? [] : [`${list} ${outside}`];
  });
}

/** Where the annotations of a block leave out or repeat a byte; undefined where they cover it. */
export function coverageFault(codec: RegionDecoder, blocks: RegionBlocks, index: number): string | undefined {
  let at = (blocks.startBlock + BigInt(index)) * BigInt(blocks.blockBytes);
  const last = at + BigInt(blocks.blockBytes);
  for (const { path, start, end } of annotateRegionBlock(codec, blocks, index)) {
    if (start !== at) return `${path} begins at ${start}, not ${at}`;
    at = end;
  }
  return at === last ? undefined : `ends at ${at}, not ${last}`;
}

/** Sealed blocks with the tag of the region and any bytes: runs of zeros, of ones, of small numbers and of anything. */
export const noisyRegion = (tag: string): fc.Arbitrary<RegionBlocks> =>
  fc
    .record({
      blockBytes: fc.constantFrom(512, 1024, 4096, 8192),
      count: fc.integer({ min: 1, max: 4 }),
      runs: fc.array(fc.tuple(fc.constantFrom(0x00, 0xff, 0x01, undefined), fc.integer({ min: 1, max: 211 }), fc.nat(255)), {
        minLength: 1,
      }),
      beyond: fc.nat(2),
    })
    .map(({ blockBytes, count, runs, beyond }) => {
      const blocks = Array.from({ length: count }, (_, index) => {
        const block = new Uint8Array(blockBytes);
        for (let at = 0, turn = index; at < blockBytes; turn++) {
          const [fill, length, seed] = runs[turn % runs.length] ?? [0, 1, 0];
          for (const end = Math.min(blockBytes, at + length); at < end; at++) block[at] = fill ?? seed * (at + turn + 1) + (at >> 3);
        }
        return sealBlock(block, tag, 7);
      });
      return writtenBlocks(blocks, count + beyond);
    });
