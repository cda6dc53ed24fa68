import { formatAddress, formatBlocks } from "./format.ts";

export interface CopiedRange {
  /** Name of the file or device, as the command line is given it. */
  image: string;
  start: bigint;
  end: bigint;
  blockBytes: number;
}

interface PlaceFormat {
  id: string;
  name: string;
  of: (range: CopiedRange) => string;
}
/** Ways to write down where something is. */
export const placeFormats: readonly PlaceFormat[] = [
  { id: "bytes", name: "Byte range", of: ({ start, end }) => `${formatAddress(start)}–${formatAddress(end - 1n)}` },
  {
    id: "blocks",
    name: "Block and offset",
    of: ({ start, end, blockBytes }) => {
      const size = BigInt(blockBytes);
      if (start % size === 0n && end % size === 0n) return `block ${formatBlocks(start / size, (end - start) / size)}`;
      return `b${start / size}+0x${(start % size).toString(16)}`;
    },
  },
  {
    id: "command",
    name: "Command",
    of: ({ image, start, end, blockBytes }) => {
      const size = BigInt(blockBytes);
      const [first, last] = [start / size, (end - 1n) / size];
      return `blockscope hex ${quoted(image)} --block ${first}${last > first ? ` --count ${last - first + 1n}` : ""} --annotate`;
    },
  },
];

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

interface BytesFormat {
  id: string;
  name: string;
  of: (bytes: Uint8Array) => string;
}
/** Ways to write down bytes. */
export const bytesFormats: readonly BytesFormat[] = [
  { id: "hex", name: "Hex bytes", of: (bytes) => inRows(bytes, 16, hexOf, " ", "\n") },
  { id: "c", name: "C array", of: (bytes) => `{\n${inRows(bytes, 12, (byte) => `0x${hexOf(byte)}`, ", ", ",\n", "  ")}\n}` },
  { id: "base64", name: "Base64", of: (bytes) => btoa(inRows(bytes, 4096, (byte) => String.fromCharCode(byte), "", "")) },
  { id: "text", name: "Text, other bytes as dots", of: (bytes) => inRows(bytes, 64, printable, "", "\n") },
];

/** The most that is copied at once: what a clipboard and an editor take without trouble. */
export const mostCopiedBytes = 65_536n;

const hexOf = (byte: number): string => byte.toString(16).padStart(2, "0");
const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");

function inRows(bytes: Uint8Array, perRow: number, of: (byte: number) => string, between: string, newline: string, indent = ""): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += perRow) rows.push(indent + Array.from(bytes.subarray(at, at + perRow), of).join(between));
  return rows.join(newline);
}
