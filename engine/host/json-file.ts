import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** What a JSON file holds; undefined where there is none. One that is broken is set aside as `….broken`, and `report` is told. */
export async function readJsonFile<T>(
  path: string,
  read: (value: unknown) => T,
  report: (problem: string) => void,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") report(`${path} cannot be read: ${(error as Error).message}`);
    return undefined;
  }
  try {
    return read(JSON.parse(text));
  } catch (error) {
    report(`${path} is broken and was set aside: ${(error as Error).message}`);
    await rename(path, `${path}.broken`);
    return undefined;
  }
}

/** Replaces a JSON file whole or not at all: written beside it, synced, renamed. */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(value, null, 2));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
