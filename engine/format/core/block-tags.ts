/** Block type tags (core reference 2.3). A tag's first letter is its most significant byte, so on disk the letters appear reversed. */
const meanings: Readonly<Record<string, string>> = {
  SUPB: "superblock",
  RMAP: "region pointer table or region directory",
  POLV: "policy vault",
  ENCR: "encryption header",
  BMAP: "allocation bitmap",
  INOD: "inode table",
  TAGI: "tag index",
  MWAL: "metadata write-ahead log",
  MTRK: "integrity tree",
  BTRE: "B-tree index forest",
  SNAP: "snapshot table",
  REPL: "replication state",
  RAID: "RAID metadata",
  COMP: "compression metadata",
  INTE: "intelligence cache",
  STRE: "streaming append",
  XREF: "cross-volume references",
  WORM: "write-once region",
  CODE: "compute code cache",
  DWAL: "data write-ahead log",
  DATA: "data",
  FREE: "free",
  CMVT: "compliance vault",
  ALOG: "audit log",
  CMAL: "compliance audit log",
  CLOG: "consensus log",
  DICT: "compression dictionaries",
  ANON: "anonymization table",
  MLOG: "metrics log",
  ERCV: "emergency recovery block (block 9)",
  RCVR: "emergency recovery block (block 14)",
  EXTN: "extent tree node",
  EXMD: "extended metadata",
  IANT: "integrity anchor",
  COLR: "columnar region",
  ZMAP: "zone map index",
  WALS: "log subscriber cursors",
  ZNSM: "zoned storage map",
  OPJR: "online operations journal",
  TRLR: "data region trailers",
};

/** MCHK is written by inode migration but is not in the known set. */
const migrationCheckpointTag = "MCHK";

/** The number that four ASCII letters stand for. Throws a TypeError for other text. */
export function tagNumber(tag: string): number {
  if (!/^[\x20-\x7e]{4}$/.test(tag)) throw new TypeError("a tag is four printable ASCII characters");
  return [...tag].reduce((sum, letter) => sum * 256 + letter.charCodeAt(0), 0);
}

/** The letters of a tag, most significant byte first: "" for 0, "?" for bytes from 0x80, control characters as they stand. */
export function tagText(tag: number): string {
  if (tag === 0) return "";
  // Asked for each block that is judged: without lists between.
  return letterOf(tag >>> 24) + letterOf((tag >>> 16) & 0xff) + letterOf((tag >>> 8) & 0xff) + letterOf(tag & 0xff);
}
const letterOf = (byte: number): string => (byte < 0x80 ? String.fromCharCode(byte) : "?");

/** The 40 tags that the SDK knows. */
export const knownTags: readonly string[] = Object.keys(meanings);
export const isKnownTag = (tag: string): boolean => Object.hasOwn(meanings, tag);
/** What a tag marks, in words; undefined for an unknown one. */
export const tagMeaning = (tag: string): string | undefined =>
  tag === migrationCheckpointTag ? "inode migration checkpoint" : meanings[tag];
