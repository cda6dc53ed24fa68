import { countedText, type Decoded, enumeration, i64, struct, u8 } from "../../base/struct/index.ts";
import { inodeTypes } from "./inode.ts";

/** One name in a directory's content. Convention W10. */
export const directoryEntry = struct("DirectoryEntry", {
  inodeNumber: i64({ as: "id" }),
  type: enumeration(u8(), inodeTypes),
  nameBytes: u8({ unit: "bytes", check: (value) => value >= 1, expects: "expected 1 to 255" }),
  name: countedText((values) => values.nameBytes as number),
});
export type DirectoryEntry = Decoded<typeof directoryEntry>;

const fixedBytes = 10;

/** Entries of a directory's content, with the byte at which each begins; `problem` says where it ceases to be a directory. Convention W10. */
export function readDirectory(content: Uint8Array): {
  entries: { start: number; entry: DirectoryEntry }[];
  problem?: { at: number; text: string };
} {
  const entries: { start: number; entry: DirectoryEntry }[] = [];
  let at = 0;
  while (at < content.length) {
    if (at + fixedBytes > content.length)
      return { entries, problem: { at, text: `${content.length - at} bytes are left, an entry takes 10 and its name` } };
    const nameBytes = content[at + fixedBytes - 1] ?? 0;
    if (nameBytes === 0) return { entries, problem: { at, text: "an entry without a name" } };
    if (at + fixedBytes + nameBytes > content.length)
      return { entries, problem: { at, text: `a name of ${nameBytes} bytes, ${content.length - at - fixedBytes} are left` } };
    const entry = directoryEntry.parse(content.subarray(at, at + fixedBytes + nameBytes));
    entries.push({ start: at, entry });
    at += fixedBytes + nameBytes;
  }
  return { entries };
}

/** What is wrong with a name; undefined where nothing is. Convention W10. */
export function nameProblem({ name }: DirectoryEntry): string | undefined {
  if (!name.isUtf8) return "not UTF-8";
  if (name.text === "." || name.text === "..") return `the name ${name.text} is reserved`;
  return /[/\0]/.test(name.text) ? "a name with a slash or a NUL" : undefined;
}
