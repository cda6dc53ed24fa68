import { describe, expect, it } from "vitest";
import { OverlayDevice } from "../../device/overlay-device.ts";
import type { RepairRisk } from "../../findings/finding.ts";
import { checkVolume } from "../../forensics/check.ts";
import { goldenDevice } from "../../testing/golden.ts";
import { openVolume } from "../../volume/open.ts";
import type { Volume } from "../../volume/volume.ts";
import { applyPlan } from "../operation.ts";
import { repair } from "./repair.ts";

/** Trailers of blocks 0 to 9 and of the first bitmap block as operations reference 15.1 has them: valid, zero, stale hash. */
type Seal = "ok" | "zero" | "stale";
const seals = (text: string): Seal[] => text.split(" ").map((each) => ({ o: "ok", z: "zero", s: "stale" })[each] as Seal);

/** Every row of the table in operations reference 15.1, with a golden that the SDK damaged so, and the risk at which it is mended whole. */
const signatures: readonly [row: string, golden: string, seals: string, risk: RepairRisk][] = [
  ["fresh", "created-minimal-4k", "o o o o o o o o o o o", "safe"],
  ["region addition, engine only", "added-snapshot-on-minimal", "z z o o z o o o o o s", "advisory"],
  ["region addition, and the orchestrator", "orchestrated-snapshot-option1-on-minimal", "o z o o o o o o o o s", "advisory"],
  ["region addition with a full bitmap", "added-snapshot-full-bitmap-on-minimal", "z z o o z o o o o o o", "dangerous"],
  ["padding claim, engine only", "claimed-sustainability-on-minimal", "s o z o o o o s s o o", "advisory"],
  ["padding claim, and the orchestrator", "orchestrated-sustainability-option2-on-minimal", "o o z o o o o s s o o", "advisory"],
  ["migration swap", "migrated-semanticdedup-on-enterprise", "z z o o z o o o o o o", "dangerous"],
  ["region defrag", "defragmented-custom", "o z o o o o o o o o o", "dangerous"],
];

const sealsOf = async (volume: Volume): Promise<Seal[]> => {
  const bitmap = volume.findRegion("BMAP")?.startBlock ?? 0n;
  const verdicts = [...volume.head.map((found) => found?.trailer), volume.judge(bitmap, await volume.requireBlock(bitmap)).trailer];
  return verdicts.map((trailer) => (trailer?.verified ? "ok" : trailer?.zero ? "zero" : "stale"));
};

describe.each(signatures)("the damage signature %s", (_, golden, expected, risk) => {
  it("stands in the golden, every finding of it names its repair, and the repair leaves none and seals every block", async () => {
    const device = new OverlayDevice(await goldenDevice(golden));
    const before = await openVolume(device);
    expect(await sealsOf(before)).toEqual(seals(expected));
    const findings = (await checkVolume(before)).filter(({ severity }) => severity !== "info");
    // What follows from another finding goes with it: the SDK's migration copies its own checkpoint as inodes.
    expect(findings.filter(({ repair: named, rule }) => !named && !/^inod\.(no-record|number)$|^slot\./.test(rule))).toEqual([]);
    const plan = await repair.plan(before, { risk }, { now: 650_000_000_000_000_000n });
    if (plan.steps.length > 0) await applyPlan(device, plan);
    const after = await openVolume(device);
    expect((await checkVolume(after)).filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(await sealsOf(after)).toEqual(seals("o o o o o o o o o o o"));
    expect((await repair.plan(after, { risk }, { now: 650_000_000_000_000_001n })).steps).toEqual([]);
    if (risk === "dangerous") expect(plan.worstCase).toContain("you lose ");
  });
});
