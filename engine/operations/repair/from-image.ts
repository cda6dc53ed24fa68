import { equalBytes, isAllZero } from "../../base/bytes.ts";
import { EngineError } from "../../errors/engine-error.ts";
import type { Finding } from "../../findings/finding.ts";
import { examineVolume } from "../../forensics/check.ts";
import { checkTree, leafBlocks } from "../../forensics/integrity-tree.ts";
import type { CheckContext } from "../../forensics/rules/context.ts";
import type { MtrkContent } from "../../format/regions/mtrk.ts";
import type { Volume, VolumeRegion } from "../../volume/volume.ts";
import { VolumeEdit } from "../../volume/volume-edit.ts";
import { afterSteps, defineOperation, type PlanDraft, type PlanOptions, type PlanStep } from "../operation.ts";
import { whollyRead } from "../wholly-read.ts";
import { countFindings, newFindings } from "./new-findings.ts";
import { planRepair, type RepairInputs } from "./repair.ts";

export interface RepairFromInputs {
  /** Another image of the same volume; only read, and only while planning. */
  source: Volume;
  /** How the user calls it. */
  from: string;
  /** Repairs that follow on what the copies leave; none unless one of the two is told. */
  risk?: RepairInputs["risk"];
  rules?: RepairInputs["rules"];
}

/** A block that is bad here, with what each source says of it. */
interface Candidate {
  block: bigint;
  slot: number;
  /** What is wrong with it here. */
  here: string;
  /** What the other image has; undefined where that is no better. */
  image: Uint8Array | undefined;
  /** Why it may be taken, or why not. */
  there: string;
}

/** Regions whose blocks are not taken one by one: logs are streams, and the bitmap follows from its owners. */
const leftAlone = new Set(["MWAL", "DWAL", "BMAP"]);
const mostWords = 100;

/**
 * Copies good blocks over bad ones from another image of the same volume, with a verdict for every block and source. A block is taken where
 * the hash that is stored here proves it, or where it verifies there and both images are of one CheckpointSequence. Nothing is taken that
 * would bring a new finding. Where a risk or rules are told, repairs follow on what the copies leave, in the same plan. CHANGE_NOT_POSSIBLE for another volume's image; else as `repair`. Conventions R2, W12, W13.
 */
export const repairFrom = defineOperation("repair-from", (volume: Volume, inputs: RepairFromInputs, options) =>
  whollyRead(volume, options, (watched) => planCopiesAndRepairs(watched, inputs, options)),
);

async function planCopiesAndRepairs(volume: Volume, inputs: RepairFromInputs, options: PlanOptions): Promise<PlanDraft> {
  const { source, from, risk, rules } = inputs;
  const copied = await planCopies(volume, source, from, options);
  if (risk === undefined && rules === undefined)
    return { ...copied, sentences: copied.steps.length > 0 ? copied.sentences : [`${from} has no good block in place of a bad one.`] };
  const repaired = await planRepair(volume, { risk, rules }, options, copied);
  return { ...repaired, describedInputs: { from, ...(repaired.describedInputs as object) } };
}

