import type { Health, Severity } from "../contract/index.ts";
import type { Finding, VolumeRegion } from "./engine.ts";

/** How many findings there are of each severity. */
export function countFindings(findings: readonly Finding[]): { [severity in Severity]: number } {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const finding of findings) counts[finding.severity]++;
  return counts;
}

/** The worst of them as a state of health. */
export function healthOf(findings: readonly Finding[]): Health {
  const { error, warning, info } = countFindings(findings);
  return error > 0 ? "error" : warning > 0 ? "warning" : info > 0 ? "info" : "ok";
}

/** Findings that name a region's slot, or a block within it. */
export const findingsOfRegion = (findings: readonly Finding[], region: VolumeRegion): Finding[] =>
  findings.filter((finding) =>
    finding.slot === undefined
      ? finding.block !== undefined && finding.block >= region.startBlock && finding.block < region.startBlock + region.blockCount
      : finding.slot === region.slot,
  );

/** Findings whose blocks and `[start, end)` overlap; blocks of the volume. */
export const findingsOfBlocks = (findings: readonly Finding[], start: bigint, end: bigint): Finding[] =>
  findings.filter((finding) => finding.block !== undefined && finding.block < end && finding.block + (finding.blockCount ?? 1n) > start);
