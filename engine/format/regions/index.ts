import { codeCodec } from "./code.ts";
import { encrCodec } from "./encr.ts";
import { mtrkCodec } from "./mtrk.ts";
import { polvCodec } from "./polv.ts";
import { raidCodec } from "./raid.ts";
import type { RegionCodec } from "./region.ts";
import { replCodec } from "./repl.ts";
import { snapCodec } from "./snap.ts";

export * from "./region.ts";
export { codeCodec, encrCodec, mtrkCodec, polvCodec, raidCodec, replCodec, snapCodec };

/** A codec as readers ask for it; writing needs the codec itself, for the type of its content. */
export type RegionDecoder = Pick<RegionCodec<unknown>, "tag" | "read" | "structureOf">;

const codecs: readonly RegionDecoder[] = [replCodec, raidCodec, snapCodec, codeCodec, polvCodec, encrCodec, mtrkCodec];

/** The one table of region codecs, by tag. */
export const regionCodecs: ReadonlyMap<string, RegionDecoder> = new Map(codecs.map((codec) => [codec.tag, codec]));
