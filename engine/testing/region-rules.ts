import { expect } from "vitest";
import { regionFinding } from "../forensics/rules/regions/index.ts";
import { judgeTrailer, sealBlock } from "../format/core/index.ts";
import type { RegionCodec, RegionFacts } from "../format/regions/index.ts";
import { writtenBlocks } from "./golden-region.ts";
import { describeRules, type RuleCase } from "./rule-cases.ts";

/** A sound region in memory, one that meets no rule. */
export interface SoundRegion<Content> {
  content: () => Content;
  blockBytes?: number;
  /** Blocks of the region; those behind the written ones are zero. */
  blockCount?: number;
  facts?: RegionFacts;
}

/** One way to break one rule of a region. */
export interface RegionRuleCase<Content> extends Pick<RuleCase, "rule" | "also"> {
  /** Changes the content before it is written. */
  content?: (content: Content) => void;
  /** Changes the blocks that were written, and may put others in their place. The hash of each is renewed, tag and generation stay as they are then. */
  blocks?: (blocks: Uint8Array[]) => void;
  /** Changes blocks after that, trailers included. */
  trailers?: (blocks: Uint8Array[]) => void;
  blockCount?: number;
  blockBytes?: number;
  /** The blocks have no trailers: none is renewed. */
  unsealed?: boolean;
  facts?: RegionFacts;
}

/** The trailer of a block gets the hash of its payload; tag and generation stay. */
export const reseal = (block: Uint8Array): Uint8Array => {
  const { blockTypeTag, generationNumber } = judgeTrailer(block);
  return sealBlock(block, blockTypeTag, generationNumber);
};

/** Breaks the rules that `judgeBlocks` names, in the last block; the region then needs two blocks or more. */
export function blockRuleCases(tag: string): RegionRuleCase<unknown>[] {
  const last = (change: (block: Uint8Array) => void) => (blocks: Uint8Array[]) => change(blocks.at(-1) ?? new Uint8Array(0));
  return [
    { rule: `${tag}.block-damaged`, trailers: last((block) => block.set([(block.at(-1) ?? 0) ^ 1], block.length - 1)) },
    { rule: `${tag}.block-foreign`, trailers: last((block) => sealBlock(block, "TRNS", judgeTrailer(block).generationNumber)) },
    {
      rule: `${tag}.generations-differ`,
      trailers: last((block) => sealBlock(block, judgeTrailer(block).blockTypeTag, judgeTrailer(block).generationNumber - 1)),
    },
  ];
}

/** Each rule on a region's content has a region that breaks it alone; the findings name bytes of the region. */
export function describeRegionRules<Content>(
  codec: Pick<RegionCodec<Content>, "tag" | "read">,
  write: (content: Content, blockBytes: number) => Uint8Array[],
  sound: SoundRegion<Content>,
  cases: readonly RegionRuleCase<Content>[],
  { subjects = [codec.tag.toLowerCase()], elsewhere = {} }: { subjects?: readonly string[]; elsewhere?: Record<string, string> } = {},
): void {
  const found = (broken: Omit<RegionRuleCase<Content>, "rule">): string[] => {
    const content = sound.content();
    broken.content?.(content);
    const written = write(content, broken.blockBytes ?? sound.blockBytes ?? 4096);
    broken.blocks?.(written);
    if (!broken.unsealed) for (const block of written) reseal(block);
    broken.trailers?.(written);
    const blocks = writtenBlocks(written, broken.blockCount ?? sound.blockCount ?? Math.max(written.length, 64));
    return codec.read(blocks, { ...sound.facts, ...broken.facts }).problems.map((problem) => {
      const { block, start, byteLength } = problem;
      expect(block >= 0 && block < blocks.blockCount, `block ${block} of ${problem.rule}`).toBe(true);
      expect(start === undefined || (start >= 0 && start + (byteLength ?? 0) <= blocks.blockBytes), `bytes of ${problem.rule}`).toBe(true);
      return regionFinding(problem, blocks, { region: codec.tag }).rule;
    });
  };
  describeRules(`${codec.tag} regions`, {
    subjects,
    elsewhere,
    sound: () => found({}),
    cases: cases.map((each) => ({ rule: each.rule, ...(each.also && { also: each.also }), found: () => found(each) })),
  });
}
