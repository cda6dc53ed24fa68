import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SparseDevice } from "../device/index.ts";
import { readPattern, searchDevice } from "./search.ts";

const search = async (device: SparseDevice, pattern: string, as: "bytes" | "text", limit = 100, ignoreCase = false) => {
  const scope = { start: 0n, end: device.byteLength, limit, where: (start: bigint) => `byte ${start}` };
  return searchDevice(device, readPattern({ pattern, as, wide: false, ignoreCase }), scope, new AbortController().signal, () => {});
};
const deviceOf = async (byteLength: bigint, ...runs: [at: bigint, text: string][]) => {
  const device = new SparseDevice(byteLength);
  for (const [at, text] of runs) await device.write(at, new TextEncoder().encode(text));
  return device;
};

describe("a search", () => {
  it("finds matches across the borders of chunks, and in 15 TiB of holes at once", async () => {
    const far = 15n * 2n ** 40n - 100n;
    const device = await deviceOf(15n * 2n ** 40n, [1_048_574n, "needle"], [far, "needle"]);
    const { hits, limited } = await search(device, "needle", "text");
    expect(hits.map((hit) => hit.start)).toEqual([1_048_574n, far]);
    expect(limited).toBe(false);
  });
  it("stops at the limit and says so", async () => {
    const device = await deviceOf(100_000n, [10n, "ab ab ab"]);
    expect(await search(device, "ab", "text", 2)).toMatchObject({ limited: true, hits: [{ start: 10n }, { start: 13n }] });
  });
  it("takes ?? for any byte, and either case where asked", async () => {
    const device = await deviceOf(100_000n, [500n, "NeEdLe"]);
    expect((await search(device, "4e ?? 45", "bytes")).hits.map((hit) => hit.start)).toEqual([500n]);
    expect((await search(device, "needle", "text")).hits).toEqual([]);
    expect((await search(device, "needle", "text", 100, true)).hits.map((hit) => hit.start)).toEqual([500n]);
  });
  it.each(["4", "4g", "????", "zz"])("refuses %j as bytes", (pattern) => {
    expect(() => readPattern({ pattern, as: "bytes", wide: false, ignoreCase: false })).toThrowError(
      expect.objectContaining({ code: "PATTERN_NOT_UNDERSTOOD" }),
    );
  });
  it("finds every place, as a plain comparison does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.uint8Array({ minLength: 1, maxLength: 3 }),
        async (content, wanted) => {
          fc.pre(content.some((byte) => byte !== 0));
          const device = await SparseDevice.from([content.map((byte) => byte % 3), new Uint8Array(1)]);
          const bytes = wanted.map((byte) => byte % 3);
          const { hits } = await search(device, Buffer.from(bytes).toString("hex"), "bytes", 10_000);
          const whole = [...content.map((byte) => byte % 3), 0];
          const expected = whole.flatMap((_, at) => (bytes.every((byte, index) => whole[at + index] === byte) ? [BigInt(at)] : []));
          const stored = whole.some((byte) => byte !== 0);
          expect(hits.map((hit) => hit.start)).toEqual(stored ? expected : []);
        },
      ),
      { numRuns: 60 },
    );
  });
});
