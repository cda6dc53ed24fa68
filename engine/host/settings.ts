import { join } from "node:path";
import * as z from "zod/mini";
import { type Settings, settingsChange } from "../contract/index.ts";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const defaults: Settings = { theme: "system", density: "comfortable", layouts: {}, singleKeys: true, hexColumns: 16, verbosity: "fields" };
const recentSchema = z.array(z.object({ id: z.string(), path: z.string(), lastOpenedMs: z.number() }));
export type RecentSource = z.infer<typeof recentSchema>[number];
const mostRecent = 20;

/** Settings and recent sources, kept in the data folder. A broken file is set aside and reported. */
export class SettingsStore {
  readonly #folder: string;
  readonly #report: (problem: string) => void;
  #settings: Promise<Settings> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(folder: string, report: (problem: string) => void) {
    this.#folder = folder;
    this.#report = report;
  }

  read(): Promise<Settings> {
    this.#settings ??= readJsonFile(join(this.#folder, "settings.json"), (value) => z.parse(settingsChange, value), this.#report).then(
      (kept) => merge(defaults, kept ?? {}),
    );
    return this.#settings;
  }

  change(change: z.infer<typeof settingsChange>): Promise<Settings> {
    return this.#inTurn(async () => {
      const next = merge(await this.read(), change);
      await writeJsonFile(join(this.#folder, "settings.json"), next);
      this.#settings = Promise.resolve(next);
      return next;
    });
  }

  async recent(): Promise<RecentSource[]> {
    return (await readJsonFile(join(this.#folder, "recent.json"), (value) => z.parse(recentSchema, value), this.#report)) ?? [];
  }

  addRecent(source: RecentSource): Promise<void> {
    return this.#inTurn(async () => {
      const others = (await this.recent()).filter((each) => each.path !== source.path);
      await writeJsonFile(join(this.#folder, "recent.json"), [source, ...others].slice(0, mostRecent));
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#writing.then(work);
    this.#writing = turn.catch(() => {}); // The caller of this turn hears of it; the next one still has its turn.
    return turn;
  }
}

function merge(settings: Settings, change: z.infer<typeof settingsChange>): Settings {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...settings, ...given };
}
