import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { anyBytes, anyGuid, anyTicks, anyU16, anyU32, newYear } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes, newYearBytes } from "../../testing/worked-example.ts";
import { type PolvContent, policyVaultSeal, polvCodec } from "./polv.ts";

const key = Uint8Array.from({ length: 32 }, (_, index) => index);
/** The blocks of a vault that is sealed with the key. */
const sealed = (content: Omit<PolvContent, "hmac">, blockBytes = 4096): Uint8Array[] => {
  const [first = new Uint8Array(blockBytes)] = polvCodec.write({ ...content, hmac: new Uint8Array(32) }, blockBytes);
  return polvCodec.write({ ...content, hmac: policyVaultSeal(key, first) }, blockBytes);
};

describe("core regions reference 5.7", () => {
  const content = {
    generation: 1,
    policyCount: 1,
    policies: [
      {
        policyId: exampleId,
        policyType: 0x0074,
        version: 1,
        createdUtcTicks: newYear,
        modifiedUtcTicks: newYear,
        dataLength: 1,
        data: Uint8Array.of(4),
      },
    ],
  };
  const blocks = [
    exampleBlock(
      { 0: `01000000 ${exampleIdBytes} 7400 0100 ${newYearBytes} ${newYearBytes} 01000000 04` },
      "564C4F50 01000000 6D087DCF23F26E0B",
    ),
    exampleBlock({ 0: "A1F9FE88E6FA25761D5A2811DA958150FCA5930A76AF1B6B991C5D0A34FD4B86" }, "564C4F50 01000000 861A83FFB0DC8E4E"),
  ];
  it("is written so", () => expect(sealed(content)).toEqual(blocks));
  it("is read so", () => expect(polvCodec.read(writtenBlocks(blocks), { policyVaultKey: key })).toMatchObject({ content, problems: [] }));
  it("of an empty vault has the seal that is stated", () => {
    const [, second] = sealed({ generation: 1, policyCount: 0, policies: [] });
    expect(toHex(second?.slice(0, 32) ?? new Uint8Array(0))).toBe("461bd0e88e4848b75e11ea7646eb4681a6e59b6eaffbe089201372d82b03fc6a");
  });
});

describe("a policy vault (5.1)", () => {
  const policies = (count: number, dataBytes: number) =>
    Array.from({ length: count }, () => ({
      policyId: exampleId,
      policyType: 1,
      version: 1,
      createdUtcTicks: 0n,
      modifiedUtcTicks: 0n,
      dataLength: dataBytes,
      data: new Uint8Array(dataBytes),
    }));
  it.each([
    [101, 0],
    [1, 4036],
    [39, 64],
  ])("of 4096 bytes holds %i policies of %i bytes and no more", (count, dataBytes) => {
    const vault = { generation: 1, policyCount: count, policies: policies(count, dataBytes) };
    expect(polvCodec.read(writtenBlocks(sealed(vault))).content?.policies).toHaveLength(count);
    expect(() => sealed({ ...vault, policies: policies(count + 1, dataBytes) })).toThrow(RangeError);
  });
});

const generated = fc
  .record({
    blockBytes: fc.constantFrom(512, 4096, 65_536),
    generation: anyU32,
    hmac: anyBytes(32),
    policies: fc.array(
      fc.record({
        policyId: anyGuid,
        policyType: fc.oneof(anyU16, fc.constantFrom(0x0074, 0x0003)),
        version: anyU16,
        createdUtcTicks: anyTicks,
        modifiedUtcTicks: anyTicks,
        data: fc.uint8Array({ maxLength: 200 }),
      }),
      { maxLength: 40 },
    ),
  })
  .map(({ blockBytes, generation, hmac, policies }) => {
    let left = blockBytes - 16 - 4;
    const fitting = policies.filter(({ data }) => {
      if (data.length + 40 > left) return false;
      left -= data.length + 40;
      return true;
    });
    const stored = fitting.map((policy) => ({ ...policy, dataLength: policy.data.length }));
    return { blockBytes, content: { generation, policyCount: stored.length, policies: stored, hmac } };
  });
describeRegionProperties(polvCodec, { generated, write: polvCodec.write });
