import type { ByteRange } from "./common.ts";
import type { Fact } from "./volume.ts";

/** dm-remap metadata of a device: every structure found, the devices it names, how the target is put together again. */
export interface RemapView {
  /** Sectors of 512 bytes that the device has. */
  sectors: bigint;
  /** The structure shown first in front; empty where nothing could be decoded. */
  structures: RemapStructureView[];
  /** What stands at the places where metadata may begin and belongs to no structure there. */
  others: { sector: bigint; name: string }[];
  overlaps: { range: ByteRange; text: string }[];
  validations: RemapValidationView[];
  reassembly: RemapReassemblyView;
}

export interface RemapStructureView {
  /** DMRM, DMR4-kernel, DMR4-script or SETUP. */
  format: string;
  structBytes: number;
  spaceBytes: number;
  validCopies: number;
  chosen: number | undefined;
  /** Why that copy is believed, or why none is. */
  reason: string;
  copies: RemapCopyView[];
  /** What tells the copies apart, one cell for each of them. */
  matrix: RemapMatrixRow[];
  /** Main device and spares of the chosen copy. */
  devices: RemapDeviceView[];
  /** Undefined where the structure stores no table of remaps. */
  remaps: RemapTableView | undefined;
  /** What is to be known of the structure's remaps where it stores no table. */
  remapNote: string | undefined;
  target: Fact[];
  instructions: Fact[];
}

export interface RemapCopyView {
  index: number;
  sector: bigint;
  range: ByteRange;
  /** `missing` lies behind the device's end, `unread` failed to be read. */
  state: "chosen" | "equal" | "stale" | "damaged" | "blank" | "missing" | "unread";
  /** The state in words: "stale, oldest". */
  verdict: string;
  fault: string | undefined;
  /** The number that versions are told apart by. */
  version: bigint | undefined;
  /** Unix seconds of the last write. */
  timestamp: bigint | undefined;
  sums: RemapSumView[];
}
export interface RemapSumView {
  name: string;
  range: ByteRange;
  stored: string;
  computed: string;
  match: boolean;
}

export interface RemapMatrixRow {
  label: string;
  path: string;
  /** Whether versions are ordered by it: what a damaged copy says then does not count. */
  orders: boolean;
  cells: (RemapMatrixCell | undefined)[];
  /** What follows from the row. */
  reading: string;
}
export interface RemapMatrixCell {
  text: string;
  state: "ok" | "error" | "plain";
  range: ByteRange;
  title?: string | undefined;
}

export interface RemapDeviceView {
  role: "main" | "spare";
  slot: number | undefined;
  isPrimary: boolean;
  path: string;
  sectors: bigint;
  sectorBytes: number;
  /** Sixteen bytes in hex. */
  uuid: string;
  serial: string;
  /** 0 to 100; undefined where none is stored. */
  health: number | undefined;
  /** Unix seconds. */
  lastChecked: bigint | undefined;
  sum: RemapSumView | undefined;
  range: ByteRange;
}

export interface RemapTableView {
  count: number;
  capacity: number;
  /** All that are counted. */
  entries: RemapEntryView[];
}
export interface RemapEntryView {
  index: number;
  original: bigint;
  spare: bigint;
  /** Unix nanoseconds. */
  timestamp: bigint;
  flags: string;
  errors: number;
  range: ByteRange;
  /** What is wrong with it, for people. */
  problem: string | undefined;
}

export interface RemapValidationView {
  level: "BASIC" | "INTEGRITY" | "COMPLETE" | "FORENSIC";
  result: string;
  code: number;
  checks: { name: string; state: "ok" | "failed" | "warning" | "not-run"; text: string }[];
}

export interface RemapReassemblyView {
  steps: { state: "ok" | "attention" | "open" | "impossible"; title: string; text: string }[];
  /** What `dmsetup create` would be given. */
  table: { name: string | undefined; line: string } | undefined;
  notes: string[];
}
