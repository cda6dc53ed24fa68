import { fromHex } from "../base/bytes.ts";

/** The guid of the references' worked examples, as text and as it is stored. */
export const exampleId = "00112233-4455-6677-8899-aabbccddeeff";
export const exampleIdBytes = "33221100554477668899aabbccddeeff";
/** 2025-01-01T00:00:00Z as stored. */
export const newYearBytes = "0040313cf729dd08";

/** A block of a worked example: runs of hex at their offsets, zeros between, the trailer at the end. Blanks in the hex are left out. */
export function exampleBlock(runs: Readonly<Record<number, string>>, trailer: string, blockBytes = 4096): Uint8Array {
  const block = new Uint8Array(blockBytes);
  for (const [offset, hex] of Object.entries(runs)) block.set(fromHex(hex.replaceAll(" ", "")), Number(offset));
  block.set(fromHex(trailer.replaceAll(" ", "")), blockBytes - 16);
  return block;
}
