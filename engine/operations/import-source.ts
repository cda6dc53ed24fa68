import type { Json } from "../base/json.ts";

/** A file or folder outside that is to be imported. */
export interface ImportEntry {
  /** Names below the folder it is imported into. Folders stand before what they hold. */
  names: readonly string[];
  isFolder: boolean;
  byteLength: bigint;
  /** In POSIX order. */
  permissions: number;
  createdUtc: bigint;
  modifiedUtc: bigint;
}
/** A run of a file that is stored; what lies between runs is a hole. Bytes of the file, `end` excluded. */
export interface StoredRun {
  start: bigint;
  end: bigint;
}

/** What is imported, as it was found: it is read when the plan is shown and when it is applied, and never held whole. */
export interface ImportSource {
  readonly entries: readonly ImportEntry[];
  /** What was left out, and why: links, special files, names that cannot be stored. */
  readonly skipped: readonly { path: string; reason: string }[];
  /** What finding the same again needs, with length and time of each file. */
  readonly described: { readonly [key: string]: Json };
  /** Stored runs of an entry, ascending. SOURCE_CHANGED. */
  runs(entry: number): Promise<StoredRun[]>;
  /** Fills `into` from byte `start` of an entry. SOURCE_CHANGED where it is no longer what was found, or cannot be read. */
  read(entry: number, start: bigint, into: Uint8Array): Promise<void>;
}
