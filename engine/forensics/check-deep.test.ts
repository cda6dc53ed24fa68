import { describe, expect, it } from "vitest";
import { soundPlaces, soundVolume } from "../testing/sound-volume.ts";

describe("a deep check", () => {
  it("names blocks of the data region that cannot be read, which a plain one does not look at", async () => {
    const image = await soundVolume();
    const block = soundPlaces.data + 300;
    image.unreadable.add(block);
    expect(await image.rules()).toEqual([]);
    const deep = await image.findings({ deep: true });
    expect(deep.map(({ rule, block: where, region }) => [rule, where, region])).toEqual([
      ["device.unreadable-block", BigInt(block), "DATA"],
    ]);
  });
  it("gives findings of the rules asked for alone", async () => {
    const image = await soundVolume();
    image.superblock((value) => (value.modifiedTimestampUtc = 1n));
    image.log((header) => (header.isClean = false));
    const findings = await image.findings({ rules: ["wal.not-clean"] });
    expect(findings.map(({ rule }) => rule)).toEqual(["wal.not-clean"]);
  });
});
