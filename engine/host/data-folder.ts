import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where settings and caches live: BLOCKSCOPE_DATA_DIR, else the system's data folder. */
export function dataFolder(): string {
  const own = process.env.BLOCKSCOPE_DATA_DIR;
  if (own) return own;
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "Blockscope");
  if (process.platform === "win32") return join(process.env.APPDATA ?? join(homedir(), "AppData", "Roaming"), "Blockscope");
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "blockscope");
}

/** One JSON document in the data folder, replaced as a whole. A broken one is set aside, never fatal. */
export class StoredDocument<Value> {
  readonly #path: string;
  readonly #folder: string;
  readonly #read: (found: unknown) => Value;

  /** `read` makes a value of whatever was found, undefined where nothing was. */
  constructor(name: string, read: (found: unknown) => Value, folder: string = dataFolder()) {
    this.#folder = folder;
    this.#path = join(folder, `${name}.json`);
    this.#read = read;
  }

  load(): Value {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch {
      return this.#read(undefined);
    }
    try {
      return this.#read(JSON.parse(text));
    } catch {
      renameSync(this.#path, `${this.#path}.broken`);
      console.error(`${this.#path} could not be understood; it was set aside as ${this.#path}.broken`);
      return this.#read(undefined);
    }
  }

  save(value: Value): void {
    mkdirSync(this.#folder, { recursive: true });
    const draft = `${this.#path}.${process.pid}.new`;
    writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`);
    renameSync(draft, this.#path);
  }
}
