import type { Severity } from "../../../findings/finding.ts";
import { defineRule, type Rule } from "../../../findings/registry.ts";

/** What a region's codec saw and what the invariant asks for. */
export type RegionEvidence = { subject: string; found: string; expected: string };

/** A rule for each problem that a codec can name. */
export type RegionRules<Id extends string> = Readonly<Record<Id, Rule<RegionEvidence>>>;

interface RegionRuleWords {
  id: string;
  severity: Severity;
  /** Of the core regions reference. */
  section: string;
  states: string;
  title: string;
  /** What follows from it, where that is not plain. */
  remark?: string;
}

/** Declares a rule on what a region holds; its explanation names the subject, what was found and what was expected. */
export const defineRegionRule = ({ id, severity, section, states, title, remark }: RegionRuleWords): Rule<RegionEvidence> =>
  defineRule<RegionEvidence>({
    id,
    severity,
    confidence: "certain",
    reference: `core regions reference ${section}`,
    states,
    title: () => title,
    explanation: ({ subject, found, expected }) => `${subject}: found ${found}; expected ${expected}.${remark ? ` ${remark}` : ""}`,
  });
