import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoredText } from "../../base/stored-text.ts";
import { anyGuid, anyI64, anyText, anyTicks, anyU16, anyU32, guidOf, newYear } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes, newYearBytes } from "../../testing/worked-example.ts";
import { type SnapContent, type Snapshot, snapCodec } from "./snap.ts";

const root: Snapshot = {
  snapshotId: exampleId,
  parentSnapshotId: guidOf(0),
  createdUtcTicks: newYear,
  inodeTableBlockOffset: 100n,
  inodeTableBlockCount: 10n,
  dataBlockCount: 5000n,
  flags: 4,
  label: StoredText.of("v1.0"),
};

describe("core regions reference 3.8", () => {
  const content: SnapContent = { generation: 1, snapshotCount: 1, snapshots: [root] };
  const block = exampleBlock(
    {
      0: "01 00 00 00",
      16: `${exampleIdBytes} 00000000000000000000000000000000 ${newYearBytes} 6400000000000000 0A00000000000000 8813000000000000 04 00 04 00 76 31 2E 30`,
    },
    "50414E53 01000000 8B8BCC545C39A72E",
  );
  it("is written so", () => expect(snapCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(snapCodec.read(writtenBlocks([block]))).toMatchObject({ content, problems: [] }));
});

/** A table of `count` snapshots, each with a label of `labelBytes`. */
const uniform = (count: number, labelBytes: number): SnapContent => ({
  generation: 1,
  snapshotCount: count,
  snapshots: Array.from({ length: count }, (_, index) => ({
    ...root,
    snapshotId: guidOf(index + 1),
    parentSnapshotId: guidOf(index),
    label: StoredText.of("x".repeat(labelBytes)),
  })),
});
const readAs = (content: SnapContent) => snapCodec.read(writtenBlocks(snapCodec.write(content, 4096), 64));

describe("full blocks of a snapshot table (3.3)", () => {
  it.each([
    [30, 64, 0],
    [31, 64, 1],
    [61, 64, 1],
    [100, 64, 3],
    [59, 0, 0],
    [60, 0, 0],
    [500, 0, 0],
  ])("of %i snapshots with labels of %i bytes cost the SDK's reader %i", (count, labelBytes, lost) => {
    const { content, sdkReads, problems } = readAs(uniform(count, labelBytes));
    expect(content?.snapshots).toHaveLength(count);
    const ids = (sdkReads as { lostSnapshotIds: string[] } | undefined)?.lostSnapshotIds ?? [];
    expect(ids).toEqual(Array.from({ length: lost }, (_, index) => guidOf(count - lost + index + 1)));
    expect(problems.some(({ rule }) => rule === "snap.sdk-loses-entries")).toBe(lost > 0);
  });
  it("take a label that reaches into the trailer as the SDK's reader does (3.5)", () => {
    const [first] = snapCodec.write(uniform(59, 0), 4096);
    if (!first) throw new TypeError("a table has a block");
    new DataView(first.buffer).setUint16(16 + 58 * 68 + 66, 64, true);
    const read = snapCodec.read(writtenBlocks([first]));
    expect(read.problems.map(({ rule }) => rule)).toContain("snap.entry-broken");
  });
});

describe("a table of shared extents behind the snapshots (convention W16)", () => {
  const blocks = snapCodec.write(uniform(3, 4), 4096);
  const [sharing = new Uint8Array(4096)] = snapCodec.write(uniform(0, 0), 4096);
  sharing.set(Buffer.from("REFC"));
  it("is not taken for snapshots", () => {
    const read = snapCodec.read(writtenBlocks([...blocks, sharing]));
    expect(read.content?.snapshots).toHaveLength(3);
    expect(read.problems.map(({ rule }) => rule)).not.toContain("snap.entries-behind-table");
  });
  it("is shown as what it is", () => expect(snapCodec.structureOf(1, sharing).name).toBe("SharedExtentsChunk"));
});

const generated = fc
  .record({
    blockBytes: fc.constantFrom(512, 1024, 4096, 65_536),
    generation: anyU32,
    snapshots: fc.array(
      fc.record({
        // An id of zeros could be the zeros that the writer leaves at the end of a block.
        snapshotId: anyGuid.filter((id) => id !== guidOf(0)),
        parentSnapshotId: anyGuid,
        createdUtcTicks: anyTicks,
        inodeTableBlockOffset: anyI64,
        inodeTableBlockCount: anyI64,
        dataBlockCount: anyI64,
        flags: anyU16,
        label: anyText(64),
      }),
      { maxLength: 200 },
    ),
  })
  // An empty table of generation 1 is what the creator formats, and reads as never used.
  .filter(({ generation, snapshots }) => generation !== 1 || snapshots.length > 0)
  .map(({ blockBytes, generation, snapshots }) => ({ blockBytes, content: { generation, snapshotCount: snapshots.length, snapshots } }));
describeRegionProperties(snapCodec, { generated, write: snapCodec.write });
