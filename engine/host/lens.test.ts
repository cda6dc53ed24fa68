import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import { readUpTo } from "../device/block-device.ts";
import { OverlayDevice } from "../device/index.ts";
import { recoverVolume } from "../operations/recover.ts";
import { goldenDevice } from "../testing/golden.ts";
import { openVolume } from "../volume/open.ts";
import { OpenVolume } from "./open-volume.ts";
import { describeOverview } from "./overview.ts";

async function withVolume(golden: string, act: (opened: OpenVolume, device: BlockDevice) => Promise<void>): Promise<void> {
  const device = await goldenDevice(golden);
  const opened = await OpenVolume.open({ key: golden, name: golden, folder: "", device }, () => {});
  try {
    await act(opened, device);
  } finally {
    await opened.close();
  }
}

describe("what is shown of a volume", () => {
  it("is as after replay while a transaction waits for one, and as stored when that is asked for", async () => {
    await withVolume("wal-cut-after-09-directory-slots-applied", async (opened, device) => {
      const before = await readUpTo(device, 0n, Number(device.byteLength));
      const recovered = new OverlayDevice(await goldenDevice("wal-cut-after-09-directory-slots-applied"));
      await recoverVolume(recovered);
      const expected = await openVolume(recovered);
      expect(opened.lens).toBe("replay");
      expect(opened.lenses).toEqual(["stored", "replay"]);
      expect(opened.volume.superblock).toEqual(expected.superblock);
      expect(opened.volume.superblock).not.toEqual(opened.stored.volume.superblock);
      expect(await describeOverview(opened)).toMatchObject({ lens: "replay", pending: { action: "replay" } });
      expect(opened.row.state).not.toBe("sound");

      await opened.show("stored");
      expect(opened.volume).toBe(opened.stored.volume);
      expect(await describeOverview(opened)).toMatchObject({ lens: "stored", pending: { action: "replay" } });
      expect(await readUpTo(device, 0n, Number(device.byteLength))).toEqual(before);
    });
  });
  it.each(["wal-mixed-transactions", "wal-cut-after-03-entries", "wal-cut-after-14-header-lost", "created-minimal-4k"])(
    "of %s is what is stored, as nothing is to be replayed without a question",
    (golden) => withVolume(golden, async (opened) => expect(opened.lens).toBe("stored")),
  );
  it("can be what a replay would give where the user has to decide on it", async () => {
    await withVolume("wal-mixed-transactions", async (opened) => {
      await opened.show("replay");
      expect(opened.lens).toBe("replay");
      expect(opened.volume.log?.state?.state).toBe("none");
    });
  });
  it("is never through a lens that is not offered", async () => {
    await withVolume("created-minimal-4k", async (opened) => {
      await expect(opened.show("replay")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    });
  });
});
