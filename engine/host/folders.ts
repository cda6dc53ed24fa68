import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Folder } from "../contract/index.ts";
import { EngineError } from "./engine.ts";

const mostEntries = 1000;

/** The real path of `path` below `root`. PATH_OUTSIDE_ROOT where it, its links resolved, lies elsewhere; DEVICE_NOT_FOUND. */
export async function resolveBelow(root: string, path: string): Promise<string> {
  const realRoot = await realpath(root);
  const wanted = resolve(realRoot, path);
  if (!isBelow(realRoot, wanted) || path.includes("\0")) throw new EngineError("PATH_OUTSIDE_ROOT", { path });
  let real: string;
  try {
    real = await realpath(wanted);
  } catch (cause) {
    throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
  }
  if (!isBelow(realRoot, real)) throw new EngineError("PATH_OUTSIDE_ROOT", { path });
  return real;
}

/** The path that a new file of a name would have in a folder below `root`. PATH_OUTSIDE_ROOT for a name that leads elsewhere; DEVICE_NOT_FOUND. */
export async function newFileBelow(root: string, folder: string, name: string): Promise<string> {
  const real = await resolveBelow(root, folder);
  if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name))
    throw new EngineError("PATH_OUTSIDE_ROOT", { path: join(folder, name) });
  return join(real, name);
}

const isBelow = (root: string, path: string): boolean => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** A folder below the root: folders first, at most 1000 entries; links that lead outside are left out. */
export async function listFolder(root: string, path: string): Promise<Folder> {
  const real = await resolveBelow(root, path);
  const realRoot = await realpath(root);
  let names: string[];
  try {
    names = (await readdir(real)).filter((name) => !name.startsWith(".")).sort();
  } catch (cause) {
    throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
  }
  const entries: Folder["entries"] = [];
  for (const name of names.slice(0, mostEntries)) {
    const target = await resolveBelow(root, join(real, name)).catch(() => undefined);
    const found = target === undefined ? undefined : await stat(target).catch(() => undefined);
    const kind = found?.isDirectory() ? "folder" : found?.isFile() ? "file" : found?.isBlockDevice() ? "device" : undefined;
    if (!found || !kind) continue;
    entries.push({
      name,
      path: relative(realRoot, join(real, name)),
      kind,
      byteLength: kind === "file" ? BigInt(found.size) : undefined,
      looksLikeVolume: kind === "device" || /\.(dwvd|img|raw|bin)$/i.test(name),
    });
  }
  entries.sort((a, b) => Number(b.kind === "folder") - Number(a.kind === "folder"));
  const here = relative(realRoot, real);
  const above = here === "" ? undefined : dirname(here);
  return { path: here, parent: above === "." ? "" : above, entries, more: Math.max(0, names.length - mostEntries) };
}
