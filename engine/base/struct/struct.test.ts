import { describe, expect, it } from "vitest";
import { isEngineError } from "../../errors/engine-error.ts";
import { fromHex, toHex } from "../bytes.ts";
import { StoredText } from "../stored-text.ts";
import {
  array,
  bytes,
  constant,
  countedText,
  enumeration,
  flags,
  guid,
  i64,
  reservedUntil,
  struct,
  text,
  ticks,
  u8,
  u16,
  u32,
  u32be,
  xxh64,
} from "./index.ts";

const trailer = struct("Trailer", { tag: u32(), hash: xxh64({ over: (at) => [0, at - 4] }) });
const sample = struct("Sample", {
  magic: constant("BSEG"),
  version: u16({ oneOf: [1, 2] }),
  order: u32be(),
  state: enumeration(u8(), { 0: "Idle", 1: "Busy" }),
  options: flags(u8(), { 0: "Sealed", 3: "Packed" }),
  id: guid(),
  at: ticks(),
  label: text(8),
  nameBytes: u8(),
  name: countedText((values) => values.nameBytes as number),
  count: u8(),
  pairs: array(struct("Pair", { left: u8(), right: i64() }), (values) => values.count as number),
  tail: bytes(2),
  unused: reservedUntil(12),
  trailer,
});
const value = {
  magic: new TextEncoder().encode("BSEG"),
  version: 1,
  order: 0x01020304,
  state: 1,
  options: 0x81,
  id: "00112233-4455-6677-8899-aabbccddeeff",
  at: 638_400_000_000_000_000n,
  label: StoredText.of("disk", 8),
  nameBytes: 3,
  name: StoredText.of("abc"),
  count: 2,
  pairs: [
    { left: 1, right: -1n },
    { left: 2, right: 2n ** 63n - 1n },
  ],
  tail: fromHex("beef"),
  trailer: { tag: 7, hash: 0n },
};

describe("a structure that is declared once", () => {
  const encoded = sample.encode(value, { byteLength: 128 });
  it("encodes its fields one after the other, with the checksum filled in", () => {
    expect(toHex(encoded.subarray(0, 36))).toBe(
      "42534547" + "0100" + "01020304" + "01" + "81" + "33221100554477668899aabbccddeeff" + "00009ce86a0ddc08",
    );
  });
  it("decodes to the same values", () => {
    const decoded = sample.parse(encoded);
    expect({ ...decoded, trailer: undefined }).toEqual({ ...value, trailer: undefined });
    expect(sample.encode(decoded, { byteLength: 128 })).toEqual(encoded);
  });
  it("keeps bytes behind a text and in reserved space", () => {
    const dirty = encoded.slice();
    dirty[43] = 9;
    dirty[100] = 0x55;
    expect(sample.encode(sample.parse(dirty), { byteLength: 128, checksums: "keep" })).toEqual(dirty);
  });
  it("is strict: reports the byte of the device where a field is wrong", () => {
    const state = encoded.slice();
    state[4] = 9;
    expect(() => sample.decode(state, 4096n)).toThrowError(
      expect.objectContaining({ code: "VALUE_OUT_OF_RANGE", data: expect.objectContaining({ at: 4100n }) }),
    );
    const flipped = encoded.slice();
    flipped[30] = (flipped[30] ?? 0) ^ 1;
    flipped[11] = 1;
    expect(() => sample.decode(flipped)).toThrowError(expect.objectContaining({ code: "CHECKSUM_MISMATCH" }));
  });
  it("annotates every byte exactly once and never throws, at any length", () => {
    for (let length = 0; length <= encoded.length; length++) {
      let at = 0n;
      for (const row of sample.annotate(encoded.subarray(0, length))) {
        expect(row.start).toBe(at);
        at = row.end;
      }
      expect(at).toBe(BigInt(length));
    }
  });
  it("names unknown bits and values", () => {
    const rows = sample.annotate(encoded);
    expect(rows.find((row) => row.path === "options")).toMatchObject({
      text: "0x81 · Sealed · unknown 0x80",
      problem: "unknown bits 0x80",
    });
    expect(rows.find((row) => row.path === "state")).toMatchObject({ text: "1 · Busy", kind: "flags" });
    expect(rows.find((row) => row.path === "pairs[1].right")?.text).toBe("9223372036854775807");
  });
  it("describes itself", () => {
    expect(sample.fields.slice(0, 3)).toMatchObject([
      { path: "magic", offset: 0, byteLength: 4 },
      { path: "version", offset: 4, byteLength: 2, type: "u16 little-endian" },
      { path: "order", offset: 6, type: "u32 big-endian" },
    ]);
  });
  it("cuts a count that does not fit when tolerant and refuses it when strict", () => {
    const counted = struct("Counted", { count: u8(), elements: array(u16(), (values) => values.count as number) });
    expect(counted.parse(fromHex("ff01000200")).elements).toEqual([1, 2]);
    try {
      counted.decode(fromHex("ff01000200"));
      expect.unreachable();
    } catch (error) {
      expect(isEngineError(error, "COUNT_EXCEEDS_SPACE")).toBe(true);
    }
  });
  it("leaves the bytes behind an array alone, whatever its count says", () => {
    const elements = array(u16(), (values) => values.count as number, { leave: 2 });
    const counted = struct("Counted", { count: u8(), elements, tail: bytes(2) });
    expect(counted.parse(fromHex("ff01000200beef"))).toEqual({ count: 255, elements: [1, 2], tail: fromHex("beef") });
    expect(counted.decode(fromHex("0101000200beef")).elements).toEqual([1]);
    try {
      counted.decode(fromHex("0301000200beef"));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "COUNT_EXCEEDS_SPACE", data: { count: 3, room: 2, at: 1n } });
    }
  });
});
