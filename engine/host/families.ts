import type { RegionFamily } from "../contract/index.ts";

const kinds: Readonly<Record<Exclude<RegionFamily, "data">, string>> = {
  core: "SUPB RMAP EXMD IANT RCVR",
  journal: "BMAP MWAL DWAL OPJR WALS MCHK",
  inode: "INOD EXTN INDR BTRE TAGI ZMAP",
  security: "POLV ENCR ANON WORM CMVT CMAL ALOG",
  replica: "REPL RAID CLOG XREF",
  snapshot: "SNAP REFC",
  integrity: "MTRK TRLR MLOG",
  service: "CODE DICT INTE STRE ZNSM COMP",
};
const familyOfKind = new Map(
  Object.entries(kinds).flatMap(([family, tags]) => tags.split(" ").map((tag) => [tag, family as RegionFamily] as const)),
);

/** The colour family of a region kind or block tag; data where it is none of the others. */
export const familyOf = (kind: string): RegionFamily => familyOfKind.get(kind) ?? "data";