/** The copies alone; without a sentence where there are none. */
async function planCopies(volume: Volume, source: Volume, from: string, options: PlanOptions): Promise<PlanDraft> {
  assertSameVolume(volume, source);
  await VolumeEdit.begin(volume, { repairing: true });
  const examined = await examineVolume(volume, { signal: options.signal });
  if (!examined.context) throw new EngineError("VOLUME_READ_ONLY", { reason: "it is no DWVD version 2 volume" });
  const candidates = await findCandidates(volume, source, examined.findings, examined.context, options.signal);
  const before = countFindings(examined.findings);
  const warnings = candidates
    .filter(({ image }) => !image)
    .map(({ block, here, there }) => `Block ${block} stays: here it ${here}; there it ${there}.`);
  let taken = candidates.filter(({ image }) => image !== undefined);
  let steps: PlanStep[] = [];
  while (taken.length > 0) {
    steps = await stepsOf(volume, taken, options);
    const { findings } = await examineVolume(await afterSteps(volume, steps), { signal: options.signal });
    const fresh = newFindings(steps, findings, before);
    if (fresh.length === 0) break;
    const slots = new Set(taken.map(({ slot }) => slot).filter((slot) => fresh.some((finding) => finding.slot === slot)));
    warnings.push(`What was to be copied into slots ${[...slots].join(", ") || "all"} is left out: ${fresh[0]?.title} would be new.`);
    taken = slots.size > 0 ? taken.filter(({ slot }) => !slots.has(slot)) : [];
    steps = [];
  }
  const sentences = taken.map(({ block, here, there }) => `Copy block ${block}: here it ${here}; there it ${there}.`);
  const more = sentences.length > mostWords ? [`Copy ${sentences.length - mostWords} blocks more in the same way.`] : [];
  return {
    describedInputs: { from },
    sentences: [...sentences.slice(0, mostWords), ...more],
    steps,
    warnings: [
      ...warnings.slice(0, mostWords),
      ...(warnings.length > mostWords ? [`${warnings.length - mostWords} blocks more stay as they are.`] : []),
    ],
    worstCase: `If this goes wrong in every way we know, you lose nothing: undo restores ${taken.length} bad blocks as they are.`,
  };
}

/** CHANGE_NOT_POSSIBLE unless both are images of one volume. */
function assertSameVolume(volume: Volume, source: Volume): void {
  const [ours, theirs] = [volume.superblock, source.superblock];
  const reasons: string[] = [];
  if (!theirs || source.kind !== "dwvd" || !source.group.superblock.holds) reasons.push("the other image has no superblock that holds");
  else if (ours?.volumeUuid !== theirs.volumeUuid)
    reasons.push(`the other image is of volume ${theirs.volumeUuid}, this one is ${ours?.volumeUuid}`);
  else if (volume.blockBytes !== source.blockBytes || volume.totalBlocks !== source.totalBlocks)
    reasons.push("the two differ in block size or number of blocks");
  if (reasons.length > 0) throw new EngineError("CHANGE_NOT_POSSIBLE", { change: "What is bad in this image", reasons });
}

async function findCandidates(
  volume: Volume,
  source: Volume,
  findings: readonly Finding[],
  context: CheckContext,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  const isOneState = volume.superblock?.checkpointSequence === source.superblock?.checkpointSequence;
  candidates.push(...headCandidates(volume, source, isOneState));
  const named = new Set(findings.filter(({ severity }) => severity === "error").map(({ block }) => block));
  for (const region of volume.ownRegions) {
    if (region.startBlock < 10n || region.blockCount <= 0n || region.kind === "DATA" || leftAlone.has(region.kind)) continue;
    const bad: { block: bigint; bytes: Uint8Array; here: string }[] = [];
    await volume.reader.walk(
      region.startBlock,
      region.startBlock + region.blockCount,
      (block, bytes) => {
        if (!bytes || volume.regionOf(block)?.slot !== region.slot) return;
        const { state, trailer } = volume.judge(block, bytes);
        if (state === "damaged") bad.push({ block, bytes: bytes.slice(), here: "does not verify" });
        else if (state === "misplaced") bad.push({ block, bytes: bytes.slice(), here: `is a whole block of ${trailer?.tag}` });
      },
      signal,
    );
    // Zeros are bad only where a rule says so: most blocks of most regions are not written yet.
    for (const block of named) {
      if (block === undefined || volume.regionOf(block)?.slot !== region.slot || bad.some((each) => each.block === block)) continue;
      const bytes = await volume.reader.read(block, signal);
      if (bytes && isAllZero(bytes)) bad.push({ block, bytes, here: "is all zero" });
    }
    for (const { block, bytes, here } of bad) {
      const theirs = (await source.reader.read(block, signal))?.slice();
      candidates.push({ block, slot: region.slot, here, ...judgeTheirs(volume, source, region, block, bytes, theirs, isOneState) });
    }
  }
  return [...candidates, ...(await findLeaves(volume, source, context, signal))].sort((a, b) => (a.block < b.block ? -1 : 1));
}

