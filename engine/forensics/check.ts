import type { Finding, Severity } from "../findings/finding.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import { readInodeTable } from "../volume/inode-table.ts";
import { blockUnread } from "../volume/opening-rules.ts";
import type { Volume } from "../volume/volume.ts";
import { bitmapRules } from "./rules/bitmap.ts";
import type { CheckContext, RuleSet } from "./rules/context.ts";
import { fileRules } from "./rules/file.ts";
import { FindingLimit } from "./rules/finding-limit.ts";
import { inodeExtentRules } from "./rules/inode-extents.ts";
import { inodeRules } from "./rules/inodes.ts";
import { leftoverRules } from "./rules/leftovers.ts";
import { logRules } from "./rules/log.ts";
import { referenceRules } from "./rules/references/index.ts";
import { regionRules } from "./rules/regions/index.ts";
import { sealingRules } from "./rules/sealing.ts";
import { sealRules } from "./rules/seals.ts";
import { superblockRules } from "./rules/superblock.ts";
import { tableRules } from "./rules/tables.ts";

const ruleSets: readonly [phase: string, rules: RuleSet][] = [
  ["File", fileRules],
  ["Superblock", superblockRules],
  ["Region tables", tableRules],
  ["Metadata blocks", sealingRules],
  ["Seals", sealRules],
  ["Logs", logRules],
  ["Leftovers", leftoverRules],
  ["Inodes", inodeRules],
  ["Extents", inodeExtentRules],
  ["Regions", regionRules],
  ["References", referenceRules],
  ["Bitmap", bitmapRules],
];
const inodeLimitBytes = 256 * 1_048_576;

export interface CheckOptions {
  /** Ids of the rules whose findings are wanted; all unless told. */
  rules?: readonly string[] | undefined;
  /** Also reads every block of the data region, so that unreadable ones are named, and all that trees and caches say hashes of. */
  deep?: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { phase: string; done: number; total: number; unit: "rules" }) => void;
}

const order: readonly Severity[] = ["error", "warning", "info"];

/** Holds a volume against all rules and gives its findings, those of opening included: severest first, then by block. Only reads. */
export const checkVolume = async (volume: Volume, options: CheckOptions = {}): Promise<Finding[]> =>
  (await examineVolume(volume, options)).findings;

/** The findings of a volume and what the rules learned on the way, for whoever repairs it; no context where it is no volume. Only reads. */
export async function examineVolume(
  volume: Volume,
  { rules, deep = false, signal, onProgress }: CheckOptions = {},
): Promise<{ findings: Finding[]; context: CheckContext | undefined }> {
  const found: Finding[] = [...volume.findings];
  let context: CheckContext | undefined;
  if (volume.kind === "dwvd") {
    const limit = new FindingLimit(found, mergedRules);
    const map = AllocationBitmap.of(volume);
    const table = volume.findRegion("INOD");
    context = {
      volume,
      bitmap: await map?.summarise(volume.superblock ? volume.totalBlocks : undefined, { signal }),
      inodes:
        table && table.startBlock >= 0n && table.startBlock < volume.fileBlocks
          ? await readInodeTable(volume, table, inodeLimitBytes, signal)
          : undefined,
      judged: [],
      owned: [],
      unowned: [],
      ownersUnknown: new Set(),
      deep,
      report: (finding) => limit.add(finding),
      signal,
    };
    for (const [index, [phase, judge]] of ruleSets.entries()) {
      signal?.throwIfAborted();
      onProgress?.({ phase, done: index, total: ruleSets.length, unit: "rules" });
      await judge(context);
    }
    limit.finish();
    if (deep) await readEverything(volume, found, signal);
    onProgress?.({ phase: "Done", done: ruleSets.length, total: ruleSets.length, unit: "rules" });
  }
  return { findings: orderFindings(found, rules), context };
}

/** Findings of the wanted rules, severest first, then by block; runs of one rule on adjacent blocks as one. */
export function orderFindings(found: readonly Finding[], rules?: readonly string[]): Finding[] {
  const wanted = rules && rules.length > 0 ? found.filter((finding) => rules.includes(finding.rule)) : found;
  return mergeRuns(wanted.toSorted(byWeight));
}

/** Reads every stored block and names those that cannot be read and that no rule has named yet. */
async function readEverything(volume: Volume, found: Finding[], signal: AbortSignal | undefined): Promise<void> {
  await volume.reader.walk(0n, volume.fileBlocks, () => {}, signal);
  const named = new Set(found.filter((finding) => finding.rule === blockUnread.id).map((finding) => finding.block));
  for (const { block, reason } of volume.reader.unread)
    if (!named.has(block))
      found.push(blockUnread({ block, reason }, { block, region: volume.regionOf(block)?.tag, slot: volume.regionOf(block)?.slot }));
}

const byWeight = (a: Finding, b: Finding): number =>
  order.indexOf(a.severity) - order.indexOf(b.severity) ||
  compare(a.block ?? -1n, b.block ?? -1n) ||
  (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0);
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const mergedRules = new Set([
  "trailer.mismatch",
  "trailer.never-written",
  "trailer.misplaced",
  "region.block-unread",
  "mtrk.leaf-mismatch",
]);
const leastRun = 8;

/** Findings of one rule on many adjacent blocks become one that says how many. */
function mergeRuns(findings: Finding[]): Finding[] {
  const merged: Finding[] = [];
  for (let index = 0; index < findings.length; ) {
    const first = findings[index];
    if (!first) break;
    let end = index + 1;
    while (
      mergedRules.has(first.rule) &&
      findings[end]?.rule === first.rule &&
      findings[end]?.slot === first.slot &&
      findings[end]?.block === (first.block ?? 0n) + BigInt(end - index)
    )
      end++;
    if (end - index >= leastRun) {
      const { byteOffset, byteLength, ...rest } = first;
      merged.push({
        ...rest,
        blockCount: BigInt(end - index),
        title: `${first.title}, and ${end - index - 1} blocks behind it`,
        evidence: { ...first.evidence, blocks: end - index },
      });
    } else merged.push(...findings.slice(index, end));
    index = end;
  }
  return merged;
}
