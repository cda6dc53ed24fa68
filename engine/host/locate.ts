import { EngineError } from "./engine.ts";

/** What the words of an expression stand for in a volume. Bytes and blocks count from the volume's start. */
export interface PlaceNames {
  blockBytes: number;
  byteLength: bigint;
  /** First block of the region of a tag or name. */
  findRegion(name: string): bigint | undefined;
  findInode(inode: bigint): Promise<{ start: bigint; end: bigint } | undefined>;
}
type Value = { bytes: bigint; unit: "block" | "byte" };
interface Token {
  text: string;
  at: number;
}

/**
 * The bytes an expression names. A decimal number counts blocks and a hexadecimal one, or one with a size suffix, bytes; `b1041` is block
 * 1041, `end` the volume's end, a tag or region name its first block. With + − and *; `inode 212` is a record. EXPRESSION_NOT_UNDERSTOOD.
 */
export async function locate(text: string, names: PlaceNames): Promise<{ start: bigint; end: bigint }> {
  const tokens = split(text);
  const size = BigInt(names.blockBytes);
  const fail = (token: Token | undefined, expected: string): never => {
    throw new EngineError("EXPRESSION_NOT_UNDERSTOOD", { text, at: token?.at ?? text.length, expected });
  };
  const [first, second] = tokens;
  if (first?.text.toLowerCase() === "inode" && second) {
    if (!/^(\d+|0x[\da-f]+)$/i.test(second.text)) fail(second, "an inode number");
    if (tokens[2]) fail(tokens[2], "the end");
    return (await names.findInode(BigInt(second.text))) ?? fail(second, "an inode of the table");
  }
  let at = 0;
  const term = (): Value => {
    const token = tokens[at++];
    if (!token) return fail(undefined, "a number, a region or end");
    const value = readTerm(token.text, size, names) ?? fail(token, "a number, a region or end");
    while (tokens[at]?.text === "*") {
      at++;
      const factor = tokens[at++];
      if (!factor || !/^(\d+|0x[\da-f]+)$/i.test(factor.text)) return fail(factor, "a number");
      value.bytes *= BigInt(factor.text);
    }
    return value;
  };
  const result = term();
  while (at < tokens.length) {
    const sign = tokens[at++];
    if (sign?.text !== "+" && sign?.text !== "-") return fail(sign, "+, - or *");
    const next = term();
    result.bytes += sign.text === "+" ? next.bytes : -next.bytes;
    if (next.unit === "byte") result.unit = "byte";
  }
  const { bytes: start } = result;
  if (start < 0n || start >= names.byteLength) fail(first, `a place below byte ${names.byteLength}`);
  return { start, end: result.unit === "block" && start + size <= names.byteLength ? start + size : start + 1n };
}

function split(text: string): Token[] {
  return [...text.matchAll(/[+*-]|[^\s+*-]+/g)].map((match) => ({ text: match[0], at: match.index }));
}

const suffixes: Readonly<Record<string, bigint>> = { kib: 1024n, mib: 1024n ** 2n, gib: 1024n ** 3n, tib: 1024n ** 4n };

function readTerm(text: string, size: bigint, names: PlaceNames): Value | undefined {
  const block = /^b(\d+)$/i.exec(text) ?? /^(\d+)$/.exec(text);
  if (block?.[1]) return { bytes: BigInt(block[1]) * size, unit: "block" };
  if (/^0x[\da-f]+$/i.test(text)) return { bytes: BigInt(text), unit: "byte" };
  const sized = /^(\d+)(kib|mib|gib|tib)$/i.exec(text);
  const unit = sized?.[2] && suffixes[sized[2].toLowerCase()];
  if (sized?.[1] && unit) return { bytes: BigInt(sized[1]) * unit, unit: "byte" };
  if (text.toLowerCase() === "end") return { bytes: names.byteLength, unit: "block" };
  const region = names.findRegion(text);
  return region === undefined ? undefined : { bytes: region * size, unit: "block" };
}