/** Extended metadata and integrity anchor, where both copies here fail: every change writes them. */
function headCandidates({ group }: Volume, source: Volume, isOneState: boolean): Candidate[] {
  const parts = [group.extendedMetadata, group.integrityAnchor];
  return parts.flatMap(({ holds, block: stored }): Candidate[] => {
    if (holds) return [];
    const block = stored % 4;
    const theirs = [source.head[block], source.head[block + 4]].find((copy) => copy?.trailer.verified);
    if (!theirs || !isOneState)
      throw new EngineError("VOLUME_NEEDS_REPAIR", {
        reason: `block ${block} fails in both copies, and the other image ${theirs ? "is of another CheckpointSequence" : "has it no better"}`,
      });
    const there = "verifies, in an image of the same CheckpointSequence";
    return [{ block: BigInt(block), slot: -1, here: "fails in both copies", image: theirs.bytes, there }];
  });
}

function judgeTheirs(
  volume: Volume,
  source: Volume,
  region: VolumeRegion,
  block: bigint,
  ours: Uint8Array,
  theirs: Uint8Array | undefined,
  isOneState: boolean,
): Pick<Candidate, "image" | "there"> {
  if (!theirs) return { image: undefined, there: "cannot be read" };
  const place = source.regionOf(block);
  if (place?.tag !== region.tag || place.startBlock !== region.startBlock || place.blockCount !== region.blockCount)
    return { image: undefined, there: "belongs to another region" };
  const { state, trailer } = source.judge(block, theirs);
  if ((state !== "valid" && state !== "empty") || !trailer)
    return { image: undefined, there: state === "never-written" ? "is all zero" : "does not verify either" };
  const stored = volume.judge(block, ours).trailer;
  if (stored && stored.blockTypeTag === trailer.blockTypeTag && stored.xxHash64Checksum === trailer.computed)
    return { image: theirs, there: "has the very hash that is stored here" };
  if (isOneState) return { image: theirs, there: "verifies, in an image of the same CheckpointSequence" };
  return {
    image: undefined,
    there: "verifies, but in an image of another CheckpointSequence, and nothing here proves that it is the same",
  };
}

/** Data blocks that the integrity tree disproves here and proves there. Convention W13. */
async function findLeaves(volume: Volume, source: Volume, context: CheckContext, signal: AbortSignal | undefined): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { region, blocks, reading } of context.judged.filter((each) => each.region.kind === "MTRK")) {
    const content = reading.content as MtrkContent | undefined;
    if (!content) continue;
    const { failingLeaves } = await checkTree(volume, region, { blocks, content }, { ...(signal && { signal }) });
    const { hashOf } = await leafBlocks(volume, region, content, signal);
    for (const { block, stored, state } of failingLeaves) {
      if (state !== "differs") continue;
      const theirs = (await source.reader.read(block, signal))?.slice();
      const isProved = theirs !== undefined && equalBytes(hashOf(theirs), stored);
      candidates.push({
        block,
        slot: volume.dataRegion?.slot ?? region.slot,
        here: "is not what the integrity tree has a hash of",
        image: isProved ? theirs : undefined,
        there: isProved ? "is" : theirs ? "is not either" : "cannot be read",
      });
    }
  }
  return candidates;
}

/** Transactions that write the blocks, each as many as the log holds; every one leaves a whole volume. */
async function stepsOf(volume: Volume, taken: readonly Candidate[], { now, sealKey, clearSeal, signal }: PlanOptions): Promise<PlanStep[]> {
  const steps: PlanStep[] = [];
  const waiting = [...taken];
  while (waiting.length > 0) {
    signal?.throwIfAborted();
    const edit = await VolumeEdit.begin(steps.length > 0 ? await afterSteps(volume, steps) : volume, { repairing: true });
    do {
      const next = waiting.shift();
      if (next?.image && next.block < 4n) edit.groupImages.set(Number(next.block), next.image);
      else if (next?.image) await edit.put(next.block, next.image, `Here it ${next.here}; there it ${next.there}`);
    } while (waiting.length > 0 && edit.room > 0);
    steps.push({ title: "Copy good blocks", changes: await edit.finish({ now, sealKey, clearSeal }) });
  }
  return steps;
}
