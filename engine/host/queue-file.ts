import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const mostEntries = 200;
const schemaName = "blockscope.queue/1";

const entry = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(64)),
  operation: z.string().check(z.minLength(1), z.maxLength(64)),
  /** What the operation takes, with paths of this system. */
  inputs: z.record(z.string(), z.unknown()),
  /** Ticks that it is planned for: fixed when it was added, so that its preview stays the same. */
  now: z.string().check(z.regex(/^\d{1,19}$/)),
  clearSeal: z.boolean(),
});
/** The first change while it is being made: what the volume's sequence is before it, and how many transactions it has. */
const making = z.object({
  id: z.string(),
  sequence: z.string().check(z.regex(/^\d{1,19}$/)),
  steps: z.int().check(z.gte(1)),
});
const document = z.object({
  schema: z.literal(schemaName),
  volumeId: z.string(),
  image: z.string(),
  entries: z.array(entry).check(z.maxLength(mostEntries)),
  making: z.optional(making),
});

/** An operation of a queue as it is kept: what planning it needs, and no plan. */
export type QueueEntry = z.output<typeof entry>;
export type Making = z.output<typeof making>;

export interface KeptQueue {
  entries: readonly QueueEntry[];
  /** There while a change is being made, and after a host that was stopped in it. */
  making?: Making | undefined;
}

/** The queue of one volume at one path, as a file of the data folder. */
export class QueueFile {
  readonly #volumeId: string;
  readonly #image: string;
  readonly #path: string;

  constructor(folder: string, image: string, volumeId: string) {
    this.#volumeId = volumeId;
    this.#image = image;
    const key = createHash("sha256").update(`${volumeId}\n${image}`).digest("hex").slice(0, 32);
    this.#path = join(folder, "queues", `${key}.json`);
  }

  /** The kept entries; none where there is no file. A file that is damaged or of another version is set aside, and `report` is told. */
  async read(report: (problem: string) => void): Promise<KeptQueue> {
    return (await readJsonFile(this.#path, (value) => this.#check(z.parse(document, value)), report)) ?? { entries: [] };
  }

  #check(read: z.output<typeof document>): z.output<typeof document> {
    if (read.volumeId !== this.#volumeId || read.image !== this.#image) throw new Error("it is the queue of another volume");
    if (new Set(read.entries.map(({ id }) => id)).size !== read.entries.length) throw new Error("an entry is there twice");
    return read;
  }

  /** Keeps the queue whole or not at all; an empty one needs no file. */
  async write({ entries, making }: KeptQueue): Promise<void> {
    if (entries.length === 0) await rm(this.#path, { force: true });
    else
      await writeJsonFile(this.#path, {
        schema: schemaName,
        volumeId: this.#volumeId,
        image: this.#image,
        entries,
        ...(making && { making }),
      });
  }
}

/** Whether another entry fits. */
export const hasRoom = (entries: readonly QueueEntry[]): boolean => entries.length < mostEntries;
