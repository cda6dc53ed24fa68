import * as z from "zod/mini";
import { textField } from "./common.ts";

/** What importing would take in, found without reading a byte of it. */
export interface ImportSurvey {
  files: number;
  folders: number;
  /** Sum of the files' sizes, holes included. */
  bytes: bigint;
  /** Blocks that the content takes where no file has holes. */
  mostBlocks: bigint;
  freeBlocks: bigint;
  /** What is left out, and why; the first thousand. */
  skipped: FileNote[];
  skippedCount: number;
}
export interface FileNote {
  path: string;
  text: string;
}

/** What exporting writes: said beforehand by a run that writes nothing, and afterwards. */
export interface ExportView {
  /** Folder outside that it goes to. */
  to: string;
  files: number;
  folders: number;
  bytes: bigint;
  /** Names that are changed outside, what is left out, and what in the tree cannot be believed; the first thousand of each. */
  renamed: FileNote[];
  skipped: FileNote[];
  problems: FileNote[];
  counts: { renamed: number; skipped: number; problems: number };
  /** The same on the command line. */
  command: string;
}

export const pathRequest = textField;
export const inodeNumberRequest = z.bigint().check(z.gte(-(2n ** 63n)), z.lt(2n ** 63n));
export const importPathsRequest = z.array(textField.check(z.minLength(1))).check(z.minLength(1), z.maxLength(10_000));
export const exportRequest = z.object({
  /** Path in the volume. */
  from: textField,
  /** A folder below the host's root, or the id of one that the host's own dialog gave. */
  to: textField,
  /** A folder to be made in it, or that is there; none for the folder itself. */
  name: z._default(z.string().check(z.maxLength(255)), ""),
});
export type ExportRequest = z.input<typeof exportRequest>;
export const chooseRequest = z._default(z.enum(["volumes", "files", "folders", "target"]), "volumes");
/** What a dialog is to choose: volumes to open, files or folders to import, a folder to export to. */
export type ChooseWhat = z.input<typeof chooseRequest>;
