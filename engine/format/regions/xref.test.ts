import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoredText } from "../../base/stored-text.ts";
import { anyBlockBytes, anyGuid, anyI64, anyText, anyTicks, anyU8, anyU16, anyU32, guidOf } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes } from "../../testing/worked-example.ts";
import type { UnusedRegion } from "./unused-region.ts";
import { type XrefContent, xrefCodec, xrefCodecOf, xrefLayout } from "./xref.ts";

const time = 638_000_000_000_000_000n;
const [ones, letters] = ["11111111-2222-3333-4444-555555555555", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"];

const examples: [section: string, content: XrefContent, block: Uint8Array][] = [
  [
    "5",
    {
      layout: "references",
      generation: 7,
      referenceCount: 1,
      references: [
        {
          referenceId: exampleId,
          sourceVdeId: ones,
          targetVdeId: letters,
          sourceInodeNumber: 1n,
          targetInodeNumber: 2n,
          referenceType: 3,
          createdUtcTicks: time,
        },
      ],
    },
    exampleBlock(
      {
        0: "01 00 00 00",
        16: `${exampleIdBytes} 11111111222233334444555555555555 aaaaaaaabbbbccccddddeeeeeeeeeeee 01`,
        72: "02 00 00 00 00 00 00 00 03 00 00 00 b3 a6 9e a1 da 08",
      },
      "46 45 52 58 07 00 00 00 de 08 41 e7 e3 c7 78 19",
    ),
  ],
  [
    "6.1",
    {
      layout: "federation",
      generation: 7,
      geoRegionCount: 1,
      federationEntryCount: 1,
      localRegionId: 9,
      geoRegions: [{ regionId: 9, regionName: StoredText.of("eu"), latitude: 50, longitude: 8.5 }],
      entries: [
        {
          vdeId: exampleId,
          geoRegionId: 9,
          namespacePath: StoredText.of("dw://ab"),
          lastSeenUtcTicks: time,
          latencyMs: 12,
          replicaCount: 3,
          status: 1,
        },
      ],
    },
    exampleBlock(
      {
        0: "01 00 00 00 01 00 00 00 09 00 00 00 00 00 00 00 09 00 02 00 65 75 00 00 00 00 00 00 49 40 00 00",
        32: "00 00 00 00 21 40 33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff 09 00 07 00 64 77 3a 2f 2f 61",
        64: "62 00 00 b3 a6 9e a1 da 08 0c 00 03 01",
      },
      "46 45 52 58 07 00 00 00 14 95 34 83 47 f1 ea a5",
    ),
  ],
  [
    "6.2",
    {
      layout: "separation",
      generation: 7,
      assignmentCount: 1,
      assignments: [{ vdeId: exampleId, role: 1, priority: 0, capacityBlocks: 1000n, usedBlocks: 10n, isReadOnly: true }],
    },
    exampleBlock(
      { 0: "01 00 00 00", 16: `${exampleIdBytes} 01 00 e8 03 00 00 00 00 00 00 0a 00 00 00 00 00 00 00 01 00` },
      "46 45 52 58 07 00 00 00 14 eb 89 42 5c 98 68 15",
    ),
  ],
];

describe.each(examples)("other regions reference %s", (_, content, block) => {
  it("is written so", () => expect(xrefCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(xrefCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
});

const anyId = anyGuid.filter((id) => id !== guidOf(0));
const reference = (strict: boolean) =>
  fc.record({
    referenceId: strict ? anyId : anyGuid,
    sourceVdeId: anyGuid,
    targetVdeId: anyGuid,
    sourceInodeNumber: anyI64,
    targetInodeNumber: anyI64,
    referenceType: strict ? fc.integer({ min: 0, max: 3 }) : anyU16,
    createdUtcTicks: strict ? anyTicks.filter((ticks) => ticks > 0n) : anyTicks,
  });
const references = (strict: boolean): fc.Arbitrary<XrefContent> =>
  fc
    .record({ records: fc.array(reference(strict), { minLength: 1, maxLength: 120, size: "max" }), generation: anyU32 })
    .map(({ records, generation }) => ({ layout: "references", generation, referenceCount: records.length, references: records }));
const assignment = (strict: boolean) =>
  fc.record({
    vdeId: strict ? anyId : anyGuid,
    role: strict ? fc.integer({ min: 0, max: 3 }) : anyU8,
    priority: anyU8,
    capacityBlocks: anyI64,
    usedBlocks: anyI64,
    isReadOnly: fc.boolean(),
  });
const separation = (strict: boolean): fc.Arbitrary<XrefContent> =>
  fc
    .record({ assignments: fc.array(assignment(strict), { minLength: 1, maxLength: 240, size: "max" }), generation: anyU32 })
    .map(({ assignments, generation }) => ({ layout: "separation", generation, assignmentCount: assignments.length, assignments }));
const region = fc.record({
  regionId: anyU16,
  regionName: anyText(32),
  latitude: fc.double({ noNaN: true }),
  longitude: fc.double({ noNaN: true }),
});
const entry = fc.record({
  vdeId: anyId,
  geoRegionId: anyU16,
  namespacePath: anyText(256),
  lastSeenUtcTicks: anyTicks,
  latencyMs: anyU16,
  replicaCount: anyU8,
  status: anyU8,
});
const federation: fc.Arbitrary<XrefContent> = fc
  .record({
    geoRegions: fc.array(region, { maxLength: 60 }),
    entries: fc.array(entry, { minLength: 1, maxLength: 40, size: "max" }),
    localRegionId: anyU16,
    generation: anyU32,
  })
  .map(({ geoRegions, entries, localRegionId, generation }) => ({
    layout: "federation",
    generation,
    geoRegionCount: geoRegions.length,
    federationEntryCount: entries.length,
    localRegionId,
    geoRegions,
    entries,
  }));
const sized = (content: fc.Arbitrary<XrefContent>) => fc.record({ content, blockBytes: anyBlockBytes });

describeRegionProperties<XrefContent | UnusedRegion>(xrefCodec, {
  generated: sized(fc.oneof(references(true), separation(true), federation)),
  write: xrefCodec.write,
});
describe("a known layout", () => {
  describeRegionProperties<XrefContent | UnusedRegion>(xrefCodecOf("references"), {
    generated: sized(references(false)),
    write: xrefCodec.write,
  });
  describeRegionProperties<XrefContent | UnusedRegion>(xrefCodecOf("separation"), {
    generated: sized(separation(false)),
    write: xrefCodec.write,
  });
  describeRegionProperties<XrefContent | UnusedRegion>(xrefCodecOf("federation"), {
    generated: sized(federation),
    write: xrefCodec.write,
  });
});

describe("telling the layouts apart (6.3)", () => {
  const layoutOf = (content: XrefContent, change: (blocks: Uint8Array[]) => void = () => undefined) => {
    const blocks = xrefCodec.write(content, 4096);
    change(blocks);
    return xrefLayout(writtenBlocks(blocks, 64));
  };
  it.each([1, 2, 5, 9, 10, 30, 112, 113])("a separation of %i volumes is none of references", (count) => {
    const assignments = Array.from({ length: count }, (_, index) => ({
      vdeId: guidOf(index + 1),
      role: 0,
      priority: 0,
      capacityBlocks: 1000n,
      usedBlocks: 0n,
      isReadOnly: false,
    }));
    expect(layoutOf({ layout: "separation", generation: 2, assignmentCount: count, assignments })).toBe("separation");
  });
  it("a federation of regions alone is seen by its regions", () => {
    const geoRegions = [{ regionId: 0, regionName: StoredText.of("local"), latitude: 50, longitude: 8.5 }];
    const content: XrefContent = {
      layout: "federation",
      generation: 2,
      geoRegionCount: 1,
      federationEntryCount: 0,
      localRegionId: 0,
      geoRegions,
      entries: [],
    };
    expect(layoutOf(content)).toBe("federation");
  });
  it("references with a damaged record stay references", () => {
    const [, content] = examples[0] as (typeof examples)[0];
    expect(layoutOf(content, ([first]) => first?.fill(0xff, 16, 90))).toBe("references");
  });
});
