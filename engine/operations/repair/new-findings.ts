import type { Finding } from "../../findings/finding.ts";
import type { PlanStep } from "../operation.ts";

/** What tells two findings of one volume apart. */
export const keyOf = ({ rule, slot, block }: Finding): string => `${rule} ${slot ?? ""} ${block ?? ""}`;

/** Findings above information that were not there before, at places that the steps write: what lay hidden elsewhere was there all the time. */
export function newFindings(steps: readonly PlanStep[], findings: readonly Finding[], before: ReadonlySet<string>): Finding[] {
  const written = (block: bigint): boolean =>
    steps.some(
      ({ changes }) =>
        changes.images.some((image) => image.block === block) ||
        changes.fresh.some((run) => block >= run.block && block < run.block + run.blockCount),
    );
  return findings.filter(
    (finding) => finding.severity !== "info" && !before.has(keyOf(finding)) && (finding.block === undefined || written(finding.block)),
  );
}
