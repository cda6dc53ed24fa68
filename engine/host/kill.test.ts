import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Killed, KillSeries } from "../testing/kill-host.ts";
import { type KilledJobName, killedJobs } from "../testing/killed-jobs.ts";

const kills = 200;
const seed = 20_261_125;
/** So many hosts start and run at a time. */
const lanes = 3;

let folder = "";
let data: string | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "blockscope-kill-"));
  data = process.env.BLOCKSCOPE_DATA_DIR;
  process.env.BLOCKSCOPE_DATA_DIR = folder;
});
afterAll(async () => {
  if (data === undefined) delete process.env.BLOCKSCOPE_DATA_DIR;
  else process.env.BLOCKSCOPE_DATA_DIR = data;
  await rm(folder, { recursive: true, force: true });
});

/** Numbers from 0 to 1 from a seed, the same each time. */
function numbersFrom(start: number): () => number {
  let state = start | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

describe(`a host process that is killed in the middle of a change, ${kills} times from seed ${seed}`, () => {
  it("leaves a volume that recovers to a whole state and takes the next change", async () => {
    const random = numbersFrom(seed);
    const names = Object.keys(killedJobs) as KilledJobName[];
    const killed: (Killed & { name: KilledJobName })[] = [];
    for (const name of names) {
      const series = await KillSeries.of(name, { images: folder, data: folder });
      let left = kills / names.length;
      const lane = async () => {
        while (left > 0) {
          left--;
          killed.push({ name, ...(await series.kill(`${left}`, random)) });
        }
      };
      const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    }
    const count = (test: (each: Killed) => boolean) => killed.filter(test).length;
    const phases = (name: KilledJobName) =>
      [...new Set(killed.filter((each) => each.name === name).map(({ behind }) => behind))]
        .sort()
        .map((border) => `${border} ${killed.filter((each) => each.name === name && each.behind === border).length}`);
    console.log(names.map((name) => `${name}, killed behind: ${phases(name).join(", ")}`).join("\n"));
    expect(killed.length).toBe(kills);
    // Kills before and behind the commit, in the log and out of it: else this would show nothing.
    for (const name of names) {
      const states = killed.filter((each) => each.name === name).map(({ state }) => state);
      expect([states.includes(0), states.some((state) => state > 0)], name).toEqual([true, true]);
    }
    expect(count(({ found }) => found === "pending-committed")).toBeGreaterThan(10);
    expect(count(({ leftLock }) => leftLock)).toBeGreaterThan(kills / 2);
    expect(count(({ leftTemporary }) => leftTemporary)).toBeGreaterThan(0);
  }, 300_000);
});
