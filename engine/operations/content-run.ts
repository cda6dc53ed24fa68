import type { FreshRun } from "../volume/volume-edit.ts";
import type { ImportSource } from "./import-source.ts";

/** Blocks of content and where their bytes come from: a file of the source, from byte `start`, or memory. */
export interface ContentPart {
  startBlock: bigint;
  blockCount: bigint;
  from: { entry: number; start: bigint; byteLength: bigint } | { bytes: Uint8Array };
  name: string;
}

const readAtOnce = 16;

/** The content of neighbouring blocks as one run each; what files do not fill is zero. */
export function contentRuns(parts: readonly ContentPart[], source: ImportSource, blockBytes: number): FreshRun[] {
  const ordered = parts.toSorted((a, b) => (a.startBlock < b.startBlock ? -1 : 1));
  const groups: ContentPart[][] = [];
  for (const part of ordered) {
    const last = groups.at(-1)?.at(-1);
    if (last && last.startBlock + last.blockCount === part.startBlock) groups.at(-1)?.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => runOf(group, source, blockBytes));
}

function runOf(parts: readonly ContentPart[], source: ImportSource, blockBytes: number): FreshRun {
  const first = parts[0];
  const last = parts.at(-1);
  if (!first || !last) throw new TypeError("a run has a part");
  const fill = async (index: bigint, into: Uint8Array): Promise<void> => {
    const from = first.startBlock + index;
    const wanted = partsOf(parts, from, from + BigInt(into.length / blockBytes));
    for (let at = 0; at < wanted.length; at += readAtOnce)
      await Promise.all(wanted.slice(at, at + readAtOnce).map((part) => fillPart(part, source, from, into, blockBytes)));
  };
  const names = new Set(parts.map(({ name }) => name)).size;
  return {
    block: first.startBlock,
    blockCount: last.startBlock + last.blockCount - first.startBlock,
    reason: names === 1 ? `Write the content of ${first.name}` : `Write the content of ${first.name} and ${names - 1} more`,
    image: async (index) => {
      const image = new Uint8Array(blockBytes);
      await fill(index, image);
      return image;
    },
    fill,
  };
}

/** The parts that reach into `[start, end)`, of parts in order without gaps. */
function partsOf(parts: readonly ContentPart[], start: bigint, end: bigint): ContentPart[] {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const part = parts[middle];
    if (part && part.startBlock + part.blockCount <= start) low = middle + 1;
    else high = middle;
  }
  const found: ContentPart[] = [];
  for (let index = low; index < parts.length; index++) {
    const part = parts[index];
    if (!part || part.startBlock >= end) break;
    found.push(part);
  }
  return found;
}

/** Fills what a part gives of the blocks from `firstBlock` that `bytes` holds; zeros behind its end. */
async function fillPart(part: ContentPart, source: ImportSource, firstBlock: bigint, bytes: Uint8Array, blockBytes: number): Promise<void> {
  const size = BigInt(blockBytes);
  const skipped = part.startBlock < firstBlock ? (firstBlock - part.startBlock) * size : 0n;
  const at = part.startBlock > firstBlock ? Number((part.startBlock - firstBlock) * size) : 0;
  const inPart = part.blockCount * size - skipped;
  const room = BigInt(bytes.length - at) < inPart ? bytes.length - at : Number(inPart);
  if ("bytes" in part.from) {
    const given = part.from.bytes.subarray(Number(skipped), Number(skipped) + room);
    bytes.set(given, at);
    bytes.fill(0, at + given.length, at + room);
    return;
  }
  const start = part.from.start + skipped;
  const left = part.from.byteLength - start;
  const length = left < BigInt(room) ? Math.max(0, Number(left)) : room;
  if (length > 0) await source.read(part.from.entry, start, bytes.subarray(at, at + length));
  bytes.fill(0, at + length, at + room);
}
