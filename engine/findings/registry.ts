import type { Confidence, Finding, FindingPlace, FindingRepair, Severity } from "./finding.ts";

export type Evidence = Finding["evidence"];

/** What anyone can look up about a rule. */
export interface RuleInfo {
  id: string;
  severity: Severity;
  confidence: Confidence;
  reference: string;
  /** What the rule says of a sound volume, in one sentence. */
  states: string;
  repair?: FindingRepair;
  /** Why nothing repairs it, where nothing does. */
  noRepair?: string;
}

export interface Rule<Data extends Evidence> extends RuleInfo {
  /** A finding of this rule at `place`; the data becomes its evidence. */
  (data: Data, place?: FindingPlace): Finding;
}

const rules = new Map<string, RuleInfo>();

/**
 * Declares a rule beside what it judges. `title` and `explanation` make the words from the evidence.
 * Throws a TypeError for an id that is taken or not spelled `subject.hyphenated-words`.
 */
export function defineRule<Data extends Evidence>(
  rule: RuleInfo & { title: (data: Data) => string; explanation: (data: Data) => string },
): Rule<Data> {
  if (!/^[a-z0-9-]+\.[a-z0-9]+(-[a-z0-9]+)*$/.test(rule.id)) throw new TypeError(`rule id ${rule.id} is misspelled`);
  if (rules.has(rule.id)) throw new TypeError(`rule id ${rule.id} is taken`);
  const { title, explanation, ...info } = rule;
  rules.set(rule.id, info);
  const make = (data: Data, place: FindingPlace = {}): Finding => ({
    rule: info.id,
    severity: info.severity,
    confidence: info.confidence,
    ...place,
    title: title(data),
    explanation: explanation(data),
    evidence: data,
    reference: info.reference,
    ...(info.repair && { repair: info.repair }),
  });
  return Object.assign(make, info);
}

/** All rules that have been declared, by id. */
export const allRules = (): RuleInfo[] => [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
