import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { UndoRow } from "../contract/index.ts";
import { type BundleDocument, EngineError, isEngineError, openFileDevice, readBundleDocument, type Volume } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import { titleOf } from "./operation-titles.ts";

/** Bundles listed at most, the newest ones. */
const mostRows = 50;

const idOf = (file: string): string => createHash("sha256").update(file).digest("hex").slice(0, 32);

async function bundleFiles(opened: OpenVolume): Promise<string[]> {
  try {
    return (await readdir(opened.undoFolder)).filter((file) => file.endsWith(".bsundo"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The path of a listed bundle. HANDLE_UNKNOWN. */
export async function bundleOf(opened: OpenVolume, id: string): Promise<string> {
  const file = (await bundleFiles(opened)).find((each) => idOf(each) === id);
  if (file === undefined) throw new EngineError("HANDLE_UNKNOWN", { kind: "undo bundle", id });
  return join(opened.undoFolder, file);
}

/** The changes of this volume that have an undo bundle, the newest first, and whether each can still be undone. Only reads. */
export async function listUndo(opened: OpenVolume): Promise<UndoRow[]> {
  const { path, overlay } = opened.source;
  const { volume } = opened.stored;
  if (path === undefined || !volume.superblock) return [];
  const found: { file: string; document: BundleDocument; writtenMs: number; byteLength: bigint }[] = [];
  for (const file of await bundleFiles(opened)) {
    const document = await documentOf(join(opened.undoFolder, file));
    if (document?.volumeId !== volume.superblock.volumeUuid || resolve(document.image) !== path) continue;
    const { mtimeMs, size } = await stat(join(opened.undoFolder, file));
    found.push({ file, document, writtenMs: mtimeMs, byteLength: BigInt(size) });
  }
  found.sort((a, b) => b.writtenMs - a.writtenMs || (a.file < b.file ? 1 : -1));
  const rows: UndoRow[] = [];
  for (const { file, document, writtenMs, byteLength } of found.slice(0, mostRows)) {
    const { operation, inputs, sentences } = document;
    const problem = whyNot(volume, document);
    // What was done in an overlay is the image's own only once it was committed.
    if (problem !== undefined && document.overlay !== overlay?.path) continue;
    rows.push({
      id: idOf(file),
      operation,
      title: titleOf(operation, inputs),
      detail: sentences[0] ?? "",
      file,
      writtenMs,
      byteLength,
      ...(problem !== undefined && { problem }),
    });
  }
  return rows;
}

/** Undefined for a file that is no bundle, or is gone by now. */
async function documentOf(path: string): Promise<BundleDocument | undefined> {
  const device = await openFileDevice(path).catch((error: unknown) => {
    if (isEngineError(error)) return undefined;
    throw error;
  });
  if (!device) return undefined;
  try {
    return await readBundleDocument(device);
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  } finally {
    await device.close();
  }
}

/**
 * Why an operation cannot be undone now, as far as block 0 tells: every transaction raises its sequence by one and sets its time, and an
 * undo brings the older one back. The blocks themselves are compared when the undo is planned.
 */
function whyNot({ superblock }: Volume, { operation, inputs, sequenceBefore, steps }: BundleDocument): string | undefined {
  const [before, count] = [BigInt(sequenceBefore), BigInt(steps.length)];
  const now = superblock?.checkpointSequence;
  const { now: time } = inputs as { now?: unknown };
  const isLeft =
    operation === "undo"
      ? now === before - count || now === before + count
      : // The transactions of a commit have their own times.
        now === before + count && (operation === "overlay-commit" || `${superblock?.lastWriterTimestamp}` === `${time}`);
  return isLeft ? undefined : "not while a later change stands";
}
