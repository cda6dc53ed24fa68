import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoredText } from "../../base/stored-text.ts";
import { anyBlockBytes, anyBytes, anyGuid, anyText, anyTicks, anyU16, anyU32, guidOf } from "../../testing/arbitraries.ts";
import { goldenJson } from "../../testing/golden.ts";
import { goldenRegions, writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes } from "../../testing/worked-example.ts";
import { type CmvtContent, cmvtCodec } from "./cmvt.ts";
import type { UnusedRegion } from "./unused-region.ts";

const time = 638_000_000_000_000_000n;
const example: CmvtContent["passports"][0] = {
  passportId: exampleId,
  objectId: "11111111-2222-3333-4444-555555555555",
  frameworkId: 1,
  complianceStatus: 1,
  issuedUtcTicks: time,
  expiresUtcTicks: 0n,
  lastVerifiedUtcTicks: time,
  signature: Uint8Array.from({ length: 64 }, (_, index) => index),
  issuerId: StoredText.of("qa"),
  notes: StoredText.of("ok"),
};

describe("other regions reference 9", () => {
  const content: CmvtContent = { generation: 7, passportCount: 1, passports: [example] };
  const signature = Array.from({ length: 64 }, (_, index) => index.toString(16).padStart(2, "0")).join("");
  const block = exampleBlock(
    {
      0: "01 00 00 00",
      16: `${exampleIdBytes} 11111111 2222 3333 4444555555555555 01 00 01 00 00 00 b3 a6 9e a1 da 08 0000000000000000`,
      68: `00 00 b3 a6 9e a1 da 08 02 00 00 00 71 61 02 00 00 00 6f 6b ${signature}`,
    },
    "54 56 4d 43 07 00 00 00 c9 ae 32 4c b4 af e8 ec",
  );
  it("is written so", () => expect(cmvtCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(cmvtCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
});

describe("signatures", () => {
  const { inputs, sdk } = goldenJson("filled-cmvt-signed");
  const [region] = goldenRegions("filled-cmvt-signed").filter(({ tag }) => tag === "CMVT");
  const complianceKey = Uint8Array.from(Buffer.from(inputs.publicKeySpki, "hex"));
  it("verify as they do for the SDK", () => {
    const { content, problems = [] } = region ? cmvtCodec.read(region.blocks, { complianceKey }) : {};
    const passports = (content as CmvtContent).passports;
    const failing = new Set(problems.filter(({ rule }) => rule === "cmvt.signature-invalid").map(({ subject }) => subject));
    const verified = passports.map(({ signature }, index) => signature.some((byte) => byte !== 0) && !failing.has(`passport ${index}`));
    expect(verified).toEqual(sdk.verifySignature);
  });
  it("are not judged without the key", () => {
    const { problems = [] } = region ? cmvtCodec.read(region.blocks) : {};
    expect(problems.map(({ rule }) => rule)).toEqual(["cmvt.unsigned"]);
  });
});

describe("the SDK's reader", () => {
  const read = (texts: [issuerBytes: number, noteBytes: number][], blockBytes: number) => {
    const passports = texts.map(([issuerBytes, noteBytes], index) => ({
      ...example,
      passportId: guidOf(index + 1),
      issuerId: StoredText.of("x".repeat(issuerBytes)),
      notes: StoredText.of("x".repeat(noteBytes)),
    }));
    return cmvtCodec.read(writtenBlocks(cmvtCodec.write({ generation: 2, passportCount: texts.length, passports }, blockBytes), 64));
  };
  const bare = (count: number): [number, number][] => new Array(count).fill([0, 0]);
  it.each([
    ["blocks without room for another", bare(31), 4096, 0],
    ["room for one before a larger one", [...bare(29), [0, 256], ...bare(1)], 4096, 1],
    ["an empty first block of 512 bytes", new Array(5).fill([128, 230]), 512, 3],
  ] as [string, [number, number][], number, number][])("with %s loses as many as it finds phantoms", (_, texts, blockBytes, lost) => {
    const { content, sdkReads } = read(texts, blockBytes);
    const seen = sdkReads as { lostIndexes: number[]; phantomIndexes: number[] } | undefined;
    expect((content as CmvtContent).passports).toHaveLength(texts.length);
    expect(seen?.lostIndexes ?? []).toEqual(Array.from({ length: lost }, (_unused, index) => texts.length - lost + index));
    expect(seen?.phantomIndexes ?? []).toHaveLength(lost);
  });
});

const passport = fc.record({
  passportId: anyGuid.filter((id) => id !== guidOf(0)),
  objectId: anyGuid,
  frameworkId: anyU16,
  complianceStatus: anyU16,
  issuedUtcTicks: anyTicks,
  expiresUtcTicks: anyTicks,
  lastVerifiedUtcTicks: anyTicks,
  signature: anyBytes(64),
  issuerId: anyText(128),
  notes: anyText(256),
});
describeRegionProperties<CmvtContent | UnusedRegion>(cmvtCodec, {
  generated: fc
    .record({ passports: fc.array(passport, { minLength: 1, maxLength: 40, size: "max" }), generation: anyU32, blockBytes: anyBlockBytes })
    .map(({ passports, generation, blockBytes }) => ({
      content: { generation, passportCount: passports.length, passports },
      blockBytes,
    })),
  write: cmvtCodec.write,
});
