import type { Finding } from "../../findings/finding.ts";
import { defineRule } from "../../findings/registry.ts";

export const moreFindings = defineRule<{ rule: string; region: string; shown: number; more: number }>({
  id: "region.more-findings",
  severity: "info",
  confidence: "certain",
  reference: "convention R7",
  states: "No rule is broken more than a hundred times in one region.",
  title: ({ region, rule, more }) => `${region}: ${more} more findings of ${rule}`,
  explanation: ({ rule, shown, more }) => `The first ${shown} of ${shown + more} findings of ${rule} are listed.`,
});
/** The most findings of one rule in one region: a table of 100 000 broken entries must not drown the rest. */
const mostPerRule = 100;

/** Takes findings up to a hundred of one rule in one region, and says of the rest how many there are. Rules whose runs become one finding are not limited. */
export class FindingLimit {
  readonly #found: Finding[];
  readonly #unlimited: ReadonlySet<string>;
  readonly #counts = new Map<string, { first: Finding; count: number }>();

  constructor(found: Finding[], unlimited: ReadonlySet<string>) {
    this.#found = found;
    this.#unlimited = unlimited;
  }

  add(finding: Finding): void {
    const key = `${finding.rule} ${finding.slot ?? ""}`;
    const known = this.#counts.get(key) ?? { first: finding, count: 0 };
    known.count++;
    this.#counts.set(key, known);
    if (known.count <= mostPerRule || this.#unlimited.has(finding.rule)) this.#found.push(finding);
  }

  /** Adds what was left out, once all rules have run. */
  finish(): void {
    for (const { first, count } of this.#counts.values()) {
      const { rule, region, slot, block } = first;
      if (count <= mostPerRule || this.#unlimited.has(rule)) continue;
      const evidence = { rule, region: region ?? "the volume", shown: mostPerRule, more: count - mostPerRule };
      this.#found.push(moreFindings(evidence, { region, slot, block }));
    }
  }
}
