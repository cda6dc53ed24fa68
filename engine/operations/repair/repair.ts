import { EngineError, explain, isEngineError } from "../../errors/engine-error.ts";
import type { Finding, RepairRisk } from "../../findings/finding.ts";
import { examineVolume } from "../../forensics/check.ts";
import type { CheckContext } from "../../forensics/rules/context.ts";
import type { Volume } from "../../volume/volume.ts";
import { VolumeEdit } from "../../volume/volume-edit.ts";
import { type ClearedEnd, clearEnd } from "../moving/clear-end.ts";
import { afterSteps, defineOperation, type PlanDraft, type PlanOptions, type PlanStep } from "../operation.ts";
import { whollyRead } from "../wholly-read.ts";
import { findFoundation, needsFoundation } from "./foundation.ts";
import { repairs } from "./index.ts";
import type { ClearedRange, Repair, SealedBlock } from "./mending.ts";
import { countFindings, type FindingCounts, newFindings } from "./new-findings.ts";

export interface RepairInputs {
  /** The most that may be risked; "safe" unless told. */
  risk?: RepairRisk | undefined;
  /** Ids of the rules whose findings are repaired; all unless told. */
  rules?: readonly string[] | undefined;
}

const risks: readonly RepairRisk[] = ["safe", "advisory", "dangerous"];
/** A pass mends all it can; what it uncovers is mended by the next. More passes than this are no progress. */
const mostPasses = 64;

/**
 * Mends every finding that has one right answer, up to the given risk. The result is planned, checked and planned on until nothing is left
 * that can be mended; a repair whose result would have a new finding is left out. VOLUME_NEEDS_RECOVERY, VOLUME_READ_ONLY, SEAL_KEY_NEEDED,
 * LOG_TOO_SMALL, and DEVICE_READ_FAILED where anything that had to be looked at could not be read. Operations reference 15, convention W28.
 */
export const repair = defineOperation("repair", (volume: Volume, inputs: RepairInputs, options) =>
  whollyRead(volume, options, (watched) => planRepair(watched, inputs, options)),
);

/** Plans repairs on a volume as `done` leaves it; what `repair` throws. The draft holds those steps too, and what they say. */
export async function planRepair(
  base: Volume,
  { risk = "safe", rules = [] }: RepairInputs,
  options: PlanOptions,
  done: Pick<PlanDraft, "steps" | "sentences" | "warnings"> = { steps: [], sentences: [], warnings: [] },
): Promise<PlanDraft> {
  if (needsFoundation(base)) return planOnFoundation(base, { risk, rules }, options, done);
  const volume = done.steps.length > 0 ? await afterSteps(base, done.steps) : base;
  const lost = blocksLost(volume);
  assertRepairable(volume, lost, risk);
  await VolumeEdit.begin(volume, { repairing: true });
  const said: string[] = [...done.sentences];
  const warned = new Set<string>(done.warnings);
  const losses: string[] = [];
  const steps: PlanStep[] = [...done.steps];
  const tried = new Set<string>();
  let byteLength: bigint | undefined;
  let wasCleared = false;
  let now = volume;
  let { findings, context }: Omit<Examined, "now"> = await examineVolume(volume, { signal: options.signal });
  const before = countFindings(findings);
  for (let pass = 0; pass < mostPasses && context; pass++) {
    const chosen = findings.filter((finding) => isChosen(finding, risk, rules) && !tried.has(keyOf(finding)));
    if (chosen.length === 0) break;
    for (const finding of chosen) tried.add(keyOf(finding));
    const made = await makeSoundPass({ base, done: steps, byteLength, now, context, chosen, before, options });
    for (const warning of made?.warned ?? []) warned.add(warning);
    if (!made || (made.steps.length === 0 && !made.clearing)) break;
    const left = new Set(made.after.findings.map(keyOf));
    if (!made.clearing && chosen.every((finding) => left.has(keyOf(finding)))) break; // it would be written again and again, and mend nothing
    for (const finding of made.postponed) tried.delete(keyOf(finding));
    steps.push(...made.steps);
    said.push(...made.said);
    losses.push(...made.losses);
    byteLength = made.byteLength;
    ({ now, findings, context } = made.after);
    if (!made.clearing || wasCleared) continue;
    wasCleared = true;
    const cleared = await clearWay(now, context, made.clearing, options);
    if (typeof cleared === "string") {
      warned.add(`Regions cannot be moved to the end of the data region: ${cleared}.`);
      for (const finding of made.postponed) tried.add(keyOf(finding));
      continue;
    }
    steps.push(...cleared.steps);
    said.push(...cleared.sentences);
    for (const warning of cleared.warnings) warned.add(warning);
    now = await afterSteps(base, steps, byteLength);
    ({ findings, context } = await examineVolume(now, { signal: options.signal }));
  }
  if (steps.length > 0)
    for (const block of lost) losses.push(`what block ${block} held: both its copies fail, and what stands in it is sealed as it is`);
  const sealed = steps.reduce((sum, { changes }) => sum + changes.images.length, 0);
  const left = findings.filter(({ severity, rule }) => severity !== "info" && (rules.length === 0 || rules.includes(rule)));
  if (left.length > 0) {
    const named = [...new Set(left.map(({ rule }) => rule))];
    const more = named.length > 5 ? ` and ${named.length - 5} more` : "";
    warned.add(
      `${left.length === 1 ? "1 finding stays as it is" : `${left.length} findings stay as they are`}: ${named.slice(0, 5).join(", ")}${more}.`,
    );
  }
  return {
    describedInputs: { risk, rules: [...rules] },
    sentences: steps.length > 0 ? [...new Set(said)] : ["Nothing is to be repaired at this risk."],
    steps,
    warnings: [...warned],
    worstCase:
      losses.length > 0
        ? `If this goes wrong in every way we know, you lose ${[...new Set(losses)].join("; and ")}. Undo restores ${sealed} blocks.`
        : `If this goes wrong in every way we know, you lose nothing: undo restores ${sealed} blocks.`,
    ...(byteLength !== undefined && { byteLength }),
  };
}

