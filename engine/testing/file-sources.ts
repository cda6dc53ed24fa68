import type { BlockDevice } from "../device/block-device.ts";
import type { ImportEntry, ImportSource } from "../operations/import-source.ts";
import { FileTree, isFile, pathText } from "../volume/file-tree.ts";
import { openVolume } from "../volume/open.ts";
import { now } from "./small-volume.ts";

/** A file of a test: its bytes, of which `holes` are not stored; undefined for a folder. */
export interface TestFile {
  path: string;
  bytes?: Uint8Array | undefined;
  /** Runs of the file that are holes, in bytes, `end` excluded. */
  holes?: readonly { start: number; end: number }[] | undefined;
}

/** Files in memory as the source of an import. Folders must stand before what they hold. */
export function memorySource(files: readonly TestFile[]): ImportSource {
  const entries = files.map(
    ({ path, bytes }): ImportEntry => ({
      names: path.split("/").filter((name) => name !== ""),
      isFolder: bytes === undefined,
      byteLength: BigInt(bytes?.length ?? 0),
      permissions: bytes ? 0o640 : 0o750,
      createdUtc: now - 20n,
      modifiedUtc: now - 10n,
    }),
  );
  return {
    entries,
    skipped: [],
    described: { paths: files.map(({ path }) => path) },
    runs: async (entry) => {
      const { bytes, holes = [] } = files[entry] ?? { path: "" };
      const runs: { start: bigint; end: bigint }[] = [];
      let at = 0;
      for (const hole of [...holes, { start: bytes?.length ?? 0, end: 0 }]) {
        if (hole.start > at) runs.push({ start: BigInt(at), end: BigInt(hole.start) });
        at = hole.end;
      }
      return runs;
    },
    read: async (entry, start, into) => {
      const bytes = files[entry]?.bytes;
      if (!bytes || Number(start) + into.length > bytes.length) throw new TypeError("a read lies inside its file");
      into.set(bytes.subarray(Number(start), Number(start) + into.length));
    },
  };
}

/** Every file and folder of a volume by its path; folders have no bytes. */
export async function filesOf(device: BlockDevice): Promise<Map<string, Uint8Array | undefined>> {
  const tree = await FileTree.open(await openVolume(device));
  const found = new Map<string, Uint8Array | undefined>();
  if (!tree.root) return found;
  for await (const item of tree.walk(tree.root)) {
    if (item.kind === "problem") throw new TypeError(`${pathText(item.problem.names)}: ${item.problem.text}`);
    const path = pathText(item.entry.names);
    if (!isFile(item.entry)) {
      found.set(path, undefined);
      continue;
    }
    const parts: Uint8Array[] = [];
    for await (const bytes of (await tree.content(item.entry)).whole(65_536)) parts.push(bytes);
    found.set(path, Buffer.concat(parts));
  }
  return found;
}

/** Bytes that look like nothing in particular, the same for the same seed. */
export function someBytes(byteLength: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let index = 0; index < byteLength; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
