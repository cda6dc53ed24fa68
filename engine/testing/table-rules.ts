import { sealBlock } from "../format/core/index.ts";
import type { RegionRuleCase } from "./region-rules.ts";

/** What breaks the rules that every table of records has, for a region with more blocks than the table fills. */
export function tableRuleCases(rules: string, tag: string, generation: number): RegionRuleCase<unknown>[] {
  const behind = (stale: number) => (blocks: Uint8Array[]) => {
    const block = new Uint8Array(blocks[0]?.length ?? 4096).fill(1, 0, 9);
    blocks.push(sealBlock(block, tag, stale));
  };
  return [
    { rule: `${rules}.slack-not-zero`, blocks: (blocks) => blocks.at(-1)?.set([1], (blocks[0]?.length ?? 4096) - 17) },
    { rule: `${rules}.stale-blocks`, blocks: behind(generation - 1) },
    { rule: `${rules}.stale-newer`, blocks: behind(generation + 1) },
  ];
}

/** Bytes that stand for a count below zero at the start of block 0. */
export const negativeCount = (byteLength: number) => (blocks: Uint8Array[]) => blocks[0]?.fill(0xff, 0, byteLength);

/** Moves the bytes of a record out of block 0 to the start of a block of its own. */
export const moveToNextBlock =
  (start: number, byteLength: number, tag: string, generation: number) =>
  (blocks: Uint8Array[]): void => {
    const first = blocks[0] ?? new Uint8Array(0);
    const next = new Uint8Array(first.length);
    next.set(first.subarray(start, start + byteLength));
    first.fill(0, start, start + byteLength);
    blocks.push(sealBlock(next, tag, generation));
  };
