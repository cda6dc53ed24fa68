import type { ByteRange } from "./common.ts";

/** One level of an integrity tree, drawn as cells of `nodesPerCell` nodes each. */
export interface TreeLevel {
  /** 0 is the root. */
  level: number;
  /** Number of its first node: 2^level. */
  firstNode: number;
  nodes: number;
  nodesPerCell: number;
  /** Of each cell the worst of its nodes: 0 not stored, 1 never touched, 2 not checked, 3 holds, 4 above a fault, 5 not read, 6 differs. */
  states: Uint8Array;
}

/** An integrity tree as stored, and what it covers. */
export interface IntegrityView {
  slot: number;
  layout: "region" | "perObject";
  leafCount: number;
  capacity: number;
  levels: TreeLevel[];
  coverage: IntegrityCoverage;
  /** Where nodes stand: `perBlock` of `step` bytes in each block behind the header. */
  nodes: { firstByte: bigint; blockBytes: number; perBlock: number; step: number };
}
export interface IntegrityCoverage {
  mapping: "as-built" | "assumed" | "object" | "unknown";
  stride: bigint;
  /** Blocks that the tree is about. */
  subjectBlocks: bigint;
  /** Of these, blocks that a leaf stands for. */
  coveredBlocks: number;
  /** The same in words. */
  text: string;
}

/** What came of computing the tree anew. */
export interface IntegrityReport {
  rootHolds: boolean;
  leaves: { matches: number; differs: number; unread: number; unset: number; notStored: number; withoutBlock: number };
  inner: { holds: number; differs: number; untouched: number; notStored: number };
  levels: TreeLevel[];
  failing: FailingNode[];
  more: number;
}
export interface FailingNode {
  node: number;
  level: number;
  /** Of a leaf, its number and its block. */
  leaf?: number | undefined;
  block?: ByteRange | undefined;
  state: "differs" | "unread";
  stored: string;
  computed: string;
  /** The node's own bytes. */
  range?: ByteRange | undefined;
}
