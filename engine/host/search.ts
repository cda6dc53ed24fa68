import type { SearchResult } from "../contract/index.ts";
import { type BlockDevice, EngineError, readUpTo } from "./engine.ts";
import type { Report } from "./task.ts";

/** Bytes to find: where `mask` is 0 any byte fits; `fold` also takes the other case of a letter. */
export interface Pattern {
  bytes: Uint8Array;
  mask: Uint8Array;
  fold: boolean;
}

const chunkBytes = 1_048_576;
const contextBytes = 16n;

/** A pattern of hex pairs with ?? for any byte, or of text. PATTERN_NOT_UNDERSTOOD. */
export function readPattern({
  pattern,
  as,
  wide,
  ignoreCase,
}: {
  pattern: string;
  as: "bytes" | "text";
  wide: boolean;
  ignoreCase: boolean;
}): Pattern {
  if (as === "text") {
    const bytes = wide ? new Uint8Array(Buffer.from(pattern, "utf16le")) : new TextEncoder().encode(pattern);
    return { bytes, mask: new Uint8Array(bytes.length).fill(1), fold: ignoreCase };
  }
  const pairs = pattern.replaceAll(/\s+/g, "").match(/.{1,2}/g) ?? [];
  if (!pairs.every((pair) => /^([\da-f]{2}|\?\?)$/i.test(pair)) || pairs.every((pair) => pair === "??"))
    throw new EngineError("PATTERN_NOT_UNDERSTOOD", { text: pattern });
  return {
    bytes: Uint8Array.from(pairs, (pair) => (pair === "??" ? 0 : Number.parseInt(pair, 16))),
    mask: Uint8Array.from(pairs, (pair) => (pair === "??" ? 0 : 1)),
    fold: false,
  };
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);

/** Places in `content` at which the pattern begins. */
export function* matches(content: Uint8Array, { bytes, mask, fold }: Pattern): Generator<number> {
  const anchor = mask.indexOf(1);
  const wanted = bytes.map((byte) => (fold ? lower(byte) : byte));
  const last = content.length - bytes.length;
  for (let at = 0; at <= last; at++) {
    if (!fold) {
      const found = content.indexOf(wanted[anchor] ?? 0, at + anchor);
      if (found < 0) return;
      at = found - anchor;
      if (at > last) return;
    }
    let index = 0;
    while (index < bytes.length) {
      const byte = content[at + index] ?? 0;
      if (mask[index] === 1 && (fold ? lower(byte) : byte) !== wanted[index]) break;
      index++;
    }
    if (index === bytes.length) yield at;
  }
}

export interface SearchScope {
  start: bigint;
  end: bigint;
  limit: number;
  /** Names a place, for people. */
  where(start: bigint): string;
}

/** Finds a pattern in the stored bytes of `[start, end)`, in order; holes are passed over. At most `limit` hits. */
export async function searchDevice(
  device: BlockDevice,
  pattern: Pattern,
  { start, end, limit, where }: SearchScope,
  signal: AbortSignal,
  report: Report,
): Promise<SearchResult> {
  const hits: SearchResult["hits"] = [];
  let searchedBytes = 0n;
  const total = Number(end - start);
  for await (const extent of device.extents(start, end)) {
    if (extent.hole) continue;
    for (let at = extent.start; at < extent.end; at += BigInt(chunkBytes)) {
      signal.throwIfAborted();
      const stop = at + BigInt(chunkBytes) < extent.end ? at + BigInt(chunkBytes) : extent.end;
      const overlap = BigInt(pattern.bytes.length - 1);
      const readEnd = stop + overlap < end ? stop + overlap : end;
      const content = await readUpTo(device, at, Number(readEnd - at), signal);
      for (const index of matches(content, pattern)) {
        const place = at + BigInt(index);
        if (place >= stop) break;
        if (hits.length === limit) return { hits, limited: true, searchedBytes };
        const contextStart = place > contextBytes ? place - contextBytes : 0n;
        const context = await readUpTo(
          device,
          contextStart,
          Number(place - contextStart) + pattern.bytes.length + Number(contextBytes),
          signal,
        );
        hits.push({ start: place, byteLength: pattern.bytes.length, context, contextStart, where: where(place) });
      }
      searchedBytes += stop - at;
      report({ phase: "Searching", done: Number(stop - start), total, unit: "bytes" });
    }
  }
  return { hits, limited: false, searchedBytes };
}
