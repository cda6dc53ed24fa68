import { describe, expect, it } from "vitest";
import { RebuildHistory, rebuildPace, stalledSeconds } from "./rebuild-pace.ts";

const start = 639_087_732_000_000_000n;
const second = 10_000_000n;
const rebuild = (completed: bigint, afterSeconds: bigint) => ({
  totalBlocks: 1_200_000n,
  completedBlocks: completed,
  startTimeUtcTicks: start,
  lastUpdateUtcTicks: start + afterSeconds * second,
});
const sample = (completed: bigint, afterSeconds: bigint, seenMs: number) => ({
  seenMs,
  completedBlocks: completed,
  lastUpdateTicks: start + afterSeconds * second,
});

describe("the pace of a rebuild", () => {
  it("is the average while no change was seen, with a range around it", () => {
    const pace = rebuildPace(rebuild(400_000n, 400n), [sample(400_000n, 400n, 0)]);
    expect(pace).toMatchObject({ average: 1000, now: undefined, leftFrom: "average" });
    expect(pace.left?.least).toBeCloseTo(640);
    expect(pace.left?.most).toBeCloseTo(1066.7, 0);
  });
  it("lies between the slowest and the fastest of what was seen", () => {
    const samples = [sample(400_000n, 400n, 0), sample(404_000n, 402n, 2000), sample(405_000n, 404n, 4000)];
    const pace = rebuildPace(rebuild(405_000n, 404n), samples);
    expect(pace).toMatchObject({ now: 500, leftFrom: "changes" });
    expect(pace.left?.least).toBeCloseTo(795_000 / 2000);
    expect(pace.left?.most).toBeCloseTo(795_000 / 500);
  });
  it("goes by the clock where the stored time stands still", () => {
    const samples = [sample(0n, 0n, 10_000), sample(3000n, 0n, 13_000)];
    expect(rebuildPace(rebuild(3000n, 0n), samples)).toMatchObject({ average: undefined, now: 1000 });
  });
  it("is not known before anything was done", () => {
    expect(rebuildPace(rebuild(0n, 0n), [])).toEqual({ average: undefined, now: undefined });
    expect(rebuildPace({ ...rebuild(5n, 5n), startTimeUtcTicks: 0n }, [])).toEqual({ average: undefined, now: undefined });
  });
  it("forgets changes that are a minute old", () => {
    const samples = [sample(0n, 0n, 0), sample(50_000n, 5n, 5000), sample(51_000n, 100n, 100_000)];
    expect(rebuildPace(rebuild(51_000n, 100n), samples).now).toBeUndefined();
  });
});

describe("the changes that were seen", () => {
  it("are kept once each, and begin anew where a rebuild goes back", () => {
    const history = new RebuildHistory();
    expect(history.note("a", sample(1n, 1n, 1))).toHaveLength(1);
    expect(history.note("a", sample(1n, 1n, 2))).toHaveLength(1);
    expect(history.note("a", sample(2n, 2n, 3))).toHaveLength(2);
    expect(history.note("b", sample(2n, 2n, 3))).toHaveLength(1);
    expect(history.note("a", sample(0n, 3n, 4))).toHaveLength(1);
    for (let at = 0; at < 500; at++) history.note("c", sample(BigInt(at), BigInt(at), at));
    expect(history.note("c", sample(500n, 500n, 500)).length).toBeLessThanOrEqual(120);
  });
});

describe("a stall", () => {
  it("is told from half a minute behind the newest time", () => {
    expect(stalledSeconds(start, start + 29n * second)).toBeUndefined();
    expect(stalledSeconds(start, start + 40n * second)).toBe(40);
    expect(stalledSeconds(0n, start)).toBeUndefined();
  });
});
