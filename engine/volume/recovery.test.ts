import { describe, expect, it } from "vitest";
import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { replayImages } from "../journal/metadata-log.ts";
import { judgeRecovery } from "../journal/recovery.ts";
import { goldenDevice, goldenJson, goldenNames } from "../testing/golden.ts";
import { patchedDevice } from "../testing/patched-device.ts";
import { openVolume } from "./open.ts";
import { readRecovery } from "./recovery.ts";

/** SHA-256 of a whole device. */
async function hashOf(device: BlockDevice): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let at = 0n; at < device.byteLength; at += 1_048_576n) {
    const part = new Uint8Array(1_048_576);
    parts.push(part.subarray(0, await device.read(at, part)));
  }
  return toHex(checksum.sha256OfParts(parts));
}

const pending = goldenNames(/./, { ending: ".dwvd.gz" }).filter((name) => goldenJson(name).expect.recovery?.state === "pending-committed");

describe("a pending transaction", () => {
  it.each(pending)("of %s gives the golden's bytes when it is replayed", async (name) => {
    const device = await goldenDevice(name);
    const volume = await openVolume(device);
    const images = replayImages(volume.log?.state?.entries ?? []);
    const replayed = await patchedDevice(device, new Map([...images].map(([block, image]) => [block * BigInt(volume.blockBytes), image])));
    const { recovery } = goldenJson(name).expect;
    expect(await hashOf(replayed)).toBe(recovery.afterReplaySha256 ?? recovery.ifReplayedSha256);
    const after = await openVolume(replayed);
    expect((await readRecovery(after))?.state).toBe("pending-committed");
  });
});

describe("a transaction without a superblock", () => {
  it("is replayed only where each target holds its image or a torn write", async () => {
    const device = await goldenDevice("wal-cut-after-07-committed");
    const volume = await openVolume(device);
    const { log } = volume;
    if (log?.state?.state !== "pending-committed") throw new TypeError("the golden has a pending transaction");
    const onlyBitmap = { ...log.state, entries: log.state.entries.filter((entry) => entry.targetBlock === 10n) };
    const image = onlyBitmap.entries[0]?.image;
    const read = (of: (block: bigint) => Promise<Uint8Array | undefined>) => judgeRecovery(onlyBitmap, of);
    expect(await read((block) => volume.reader.read(block))).toMatchObject({ supersedeCheck: "noSuperblockEntry", action: "ask" });
    expect(await read(async (block) => (block === 10n ? image : volume.reader.read(block)))).toMatchObject({ action: "replay" });
    const torn = async (block: bigint) => {
      const stored = await volume.reader.read(block);
      if (block === 10n && stored) stored[700] = 0x55;
      return stored;
    };
    expect(await read(torn)).toMatchObject({ action: "replay" });
  });
});

describe("a log on a device that became shorter", () => {
  it("is read as far as it is there", async () => {
    const device = await goldenDevice("wal-cut-after-07-committed");
    await device.resize(4_243_456n + 4116n * 3n);
    const recovery = await readRecovery(await openVolume(device));
    expect(recovery).toMatchObject({ state: "uncommitted", validEntriesAtTail: expect.any(Number) });
  });
});