/** Plans repairs on superblock and tables that were found anew. What findFoundation throws; VOLUME_READ_ONLY unless danger is accepted. */
async function planOnFoundation(
  base: Volume,
  { risk, rules }: RepairInputs,
  options: PlanOptions,
  done: Pick<PlanDraft, "steps" | "sentences" | "warnings">,
): Promise<PlanDraft> {
  if (risk !== "dangerous") {
    const what = base.group.superblock.holds ? "no region table holds" : "neither copy of the superblock holds";
    throw new EngineError("VOLUME_READ_ONLY", { reason: `${what}, and piecing one together from what else tells of it is dangerous` });
  }
  const foundation = await findFoundation(base, options.signal);
  const { volume } = foundation;
  const edit = await VolumeEdit.begin(volume, { repairing: true });
  const { now, sealKey, clearSeal } = options;
  const first: PlanStep = { title: "Write what was found", changes: await edit.finish({ now, sealKey, clearSeal }) };
  // What is lost is compared as it is stored: the plan is stale where that has changed.
  for (const image of first.changes.images) image.before = (await base.requireBlock(image.block)).slice();
  const start = { steps: [...done.steps, first], sentences: [...done.sentences, ...foundation.said], warnings: done.warnings };
  const draft = await planRepair(volume, { risk, rules }, options, start);
  const words = [...new Set(foundation.losses)].join("; and ");
  return {
    ...draft,
    foundation: foundation.images,
    worstCase: words === "" ? draft.worstCase : `If this goes wrong in every way we know, you lose ${words}. ${draft.worstCase}`,
  };
}

/** Moves blocks in use out of the way of regions; gives why they cannot be moved. */
async function clearWay(
  volume: Volume,
  context: CheckContext | undefined,
  range: ClearedRange,
  options: PlanOptions,
): Promise<ClearedEnd | string> {
  if (!context?.inodes) return "there is no inode table that says whose blocks are in the way";
  try {
    return await clearEnd(volume, context.inodes, range, options);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return explain(error.code, error.data).what;
  }
}

/** VOLUME_READ_ONLY where neither superblock holds; VOLUME_NEEDS_REPAIR where a repair would seal what is damaged in both copies. */
function assertRepairable({ kind, group }: Volume, [lost]: readonly number[], risk: RepairRisk): void {
  if (kind !== "dwvd") return;
  if (!group.superblock.holds) throw new EngineError("VOLUME_READ_ONLY", { reason: "neither copy of the superblock holds" });
  if (lost !== undefined && risk !== "dangerous")
    throw new EngineError("VOLUME_NEEDS_REPAIR", {
      reason: `block ${lost} fails in both copies, and every change would seal it as it is; that is dangerous`,
    });
}

/** Blocks of the superblock group that fail in both copies, the superblock and the pointer table aside. */
const blocksLost = ({ group }: Volume): number[] =>
  [group.extendedMetadata, group.integrityAnchor].filter(({ holds }) => !holds).map(({ block }) => block);

const isChosen = ({ rule, repair: named }: Finding, risk: RepairRisk, rules: readonly string[]): boolean =>
  named !== undefined && risks.indexOf(named.risk) <= risks.indexOf(risk) && (rules.length === 0 || rules.includes(rule));

/** What tells two findings of one volume apart. */
const keyOf = ({ rule, slot, block, byteOffset, title }: Finding): string =>
  `${rule} ${slot ?? ""} ${block ?? ""} ${byteOffset ?? ""} ${title}`;

interface Pass {
  base: Volume;
  done: readonly PlanStep[];
  /** The length of the file as the steps before leave it, where they set one. */
  byteLength: bigint | undefined;
  now: Volume;
  context: CheckContext;
  chosen: readonly Finding[];
  before: FindingCounts;
  options: PlanOptions;
}
interface Made {
  steps: PlanStep[];
  said: string[];
  warned: string[];
  losses: string[];
  postponed: Finding[];
  byteLength: bigint | undefined;
  /** The end of the data region that must be free before the rest can be mended. */
  clearing: ClearedRange | undefined;
  after: Examined;
}
interface Examined {
  now: Volume;
  findings: Finding[];
  context: CheckContext | undefined;
}

