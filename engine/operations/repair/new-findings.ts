import type { Finding } from "../../findings/finding.ts";
import type { PlanStep } from "../operation.ts";

/** How many findings of a rule there are in each slot, or at each block where they name no slot: a region that moves takes its findings along. */
export type FindingCounts = ReadonlyMap<string, number>;

const placeOf = ({ rule, slot, block }: Finding): string => (slot === undefined ? `${rule} at ${block ?? ""}` : `${rule} in ${slot}`);

export function countFindings(findings: readonly Finding[]): FindingCounts {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(placeOf(finding), (counts.get(placeOf(finding)) ?? 0) + 1);
  return counts;
}

/** Findings above information of which there are more than before, at places that the steps write: what lay hidden elsewhere was there all the time. */
export function newFindings(steps: readonly PlanStep[], findings: readonly Finding[], before: FindingCounts): Finding[] {
  const counts = countFindings(findings);
  const written = (block: bigint): boolean =>
    steps.some(
      ({ changes }) =>
        changes.images.some((image) => image.block === block) ||
        changes.fresh.some((run) => block >= run.block && block < run.block + run.blockCount),
    );
  return findings.filter((finding) => {
    if (finding.severity === "info" || (finding.block !== undefined && !written(finding.block))) return false;
    const place = placeOf(finding);
    return (counts.get(place) ?? 0) > (before.get(place) ?? 0);
  });
}
