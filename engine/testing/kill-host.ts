import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BlockDevice } from "../device/block-device.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { applyToPath, recoverPath } from "../host/changes.ts";
import { openFileDevice } from "../host/engine.ts";
import { applyPlan } from "../operations/operation.ts";
import { setLabel } from "../operations/set-label.ts";
import { openVolume } from "../volume/open.ts";
import { wholeStates } from "./every-crash.ts";
import type { HostOrder, HostReport } from "./killed-host.ts";
import { type KilledJob, type KilledJobName, killedJobs } from "./killed-jobs.ts";
import { now } from "./small-volume.ts";

/** What a killed host left, and what recovery made of it. */
export interface Killed {
  /** The border of the change that it had told last. */
  behind: string;
  /** Which whole state it was brought to: 0 is the volume as it was. */
  state: number;
  /** What recovery found. */
  found: string;
  leftLock: boolean;
  leftTemporary: boolean;
}

interface Folders {
  images: string;
  data: string;
}

const program = fileURLToPath(new URL("killed-host.ts", import.meta.url));

/** A job's whole states, the borders of an undisturbed run and how long each lasts. Throws where the undisturbed run does not end in the last state. */
export class KillSeries {
  readonly #job: KilledJobName;
  readonly #folders: Folders;
  readonly #before: Uint8Array;
  readonly #allowed: Awaited<ReturnType<typeof wholeStates>>;
  readonly #findings: ReadonlySet<string>;
  /** The borders of an undisturbed run, and the shortest that any run took from each to the next. */
  readonly #borders = new Map<string, number>();

  private constructor(
    job: KilledJobName,
    folders: Folders,
    before: Uint8Array,
    allowed: Awaited<ReturnType<typeof wholeStates>>,
    findings: ReadonlySet<string>,
  ) {
    this.#job = job;
    this.#folders = folders;
    this.#before = before;
    this.#allowed = allowed;
    this.#findings = findings;
  }

  get #work(): KilledJob {
    return killedJobs[this.#job];
  }

  static async of(job: KilledJobName, folders: Folders): Promise<KillSeries> {
    const { before, plan }: KilledJob = killedJobs[job];
    const start = await before();
    const { steps, byteLength, ...rest } = await plan(await openVolume(start));
    const states: BlockDevice[] = [start];
    for (let count = 1; count <= steps.length; count++) {
      const device = new MemoryDevice(start.bytes.slice());
      // A file becomes longer before the first step and shorter behind the last.
      await applyPlan(device, { ...rest, steps: steps.slice(0, count), byteLength });
      states.push(device);
    }
    const series = new KillSeries(job, folders, start.bytes.slice(), await wholeStates(states), await graveFindings(start));
    await series.#measure();
    return series;
  }

  /** Runs the job to its end once, and notes when each border was reached. */
  async #measure(): Promise<void> {
    const { reports, state } = await this.#run("measured");
    if (state !== this.#allowed.count - 1) throw new TypeError(`an undisturbed ${this.#job} ends in state ${state}`);
    this.#note(reports);
  }

