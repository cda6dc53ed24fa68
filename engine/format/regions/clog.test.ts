import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlockBytes, anyGuid, anyI64, anyTicks, anyU8, anyU32 } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId } from "../../testing/worked-example.ts";
import { type ClogContent, clogCodec } from "./clog.ts";
import type { UnusedRegion } from "./unused-region.ts";

const time = 638_000_000_000_000_000n;

describe("other regions reference 3", () => {
  const content: ClogContent = {
    generation: 7,
    groupCount: 1,
    groups: [
      {
        groupId: exampleId,
        currentTerm: 5n,
        committedIndex: 42n,
        appliedIndex: 40n,
        votedFor: "11111111-2222-3333-4444-555555555555",
        leaderId: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        memberCount: 5,
        lastHeartbeatUtcTicks: time,
        lastUpdatedUtcTicks: time + 1n,
      },
    ],
  };
  const block = exampleBlock(
    {
      0: "01 00 00 00",
      16: "33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff 05 00 00 00 00 00 00 00 2a 00 00 00 00 00 00 00",
      48: "28 00 00 00 00 00 00 00 11 11 11 11 22 22 33 33 44 44 55 55 55 55 55 55 aa aa aa aa bb bb cc cc",
      80: "dd dd ee ee ee ee ee ee 05 00 00 b3 a6 9e a1 da 08 01 00 b3 a6 9e a1 da 08",
    },
    "47 4f 4c 43 07 00 00 00 25 f8 9c 46 c1 af 1a 2a",
  );
  it("is written so", () => expect(clogCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(clogCodec.read(writtenBlocks([block], 64))).toMatchObject({ content, problems: [] }));
  it("says where each group lies", () =>
    expect(clogCodec.read(writtenBlocks([block])).places?.groups?.(0)).toEqual({ block: 0, start: 16, byteLength: 89 }));
});

const group = fc.record({
  groupId: anyGuid,
  currentTerm: anyI64,
  committedIndex: anyI64,
  appliedIndex: anyI64,
  votedFor: anyGuid,
  leaderId: anyGuid,
  memberCount: anyU8,
  lastHeartbeatUtcTicks: anyTicks,
  lastUpdatedUtcTicks: anyTicks,
});
describeRegionProperties<ClogContent | UnusedRegion>(clogCodec, {
  generated: fc
    .record({ groups: fc.array(group, { minLength: 1, maxLength: 140, size: "max" }), generation: anyU32, blockBytes: anyBlockBytes })
    .map(({ groups, generation, blockBytes }) => ({ content: { generation, groupCount: groups.length, groups }, blockBytes })),
  write: clogCodec.write,
});
