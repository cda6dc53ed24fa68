import { createHash } from "node:crypto";
import { withVolume } from "../../host/changes.ts";
import {
  EngineError,
  type ExportNote,
  exportFiles,
  type FileEntry,
  FileTree,
  formatSize,
  inodeTypeName,
  isDirectory,
  namesOf,
  pathText,
  readDirectoryEntries,
  ticksText,
  toHex,
  toJson,
  type Volume,
} from "../../host/engine.ts";
import { folderTarget } from "../../host/export-target.ts";
import { planOperation } from "../../host/operations.ts";
import { type ParsedArguments, parseCommand, textOption, UsageError } from "../arguments.ts";
import { changedImageOf, imageOptions, openNamed } from "../image.ts";
import { carryOut, changeHelp, changeOptions, planOptionsOf, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";

const runBytes = 1_048_576;
const mostContentBytes = 1_048_576n;

/** Opens the image that a command names, hands over its volume, and closes it. */
async function withImage<Result>(
  path: string,
  values: ParsedArguments["values"],
  signal: AbortSignal,
  act: (volume: Volume) => Promise<Result>,
): Promise<Result> {
  const image = await openNamed(path, values, { signal });
  try {
    if (image.volume.kind !== "dwvd") throw new EngineError("NOT_A_VOLUME", { path, found: "a device with dm-remap metadata" });
    return await act(image.volume);
  } finally {
    await image.volume.sourceDevice.close();
  }
}

/** An entry as documents tell it: the inode's fields by their names in the reference, and where it is. */
const entryDocument = ({ names, inodeNumber, type, inode }: FileEntry): object => ({
  path: pathText(names),
  name: names.at(-1) ?? "",
  ...(toJson({
    inodeNumber,
    type,
    typeName: inodeTypeName(type),
    size: inode.size,
    allocatedSize: inode.allocatedSize,
    permissions: inode.permissions,
    linkCount: inode.linkCount,
    ownerId: inode.ownerId,
    createdUtc: inode.createdUtc,
    modifiedUtc: inode.modifiedUtc,
    accessedUtc: inode.accessedUtc,
    changedUtc: inode.changedUtc,
  }) as object),
});

export const lsCommand: Command = {
  name: "ls",
  usage: "ls IMAGE [/PATH]",
  does: "files and folders in a volume",
  help: `blockscope ls IMAGE [/PATH] [--recursive] [--offset BYTES] [--overlay FILE] [--json]

Lists a folder of the volume, or one file. Reads only. What cannot be believed is named, and the exit code is then 1.

  --recursive      all that lies below, too
  --offset BYTES   the volume begins inside a larger image
  --overlay FILE   see IMAGE through this overlay
  --json           one JSON document, blockscope.files/1

Example: blockscope ls disk.dwvd /docs --recursive
`,
  async run(args, signal) {
    const options = { recursive: { type: "boolean" }, ...imageOptions } as const;
    const { values, positionals } = parseCommand(args, options, { least: 1, most: 2, names: "IMAGE" });
    const [path = "", inside = "/"] = positionals;
    const terminal = terminalOf(values);
    return withImage(path, values, signal, async (volume) => {
      const names = namesOf(inside);
      const { entries, problems } = await readDirectoryEntries(await FileTree.open(volume, signal), names, {
        recursive: values.recursive === true,
        signal,
      });
      const notes = problems.map(({ names: where, text }) => ({ path: pathText(where), text }));
      if (terminal.json)
        terminal.document({ schema: "blockscope.files/1", path: pathText(names), entries: entries.map(entryDocument), problems: notes });
      else {
        const named = (entry: FileEntry) =>
          terminal.safe(`${values.recursive ? pathText(entry.names) : (entry.names.at(-1) ?? "/")}${isDirectory(entry) ? "/" : ""}`);
        terminal.table([
          ["Inode", "Mode", "Size", "Modified", "Name"],
          ...entries.map((entry) => [
            `${entry.inodeNumber}`,
            entry.inode.permissions.toString(8).padStart(3, "0"),
            `${entry.inode.size}`,
            ticksText(entry.inode.modifiedUtc)?.slice(0, 19).replace("T", " ") ?? `${entry.inode.modifiedUtc} ticks`,
            named(entry),
          ]),
        ]);
        for (const note of notes) terminal.message(`blockscope: ${terminal.safe(`${note.path}: ${note.text}`)}`);
      }
      return notes.length > 0 ? 1 : 0;
    });
  },
};

export const catCommand: Command = {
  name: "cat",
  usage: "cat IMAGE /PATH",
  does: "the bytes of a file in a volume",
  help: `blockscope cat IMAGE /PATH [--offset BYTES] [--overlay FILE] [--json]

Writes a file's bytes to standard output as they are. Reads only.

  --offset BYTES   the volume begins inside a larger image
  --overlay FILE   see IMAGE through this overlay
  --json           one JSON document, blockscope.content/1, with the SHA-256; the bytes in hex up to 1 MiB

Example: blockscope cat disk.dwvd /README.txt
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(args, { ...imageOptions }, { least: 2, most: 2, names: "IMAGE /PATH" });
    const [path = "", inside = ""] = positionals;
    const terminal = terminalOf(values);
    return withImage(path, values, signal, async (volume) => {
      const tree = await FileTree.open(volume, signal);
      const entry = await tree.resolve(namesOf(inside), signal);
      const content = await tree.content(entry, signal);
      const hash = createHash("sha256");
      const kept: Uint8Array[] = [];
      for await (const bytes of content.whole(runBytes, signal)) {
        if (!terminal.json) {
          if (!process.stdout.write(bytes)) await new Promise<void>((resolve) => void process.stdout.once("drain", resolve));
          continue;
        }
        hash.update(bytes);
        if (content.byteLength <= mostContentBytes) kept.push(bytes);
      }
      if (terminal.json)
        terminal.document({
          schema: "blockscope.content/1",
          ...entryDocument(entry),
          sha256: hash.digest("hex"),
          ...(content.byteLength <= mostContentBytes && { content: kept.map(toHex).join("") }),
        });
      return 0;
    });
  },
};

export const importCommand: Command = {
  name: "import",
  usage: "import IMAGE PATH…",
  does: "files and folders into a volume",
  help: `blockscope import IMAGE PATH… [--to /DIR] [--yes | --plan] [--json]

Copies files and folders, with all they hold, into the volume: byte for byte, holes kept, with permissions and times. Links are not followed; they,
special files and names that cannot be stored are left out, and the plan lists them. A file that is there already is never replaced.

  --to /DIR         folder of the volume that it goes into; made where it is missing (default: the root)
${changeHelp}

Example: blockscope import disk.dwvd photos notes.txt --to /archive --yes
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      { ...changeOptions, to: { type: "string" } },
      { least: 2, most: 10_000, names: "IMAGE PATH…" },
    );
    const [path = "", ...paths] = positionals;
    const options = await planOptionsOf(values, signal);
    const inputs = { paths, to: textOption(values, "to") ?? "/" };
    return withVolume(changedImageOf(path, values), async (volume) =>
      carryOut(path, await planOperation(volume, "import", inputs, options), values, signal),
    );
  },
};