  #note(reports: readonly HostReport[]): void {
    for (const [index, { border, at }] of reports.entries()) {
      const next = reports[index + 1];
      if (next) this.#borders.set(border, Math.min(next.at - at, this.#borders.get(border) ?? Number.POSITIVE_INFINITY));
    }
  }

  /**
   * Kills a host in the middle of the job: behind a border that `random` (0 to 1) draws, after a part of what then follows. One that ends before it is
   * killed does not count. Throws where what a host leaves is not a whole state without new findings.
   */
  async kill(name: string, random: () => number): Promise<Killed> {
    for (;;) {
      const [border, ms] = [...this.#borders][Math.floor(random() * this.#borders.size)] ?? ["", 0];
      const { reports, isKilled, ...left } = await this.#run(name, { border, afterMs: random() * ms });
      this.#note(reports);
      if (isKilled) return { ...left, behind: reports.at(-1)?.border ?? "" };
    }
  }

  async #run(name: string, kill?: HostOrder["kill"]) {
    const image = join(this.#folders.images, `${this.#job}-${name}.dwvd`);
    const undoFolder = join(this.#folders.images, `${this.#job}-${name}-undo`);
    await writeFile(image, this.#before);
    const order: HostOrder = { job: this.#job, image, undoFolder, kill };
    const { pid, reports, isKilled } = await runHost(order, this.#folders);
    const words = `${this.#job} killed behind ${reports.at(-1)?.border}`;
    const leftLock = (await lockedBy(this.#folders.data)).includes(pid);
    const leftTemporary = (await readdir(undoFolder).catch(() => [])).some((file) => file.endsWith(".tmp"));
    const { found } = await recoverPath(image, {});
    const device = new MemoryDevice(await readFile(image));
    const state = await this.#stateOf(device, words);
    await this.#assertSound(device, words, this.#work);
    const last = this.#allowed.count - 1;
    if (state === 0) {
      await changeTo(image, undoFolder, this.#work.plan);
      const again = new MemoryDevice(await readFile(image));
      if ((await this.#stateOf(again, words)) !== last) throw new TypeError(`${words}: done again it does not end in the last state`);
      await this.#assertSound(again, words);
    } else await changeTo(image, undoFolder, (volume) => setLabel.plan(volume, { label: "again" }, { now: now + 2n }));
    return { reports, isKilled, state, found, leftLock, leftTemporary };
  }

  async #stateOf(device: BlockDevice, words: string): Promise<number> {
    const state = await this.#allowed.held(device);
    if (state === undefined) throw new TypeError(`${words}: ${await this.#allowed.explain(device)}`);
    return state;
  }

  /** No finding above information that was not there before, besides what the job may leave. */
  async #assertSound(device: BlockDevice, words: string, { leaves = [] }: Pick<KilledJob, "leaves"> = {}): Promise<void> {
    const more = [...(await graveFindings(device))].filter(
      (finding) => !this.#findings.has(finding) && !leaves.some((rule) => finding.startsWith(`${rule}:`)),
    );
    if (more.length > 0) throw new TypeError(`${words}: ${more.join("; ")}`);
  }
}

/** Runs a host to its end; gives the borders that it told, and whether it was killed. */
async function runHost(order: HostOrder, { images, data }: Folders) {
  const host = fork(program, [JSON.stringify(order)], {
    execArgv: [],
    env: { ...process.env, BLOCKSCOPE_DATA_DIR: data, NODE_COMPILE_CACHE: join(images, "compiled") },
  });
  const reports: HostReport[] = [];
  host.on("message", (report: HostReport) => void reports.push(report));
  const [code, signal] = (await once(host, "close")) as [number | null, string | null];
  if (code !== 0 && signal !== "SIGKILL") throw new TypeError(`the host ended with ${code ?? signal}`);
  return { pid: host.pid ?? 0, reports, isKilled: signal !== null };
}

/** Applies another change, with the folders that the killed host used. */
async function changeTo(image: string, undoFolder: string, plan: KilledJob["plan"]): Promise<void> {
  const device = await openFileDevice(image);
  const planned = await plan(await openVolume(device));
  await device.close();
  await applyToPath(image, planned, { undoFolder });
}

async function graveFindings(device: BlockDevice): Promise<ReadonlySet<string>> {
  const findings = await checkVolume(await openVolume(device));
  return new Set(findings.filter(({ severity }) => severity !== "info").map(({ rule, title }) => `${rule}: ${title}`));
}

/** The processes that the lock files of a data folder name. */
async function lockedBy(data: string): Promise<number[]> {
  const folder = join(data, "locks");
  const owners: number[] = [];
  for (const file of await readdir(folder).catch(() => [])) {
    const text = await readFile(join(folder, file), "utf8").catch(() => "");
    const owner = /"pid":(\d+)/.exec(text)?.[1];
    if (owner !== undefined) owners.push(Number(owner));
  }
  return owners;
}
