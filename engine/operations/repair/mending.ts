import type { Finding } from "../../findings/finding.ts";
import type { CheckContext } from "../../forensics/rules/context.ts";
import type { Volume } from "../../volume/volume.ts";
import type { VolumeEdit } from "../../volume/volume-edit.ts";

/** What a repair works with. Everything it changes goes through `edit`; it only says what it did. */
export interface Mending {
  volume: Volume;
  edit: VolumeEdit;
  /** What the check learned: bitmap, inodes, content of regions, blocks that nothing owns. */
  context: CheckContext;
  /** The findings that this repair is to mend, all of the chosen risk. */
  findings: readonly Finding[];
  now: bigint;
  /** Says what is done, in a sentence that begins with a verb. */
  say: (sentence: string) => void;
  /** Says what is left as it is, and why. */
  warn: (sentence: string) => void;
  /** Names what could be lost by it, in a sentence with a bound. */
  mayLose: (sentence: string) => void;
  /** Leaves a finding to the next transaction, since this one has no room for it. */
  postpone: (finding: Finding) => void;
  /** Gives the file another length, before the transaction or behind it. */
  setFileLength: (byteLength: bigint) => void;
  /** Has blocks in use moved out of the last so many blocks of the data region before the next pass; each finding is mended in that. */
  clearEnd: (range: ClearedRange) => void;
  /** Rewrites a block in this transaction, or in one behind it where there is no room; each must leave a whole volume. */
  writeSoon: (write: SealedBlock) => Promise<void>;
}

/** The last `blockCount` blocks before `end` of the data region that begins at `dataStart`. */
export interface ClearedRange {
  dataStart: bigint;
  end: bigint;
  blockCount: bigint;
}

/** A block that is rewritten: its image, trailer included. */
export interface SealedBlock {
  block: bigint;
  image: Uint8Array;
  reason: string;
}

/** How findings that name one of `ids` as their repair are mended. */
export interface Repair {
  ids: readonly string[];
  /** Gives whether anything is changed: not where there is no one right answer on this volume. */
  mend: (mending: Mending) => Promise<boolean>;
}

/** "block 4", "blocks 4, 5 and 7". */
export function blocksOf(findings: readonly Finding[]): string {
  const blocks = [...new Set(findings.flatMap(({ block }) => (block === undefined ? [] : [block])))].sort((a, b) => (a < b ? -1 : 1));
  const last = blocks.pop();
  return blocks.length === 0 ? `block ${last}` : `blocks ${blocks.join(", ")} and ${last}`;
}
