import { describe, expect, it } from "vitest";
import { OverlayDevice } from "../device/overlay-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { goldenDevice } from "../testing/golden.ts";
import { openVolume } from "../volume/open.ts";
import { recoverVolume } from "./recover.ts";

const logFindings = async (device: OverlayDevice): Promise<string[]> =>
  (await checkVolume(await openVolume(device))).map(({ rule }) => rule).filter((rule) => /^mwal\./.test(rule));

describe("bringing the log of a golden to rest", () => {
  it.each(["wal-cut-after-03-entries", "wal-cut-after-06-before-commit", "wal-torn-commit", "wal-torn-entry", "wal-wrap-uncommitted"])(
    "passes by the unfinished transaction of %s once and leaves nothing of it",
    async (name) => {
      const device = new OverlayDevice(await goldenDevice(name));
      expect(await recoverVolume(device)).toEqual({ found: "uncommitted", done: ["discarded"] });
      expect(await logFindings(device)).toEqual([]);
      expect(await recoverVolume(device)).toEqual({ found: "none", done: [] });
    },
  );
  it.each(["wal-mixed-transactions", "wal-superseded-by-claim"])("asks about %s, and passes it by when told so", async (name) => {
    const device = new OverlayDevice(await goldenDevice(name));
    await expect(recoverVolume(device)).rejects.toMatchObject({ code: "VOLUME_NEEDS_RECOVERY" });
    expect(await recoverVolume(device, { decide: "discard" })).toEqual({ found: "pending-committed", done: ["discarded"] });
    expect(await logFindings(device)).toEqual([]);
  });
});
