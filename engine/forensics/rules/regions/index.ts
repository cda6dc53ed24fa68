import { viewOf } from "../../../base/bytes.ts";
import type { Finding } from "../../../findings/finding.ts";
import { defineRule, type Rule } from "../../../findings/registry.ts";
import { judgeTrailer, walHeader } from "../../../format/core/index.ts";
import { type RegionBlocks, type RegionProblem, regionCodecs } from "../../../format/regions/index.ts";
import type { InodeTable } from "../../../volume/inode-table.ts";
import { loadRegionBlocks, regionFacts } from "../../../volume/region-readers/coded-region.ts";
import type { CheckContext, RuleSet } from "../context.ts";
import { alogRules, cmalRules } from "./alog.ts";
import { anonRules } from "./anon.ts";
import { btreRules } from "./btre.ts";
import { clogRules } from "./clog.ts";
import { cmvtRules } from "./cmvt.ts";
import { codeRules } from "./code.ts";
import { colrRules } from "./colr.ts";
import { dictRules } from "./dict.ts";
import { encrRules } from "./encr.ts";
import { inteRules } from "./inte.ts";
import { mlogRules } from "./mlog.ts";
import { mtrkRules } from "./mtrk.ts";
import { mvccRules } from "./mvcc.ts";
import { opjrRules } from "./opjr.ts";
import { polvRules } from "./polv.ts";
import { raidRules } from "./raid.ts";
import type { RegionEvidence, RegionRules } from "./region-rule.ts";
import { replRules } from "./repl.ts";
import { snapRules } from "./snap.ts";
import { streRules } from "./stre.ts";
import { tagiRules } from "./tagi.ts";
import { walsRules } from "./wals.ts";
import { wormRules } from "./worm.ts";
import { xrefRules } from "./xref.ts";
import { zmapRules } from "./zmap.ts";
import { znsmRules } from "./znsm.ts";

const partlyJudged = defineRule<{ region: string; judged: number; blockCount: bigint }>({
  id: "region.partly-judged",
  severity: "info",
  confidence: "certain",
  reference: "convention R7, W25",
  states: "All blocks of a region are looked at.",
  title: ({ region, judged, blockCount }) => `${region}: the first ${judged} of ${blockCount} blocks were judged`,
  explanation: ({ judged }) => `What stands behind the first ${judged} blocks of the region was not read for these rules.`,
});

const regionLimitBytes = 64 * 1_048_576;
/** The one table of rules on what regions hold. */
const ruleSets: readonly RegionRules<string>[] = [
  replRules,
  raidRules,
  snapRules,
  codeRules,
  polvRules,
  encrRules,
  mtrkRules,
  clogRules,
  dictRules,
  anonRules,
  wormRules,
  mlogRules,
  inteRules,
  znsmRules,
  walsRules,
  opjrRules,
  btreRules,
  colrRules,
  zmapRules,
  mvccRules,
  cmvtRules,
  alogRules,
  cmalRules,
  streRules,
  xrefRules,
  tagiRules,
];

const rules = new Map<string, Rule<RegionEvidence>>(ruleSets.flatMap((set) => Object.entries(set)));

/** The finding for a problem that a codec named. Throws a TypeError for one that no rule is declared for. */
export function regionFinding(problem: RegionProblem, blocks: RegionBlocks, place: { region: string; slot?: number }): Finding {
  const rule = rules.get(problem.rule);
  if (!rule) throw new TypeError(`no rule is declared for ${problem.rule}`);
  const { subject, found, expected, start, byteLength } = problem;
  const block = blocks.startBlock + BigInt(problem.block);
  return rule(
    { subject, found, expected },
    {
      ...place,
      block,
      ...(start !== undefined && { byteOffset: block * BigInt(blocks.blockBytes) + BigInt(start) }),
      ...(byteLength !== undefined && { byteLength }),
    },
  );
}

/** Whether an inode number is one of the table's; undefined where the table was not read to its end, or holds none at all. */
function inodeLookup(table: InodeTable | undefined): ((inodeNumber: bigint) => boolean) | undefined {
  if (!table || table.records.length === 0 || table.leftOutBlocks > 0n || table.senselessBlocks.length > 0) return undefined;
  const numbers = new Set(table.records.map(({ record }) => viewOf(record).getBigInt64(0, true)));
  return (inodeNumber) => numbers.has(inodeNumber);
}

/** The last sequence number of the volume's logs; undefined where none has a header that verifies. */
async function lastLogSequence({ volume, signal }: CheckContext): Promise<bigint | undefined> {
  let last: bigint | undefined;
  for (const { kind, startBlock } of volume.regions) {
    if ((kind !== "MWAL" && kind !== "DWAL") || startBlock < 0n || startBlock >= volume.fileBlocks) continue;
    const block = await volume.reader.read(startBlock, signal);
    if (!block || !judgeTrailer(block).verified) continue;
    const { sequenceEnd } = walHeader.parse(block);
    if (last === undefined || sequenceEnd > last) last = sequenceEnd;
  }
  return last;
}

/** What regions hold, each by its codec. A region whose first block is outside the file is another rule's matter. */
export const regionRules: RuleSet = async (context: CheckContext) => {
  const { volume, inodes, judged, report, signal } = context;
  const hasInode = inodeLookup(inodes);
  const logSequence = volume.regions.some(({ kind }) => kind === "WALS") ? await lastLogSequence(context) : undefined;
  for (const region of volume.regions) {
    const codec = regionCodecs.get(region.kind);
    if (!codec || region.startBlock < 0n || region.startBlock >= volume.fileBlocks || region.blockCount <= 0n) continue;
    const blocks = await loadRegionBlocks(volume, region, regionLimitBytes, signal);
    const place = { region: region.tag, slot: region.slot };
    const reading = codec.read(blocks, { ...regionFacts(volume, region), hasInode, logSequence });
    judged.push({ region, blocks, reading });
    for (const problem of reading.problems) report(regionFinding(problem, blocks, place));
    const isUsed = blocks.block(0)?.some((byte) => byte !== 0);
    if (blocks.isCut && isUsed)
      report(
        partlyJudged(
          { region: region.name, judged: blocks.blockCount, blockCount: region.blockCount },
          { ...place, block: region.startBlock },
        ),
      );
  }
};
