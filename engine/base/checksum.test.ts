import { describe, expect, it } from "vitest";
import { goldenJson } from "../testing/golden.ts";
import { fromHex, viewOf } from "./bytes.ts";
import { checksum } from "./checksum.ts";

interface Vector {
  hex?: string;
  text?: string;
  zeroBytes?: number;
  rule?: string;
  length?: number;
  hash: string;
  stored?: string;
}

function inputOf({ hex, text, zeroBytes, rule, length = 0 }: Vector): Uint8Array {
  if (hex !== undefined) return fromHex(hex);
  if (text !== undefined) return new TextEncoder().encode(text);
  if (zeroBytes !== undefined) return new Uint8Array(zeroBytes);
  expect(rule).toBe("byte i = (7 i + length) mod 256");
  return Uint8Array.from({ length }, (_, index) => 7 * index + length);
}

describe("XXH64 with seed 0", () => {
  const vectors = goldenJson("vectors-xxh64").cases as Vector[];
  it.each(vectors.map((vector, index) => [index, vector] as const))("is the SDK's for vector %i", (_, vector) => {
    const hash = checksum.xxh64(inputOf(vector));
    expect(hash.toString(16).padStart(16, "0")).toBe(vector.hash);
    if (vector.stored !== undefined) expect(viewOf(fromHex(vector.stored)).getBigUint64(0, true)).toBe(hash);
  });
  it("does not depend on where in a buffer the bytes lie", () => {
    const buffer = Uint8Array.from({ length: 300 }, (_, index) => index * 31);
    for (let at = 0; at < 9; at++) expect(checksum.xxh64(buffer.subarray(at, at + 257))).toBe(checksum.xxh64(buffer.slice(at, at + 257)));
  });
});

describe("SHA-256 of parts", () => {
  it("is that of the parts one behind the other", () => {
    const whole = Uint8Array.from({ length: 1000 }, (_, index) => index);
    const parts = [whole.subarray(0, 1), whole.subarray(1, 1), whole.subarray(1, 700), whole.subarray(700)];
    expect(checksum.sha256OfParts(parts)).toEqual(checksum.sha256(whole));
  });
});