export const exportCommand: Command = {
  name: "export",
  usage: "export IMAGE [/PATH] --to DIR",
  does: "files and folders out of a volume",
  help: `blockscope export IMAGE [/PATH] --to DIR [--offset BYTES] [--overlay FILE] [--json]

Copies a file or folder of the volume, and all below it, into DIR: byte for byte, holes kept, with permissions and times. Nothing outside DIR is
touched, no link is followed, nothing that is there is overwritten. Names that would lead elsewhere or that a system reserves are changed, links
and what cannot be read are left out; both are said, and the exit code is 1 where something was left out.

  --to DIR         where to; made where it is missing
  --offset BYTES   the volume begins inside a larger image
  --overlay FILE   see IMAGE through this overlay
  --json           one JSON document, blockscope.exported/1

Example: blockscope export disk.dwvd /docs --to rescued
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(args, { to: { type: "string" }, ...imageOptions }, { least: 1, most: 2, names: "IMAGE" });
    const [path = "", inside = "/"] = positionals;
    const folder = textOption(values, "to");
    if (folder === undefined) throw new UsageError("--to DIR is missing");
    const terminal = terminalOf(values);
    return withImage(path, values, signal, async (volume) => {
      const tree = await FileTree.open(volume, signal);
      const names = namesOf(inside);
      const from = names.length === 0 ? tree.root : await tree.resolve(names, signal);
      const target = await folderTarget(folder);
      const exported = from
        ? await exportFiles(tree, from, target, { signal, onProgress: (progress) => terminal.progress(progress) })
        : { files: 0, folders: 0, bytes: 0n, renamed: [], skipped: [], problems: [] };
      terminal.clearProgress();
      if (terminal.json)
        terminal.document({ schema: "blockscope.exported/1", path: pathText(names), to: folder, ...(toJson(exported) as object) });
      else {
        terminal.line(`${exported.files} files and ${exported.folders} folders, ${formatSize(exported.bytes)}, to ${folder}`);
        const say = (words: string, notes: readonly ExportNote[]) => {
          for (const note of notes) terminal.message(`${words}: ${terminal.safe(`${note.path}: ${note.text}`)}`);
        };
        say("renamed", exported.renamed);
        say("left out", exported.skipped);
        say("cannot be believed", exported.problems);
      }
      return exported.skipped.length + exported.problems.length > 0 ? 1 : 0;
    });
  },
};