/** A pass whose result has no finding that was not there before: repairs that bring one are left out. */
async function makeSoundPass(pass: Pass): Promise<Made | undefined> {
  const leftOut: Repair[] = [];
  const warned: string[] = [];
  for (;;) {
    const made = await makePass(pass, leftOut);
    if (!made) return warned.length > 0 ? { ...(await nothing(pass)), warned } : undefined;
    const fresh = newFindings(made.steps, made.after.findings, pass.before);
    if (fresh.length === 0) return { ...made, warned: [...warned, ...made.warned] };
    const guilty = await findGuilty(pass, leftOut, made);
    if (!guilty) return { ...(await nothing(pass)), warned: [...warned, ...made.warned, leftOutWords(undefined, fresh)] };
    leftOut.push(guilty);
    warned.push(leftOutWords(guilty, fresh));
  }
}

const leftOutWords = (guilty: Repair | undefined, fresh: readonly Finding[]): string =>
  `${guilty ? `The repair ${guilty.ids.join(", ")}` : "What else could be repaired"} is left out: ${fresh[0]?.title} would be new.`;

const nothing = async ({ now, context, byteLength }: Pass): Promise<Omit<Made, "warned">> => ({
  steps: [],
  said: [],
  losses: [],
  postponed: [],
  byteLength,
  clearing: undefined,
  after: { now, findings: [], context },
});

/** The repair without which a pass has fewer new findings. */
async function findGuilty(pass: Pass, leftOut: readonly Repair[], made: Made): Promise<Repair | undefined> {
  const most = newFindings(made.steps, made.after.findings, pass.before).length;
  for (const candidate of repairs.toReversed()) {
    if (leftOut.includes(candidate) || !pass.chosen.some((finding) => mends(candidate, finding))) continue;
    const without = await makePass(pass, [...leftOut, candidate]);
    if (!without || newFindings(without.steps, without.after.findings, pass.before).length < most) return candidate;
  }
  return undefined;
}

const mends = ({ ids }: Repair, finding: Finding): boolean => finding.repair !== undefined && ids.includes(finding.repair.id);

/** All chosen repairs in one transaction, and further ones for what has no room in it. */
async function makePass(
  { base, done, byteLength, now: volume, context, chosen, options }: Pass,
  leftOut: readonly Repair[],
): Promise<Made | undefined> {
  const { now, sealKey, clearSeal, signal } = options;
  const finishing = { now, sealKey, clearSeal };
  const edit = await VolumeEdit.begin(volume, { repairing: true });
  const made: Omit<Made, "after"> = { steps: [], said: [], warned: [], losses: [], postponed: [], byteLength, clearing: undefined };
  const waiting: SealedBlock[] = [];
  let isChanged = false;
  for (const each of repairs) {
    signal?.throwIfAborted();
    const findings = chosen.filter((finding) => mends(each, finding));
    if (findings.length === 0 || leftOut.includes(each)) continue;
    const mended = await each.mend({
      volume,
      edit,
      context,
      findings,
      now,
      say: (sentence) => made.said.push(sentence),
      warn: (sentence) => made.warned.push(sentence),
      mayLose: (sentence) => made.losses.push(sentence),
      postpone: (finding) => made.postponed.push(finding),
      setFileLength: (length) => {
        made.byteLength = length;
      },
      clearEnd: (range) => {
        made.clearing = range;
      },
      writeSoon: async (write) => {
        // Bitmap blocks that repairs behind this one look at need room too.
        if (edit.room > roomForBitmap) await put(edit, write);
        else waiting.push(write);
      },
    });
    isChanged ||= mended;
  }
  if (!isChanged && made.clearing) return { ...made, after: { now: volume, ...(await examineVolume(volume, { signal })) } };
  if (!isChanged) return made.warned.length > 0 ? { ...made, after: { now: volume, findings: [], context } } : undefined;
  made.steps.push({ title: "Repair", changes: await edit.finish(finishing) });
  while (waiting.length > 0) {
    signal?.throwIfAborted();
    const next = await VolumeEdit.begin(await afterSteps(base, [...done, ...made.steps], made.byteLength), { repairing: true });
    const title = waiting[0]?.reason ?? "Repair";
    do {
      const write = waiting.shift();
      if (write) await put(next, write);
    } while (waiting.length > 0 && next.room > 0);
    made.steps.push({ title, changes: await next.finish(finishing) });
  }
  const after = await afterSteps(base, [...done, ...made.steps], made.byteLength);
  return { ...made, after: { now: after, ...(await examineVolume(after, { signal })) } };
}
const roomForBitmap = 8;

const put = (edit: VolumeEdit, { block, image, reason }: SealedBlock): Promise<void> => edit.put(block, image, reason);
