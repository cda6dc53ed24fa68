import * as z from "zod/mini";
import type { Bookmark, ByteRange } from "../contract/index.ts";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const mostBookmarks = 1000;
const byteNumber = z.string().check(z.regex(/^\d{1,19}$/));
const kept = z.array(z.object({ name: z.string(), start: byteNumber, end: byteNumber })).check(z.maxLength(mostBookmarks));

/** The bookmarks of one source: kept in a file of the data folder, or for as long as it is open where it has no path. Nothing is written to the source. */
export class Bookmarks {
  readonly #file: string | undefined;
  readonly #report: (problem: string) => void;
  #list: Promise<readonly Bookmark[]> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(file?: string, report: (problem: string) => void = () => {}) {
    this.#file = file;
    this.#report = report;
  }

  list(): Promise<readonly Bookmark[]> {
    this.#list ??=
      this.#file === undefined ? Promise.resolve([]) : readJsonFile(this.#file, readKept, this.#report).then((found) => found ?? []);
    return this.#list;
  }

  /** Bookmarks a range, or names its bookmark anew. The oldest makes room for one too many. */
  add(bookmark: Bookmark): Promise<void> {
    return this.#change((list) => [...list.filter((each) => !isSame(each.range, bookmark.range)), bookmark].slice(-mostBookmarks));
  }

  /** Takes the bookmark of a range away, if there is one. */
  remove(range: ByteRange): Promise<void> {
    return this.#change((list) => list.filter((each) => !isSame(each.range, range)));
  }

  #change(next: (list: readonly Bookmark[]) => readonly Bookmark[]): Promise<void> {
    const turn = this.#writing.then(async () => {
      const list = next(await this.list());
      if (this.#file !== undefined) await writeJsonFile(this.#file, list.map(asJson));
      this.#list = Promise.resolve(list);
    });
    this.#writing = turn.catch(() => {}); // The caller of this turn hears of it; the next one still has its turn.
    return turn;
  }
}

const isSame = (a: ByteRange, b: ByteRange): boolean => a.start === b.start && a.end === b.end;

const readKept = (value: unknown): Bookmark[] =>
  z.parse(kept, value).map(({ name, start, end }) => ({ name, range: { start: BigInt(start), end: BigInt(end) } }));

const asJson = ({ name, range }: Bookmark) => ({ name, start: `${range.start}`, end: `${range.end}` });
