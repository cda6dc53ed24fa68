import { describe, expect, it } from "vitest";
import { goldenDevice } from "../../testing/golden.ts";
import { annotateBlock } from "../block-view.ts";
import { openVolume } from "../open.ts";

describe("a block of a log", () => {
  it("shows the records that begin, go on and end in it, with the fields of the images", async () => {
    const volume = await openVolume(await goldenDevice("wal-cut-after-14-header-lost"));
    const first = volume.log?.region.startBlock ?? 0n;
    const rowsOf = async (block: bigint) => annotateBlock(volume, block, await volume.requireBlock(block));
    const begins = await rowsOf(first + 1n);
    expect(begins[0]).toMatchObject({ path: "entry10.targetBlock", text: expect.stringContaining("10") });
    expect(begins.some((row) => row.path.startsWith("entry10.image."))).toBe(true);
    const second = await rowsOf(first + 2n);
    expect(second[0]).toMatchObject({ path: "entry10.image.trailer.generationNumber" });
    expect(second.some((row) => row.path === "entry8.targetBlock")).toBe(true);
    expect(second.some((row) => row.path.startsWith("entry8.image.slots[1]"))).toBe(true);
    const all = [];
    for (let block = first + 1n; block < first + 8n; block++) all.push(...(await rowsOf(block)));
    expect(all.some((row) => row.text.endsWith("(goes on in the next block)"))).toBe(true);
    expect(all.some((row) => row.text.endsWith("(goes on from the block before)"))).toBe(true);
    const seventh = await rowsOf(first + 7n);
    expect(seventh.map((row) => row.path)).toEqual(
      expect.arrayContaining(["entry4.checksum", "commit1.kind", "commit1.sequence", "completion1.checksum", "noRecord"]),
    );
    expect(seventh.at(-1)).toMatchObject({ path: "noRecord", text: "zero" });
  });
  it("says where bytes are no whole record", async () => {
    const volume = await openVolume(await goldenDevice("wal-torn-entry"));
    const first = volume.log?.region.startBlock ?? 0n;
    const all = [];
    for (let block = first + 1n; block < first + 8n; block++)
      all.push(...(await annotateBlock(volume, block, await volume.requireBlock(block))));
    expect(all.some((row) => row.path === "noRecord" && row.text.includes("no whole record"))).toBe(true);
  });
  it("is not longer to read in a longer log", async () => {
    const device = await goldenDevice("added-twelve-log-wrapped");
    const volume = await openVolume(device);
    const first = volume.log?.region.startBlock ?? 0n;
    const bytes = await volume.requireBlock(first + 20n);
    let read = 0;
    const original = device.read.bind(device);
    device.read = async (start, into, signal) => {
      read += into.length;
      return original(start, into, signal);
    };
    await annotateBlock(volume, first + 20n, bytes);
    expect(read).toBeLessThanOrEqual(5 * volume.blockBytes);
  });
});
