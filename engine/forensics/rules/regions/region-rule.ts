import type { RepairRisk, Severity } from "../../../findings/finding.ts";
import { defineRule, type Rule } from "../../../findings/registry.ts";
import type { BlockRule } from "../../../format/regions/index.ts";

/** What a region's codec saw and what the invariant asks for. */
export type RegionEvidence = { subject: string; found: string; expected: string };

/** A rule for each problem that a codec can name. */
export type RegionRules<Id extends string> = Readonly<Record<Id, Rule<RegionEvidence>>>;

/** The words of one rule; its id is the key it stands under. */
export interface RegionRuleWords {
  severity: Severity;
  /** Of the subject's reference, where it is not the subject's own section. */
  section?: string;
  states: string;
  title: string;
  /** What follows from it, where that is not plain. */
  remark?: string;
  /** What mends it, where it has one right answer. */
  repair?: { id: string; risk: RepairRisk };
}

const references = { core: "core regions reference", other: "other regions reference", operations: "operations reference" };

/** What the rules of one region have in common. */
export interface RegionSubject {
  /** In the middle of a sentence: "the snapshot table". */
  name: string;
  /** The reference that describes it. */
  reference: keyof typeof references;
  /** The section that lists its invariants. */
  section: string;
  /** Its tag, where its codec judges blocks by `judgeBlocks`: the four rules on blocks are declared with the others. */
  blockTag?: string;
  /** Those of them that its codec can name; all four unless told. */
  blockRules?: readonly ("block-damaged" | "block-foreign" | "generations-differ" | "blocks-exceed-region")[];
  /** The tag that its blocks carry, where it is not its own. */
  letters?: string;
}

type Words = Readonly<Record<string, RegionRuleWords>>;

/**
 * Declares the rules on what one region holds, by id, those of its blocks included where `blockTag` is given.
 * The explanation of each names the subject, what was found and what was expected.
 */
export function defineRegionRules<Id extends string>(
  subject: RegionSubject,
  words: Readonly<
    Record<Exclude<Id, BlockRule<string>>, RegionRuleWords> & Partial<Record<Extract<Id, BlockRule<string>>, RegionRuleWords>>
  >,
): RegionRules<Id> {
  const all: Words = { ...(subject.blockTag !== undefined && blockWords(subject, subject.blockTag)), ...(words as Words) };
  return Object.fromEntries(Object.entries(all).map(([id, each]) => [id, defineRegionRule(id, subject, each)])) as RegionRules<Id>;
}

function defineRegionRule(id: string, subject: RegionSubject, words: RegionRuleWords): Rule<RegionEvidence> {
  const { severity, section = subject.section, states, title, remark, repair } = words;
  return defineRule<RegionEvidence>({
    id,
    severity,
    confidence: "certain",
    reference: `${references[subject.reference]} ${section}`,
    states,
    title: () => title,
    explanation: (evidence) => {
      const said = `${evidence.subject}: found ${evidence.found}; expected ${evidence.expected}.`;
      return remark ? `${said} ${remark}` : said;
    },
    ...(repair && { repair }),
  });
}

/** The rules that `judgeBlocks` names. Core regions reference 0.2 and 8; other regions reference 0. */
function blockWords({ name, reference, blockRules, letters }: RegionSubject, blockTag: string): Words {
  const [tag, heading] = [blockTag.toLowerCase(), name.replace(/^the /, "").replace(/^./, (letter) => letter.toUpperCase())];
  const common = { severity: "error", ...(reference === "core" && { section: "0.2, 8" }) } as const;
  const words: Words = {
    [`${tag}.block-damaged`]: {
      ...common,
      states: `Each block that ${name} fills carries the hash of its payload.`,
      title: `${heading}: a block does not verify`,
      remark: "The SDK's reader refuses the whole region.",
    },
    [`${tag}.block-foreign`]: {
      ...common,
      states: `Each block that ${name} fills carries the tag ${letters ?? blockTag.toUpperCase()}.`,
      title: `${heading}: a block with another tag`,
      remark: "The SDK's reader does not look at tags; the block may belong elsewhere.",
    },
    [`${tag}.generations-differ`]: {
      ...common,
      states: `All blocks that ${name} fills carry one generation.`,
      title: `${heading}: a torn write`,
      remark: "Blocks of several generations stand beside each other. The SDK's reader accepts them.",
    },
    [`${tag}.blocks-exceed-region`]: {
      severity: "error",
      states: `What ${name} counts fits its region.`,
      title: `${heading}: more is counted than the region holds`,
    },
  };
  const named = blockRules?.map((rule) => `${tag}.${rule}`);
  return Object.fromEntries(Object.entries(words).filter(([id]) => named?.includes(id) ?? true));
}
