import { alogCodec, cmalCodec } from "./alog.ts";
import { anonCodec } from "./anon.ts";
import { btreCodec } from "./btre.ts";
import { clogCodec } from "./clog.ts";
import { cmvtCodec } from "./cmvt.ts";
import { codeCodec } from "./code.ts";
import { colrCodec } from "./colr.ts";
import { dictCodec } from "./dict.ts";
import { encrCodec } from "./encr.ts";
import { inteCodec } from "./inte.ts";
import { mlogCodec } from "./mlog.ts";
import { mtrkCodec } from "./mtrk.ts";
import { mvccCodec } from "./mvcc.ts";
import { opjrCodec } from "./opjr.ts";
import { polvCodec } from "./polv.ts";
import { raidCodec } from "./raid.ts";
import type { RegionCodec } from "./region.ts";
import { replCodec } from "./repl.ts";
import { snapCodec } from "./snap.ts";
import { streCodec } from "./stre.ts";
import { tagiCodec } from "./tagi.ts";
import { walsCodec } from "./wals.ts";
import { wormCodec } from "./worm.ts";
import { xrefCodec } from "./xref.ts";
import { zmapCodec } from "./zmap.ts";
import { znsmCodec } from "./znsm.ts";

export type { RaidContent, RaidParity, RaidRebuild, RaidShard } from "./raid.ts";
export * from "./region.ts";
export type { ReplContent, ReplicaVector, ReplicaWatermark } from "./repl.ts";
export { cycleHeads, liveParentFlag, type SnapContent, type Snapshot, snapshotFlags } from "./snap.ts";
export {
  alogCodec,
  anonCodec,
  btreCodec,
  clogCodec,
  cmalCodec,
  cmvtCodec,
  codeCodec,
  colrCodec,
  dictCodec,
  encrCodec,
  inteCodec,
  mlogCodec,
  mtrkCodec,
  mvccCodec,
  opjrCodec,
  polvCodec,
  raidCodec,
  replCodec,
  snapCodec,
  streCodec,
  tagiCodec,
  walsCodec,
  wormCodec,
  xrefCodec,
  zmapCodec,
  znsmCodec,
};

/** A codec as readers ask for it; writing needs the codec itself, for the type of its content. */
export type RegionDecoder = Pick<RegionCodec<unknown>, "tag" | "read" | "structureOf">;

const codecs: readonly RegionDecoder[] = [
  replCodec,
  raidCodec,
  snapCodec,
  codeCodec,
  polvCodec,
  encrCodec,
  mtrkCodec,
  clogCodec,
  dictCodec,
  anonCodec,
  wormCodec,
  mlogCodec,
  inteCodec,
  znsmCodec,
  walsCodec,
  opjrCodec,
  btreCodec,
  colrCodec,
  cmvtCodec,
  alogCodec,
  cmalCodec,
  streCodec,
  xrefCodec,
  tagiCodec,
];

/** The one table of region codecs, by tag. */
export const regionCodecs: ReadonlyMap<string, RegionDecoder> = new Map(codecs.map((codec) => [codec.tag, codec]));

/** Codecs of structures that no directory slot leads to, by name: a caller says which blocks hold them. Other regions reference 18. */
export const structureCodecs: ReadonlyMap<string, RegionDecoder> = new Map([zmapCodec, mvccCodec].map((codec) => [codec.tag, codec]));
