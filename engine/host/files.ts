import type { ExportRequest, ExportView, FileNote, Folder, ImportSurvey } from "../contract/index.ts";
import type { ClientFiles } from "./client-files.ts";
import { imageArgument, overlayOption, quoted } from "./command-text.ts";
import {
  EngineError,
  type ExportNote,
  exportFiles,
  FileTree,
  isDirectory,
  isFile,
  namesOf,
  pathText,
  readDirectoryEntries,
} from "./engine.ts";
import { folderTarget } from "./export-target.ts";
import { folderSource } from "./import-source.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { Report } from "./task.ts";

const mostEntries = 1000;
const mostNotes = 1000;

/** A folder of the volume, folders first; at most a thousand entries. ENTRY_NOT_FOUND, NOT_A_DIRECTORY. */
export async function listVolumeFolder({ volume }: OpenVolume, path: string): Promise<Folder> {
  const names = namesOf(path);
  const { entries } = await readDirectoryEntries(await FileTree.open(volume), names, {});
  const rows = entries
    .map((entry) => ({
      name: entry.names.at(-1) ?? "/",
      path: entry.names.join("/"),
      kind: isDirectory(entry) ? ("folder" as const) : isFile(entry) ? ("file" as const) : ("link" as const),
      ...(isFile(entry) && { byteLength: entry.inode.size }),
      looksLikeVolume: false,
    }))
    .sort((a, b) => Number(b.kind === "folder") - Number(a.kind === "folder"));
  return {
    path: names.join("/"),
    parent: names.length === 0 ? undefined : names.slice(0, -1).join("/"),
    entries: rows.slice(0, mostEntries),
    more: Math.max(0, rows.length - mostEntries),
  };
}

/** The first path at which an inode is met in the tree. FILE_UNREADABLE where none leads to it. */
export async function pathOfInode({ volume }: OpenVolume, inodeNumber: bigint, signal: AbortSignal): Promise<string> {
  const tree = await FileTree.open(volume, signal);
  if (tree.root)
    for await (const item of tree.walk(tree.root, signal))
      if (item.kind === "entry" && item.entry.inodeNumber === inodeNumber) return pathText(item.entry.names);
  throw new EngineError("FILE_UNREADABLE", { path: `inode ${inodeNumber}`, reason: "no name in the tree leads to it" });
}

/** Finds what importing these paths would take in, and what it would leave out. PATH_OUTSIDE_ROOT, HANDLE_UNKNOWN, DEVICE_NOT_FOUND. */
export async function surveyImport(
  { volume }: OpenVolume,
  paths: readonly string[],
  files: ClientFiles,
  signal: AbortSignal,
): Promise<ImportSurvey> {
  const { source: exclude } = await volume.sourceDevice.identify();
  const { entries, skipped } = await folderSource(await Promise.all(paths.map((path) => files.resolve(path))), { exclude, signal });
  const inside = entries.filter(({ isFolder }) => !isFolder);
  const size = BigInt(volume.blockBytes);
  return {
    files: inside.length,
    folders: entries.length - inside.length,
    bytes: inside.reduce((sum, { byteLength }) => sum + byteLength, 0n),
    mostBlocks: inside.reduce((sum, { byteLength }) => sum + (byteLength + size - 1n) / size, 0n),
    freeBlocks: volume.superblock?.freeBlocks ?? 0n,
    skipped: skipped.slice(0, mostNotes).map(({ path, reason }) => ({ path, text: reason })),
    skippedCount: skipped.length,
  };
}

/**
 * Exports a file or folder of the volume to a folder that the client may name; `isDry` only finds what that would do and writes nothing.
 * ENTRY_NOT_FOUND, TARGET_UNUSABLE, PATH_OUTSIDE_ROOT, HANDLE_UNKNOWN.
 */
export async function exportToFolder(
  { volume, source }: OpenVolume,
  { from, to, name = "" }: ExportRequest,
  files: ClientFiles,
  { isDry, signal, onProgress }: { isDry: boolean; signal: AbortSignal; onProgress: Report },
): Promise<ExportView> {
  const tree = await FileTree.open(volume, signal);
  const names = namesOf(from);
  const entry = names.length === 0 ? tree.root : await tree.resolve(names, signal);
  const folder = await files.resolveTarget(to, name);
  const exported = entry
    ? await exportFiles(tree, entry, await folderTarget(folder, { isDry }), { isDry, signal, onProgress })
    : { files: 0, folders: 0, bytes: 0n, renamed: [], skipped: [], problems: [] };
  const notes = (all: readonly ExportNote[]): FileNote[] => all.slice(0, mostNotes);
  return {
    to: folder,
    files: exported.files,
    folders: exported.folders,
    bytes: exported.bytes,
    renamed: notes(exported.renamed),
    skipped: notes(exported.skipped),
    problems: notes(exported.problems),
    counts: { renamed: exported.renamed.length, skipped: exported.skipped.length, problems: exported.problems.length },
    command: `blockscope export ${imageArgument(source)} ${quoted(pathText(names))} --to ${quoted(folder)}${overlayOption(source)}`,
  };
}
