import type { Confidence, Finding, FindingPlace, RepairRisk, Severity } from "./finding.ts";
export type Evidence = Finding["evidence"];
/** What anyone can look up about a rule. */
export interface RuleInfo {
  id: string;
  severity: Severity;
  confidence: Confidence;
  reference: string;
  /** What the rule says of a sound volume, in one sentence. */
  states: string;
  repair?: {
    id: string;
    risk: RepairRisk;
  };
}
export interface Rule<Data extends Evidence> extends RuleInfo {
  /** A finding of this rule at `place`; the data becomes its evidence. */
  (data: Data, place?: FindingPlace): Finding;
}
/**
 * Declares a rule beside what it judges. `title` and `explanation` make the words from the evidence.
 * Throws a TypeError for an id that is taken or not spelled `subject.hyphenated-words`.
 */
export declare function defineRule<Data extends Evidence>(
  rule: RuleInfo & {
    title: (data: Data) => string;
    explanation: (data: Data) => string;
  },
): Rule<Data>;
/** All rules that have been declared, by id. */
export declare const allRules: () => RuleInfo[];
