import type { Finding, VolumeId } from "../../engine/contract/index.ts";
import { select } from "./selection.ts";

/** Names a finding within one run. */
export const findingId = (finding: Finding): string =>
  `${finding.rule}@${finding.block ?? ""}#${finding.slot ?? ""}+${finding.byteOffset ?? ""} ${finding.title}`;

/** Selects the bytes that a finding speaks of; one without a place only itself. */
export function selectFinding(volumeId: VolumeId, blockBytes: number, finding: Finding): void {
  if (finding.block === undefined) return;
  const size = BigInt(blockBytes);
  const start = finding.byteOffset ?? finding.block * size;
  const end =
    finding.byteOffset !== undefined ? start + BigInt(finding.byteLength ?? 1) : (finding.block + (finding.blockCount ?? 1n)) * size;
  select({ volumeId, range: { start, end }, object: findingId(finding) });
}
