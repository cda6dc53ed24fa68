import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { goldenBytes, goldenDevice } from "../testing/golden.ts";
import { openVolume } from "../volume/open.ts";
import { readRecovery } from "../volume/recovery.ts";
import { applyPlan } from "./operation.ts";
import { recoverVolume } from "./recover.ts";
import { repair } from "./repair/repair.ts";
import { resize } from "./resize.ts";
import { setLabel } from "./set-label.ts";

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
  it("writes nothing to a volume behind a preamble", async () => {
    const inner = goldenBytes("wal-cut-after-07-committed");
    const bytes = new Uint8Array(8192 + inner.length);
    bytes.set(new TextEncoder().encode("DWVD-BOO"));
    new DataView(bytes.buffer).setBigUint64(24, 8192n, true);
    bytes.set(inner, 8192);
    const device = new MemoryDevice(bytes.slice());
    expect(await readRecovery(await openVolume(device))).toMatchObject({ action: "replay" });
    await expect(recoverVolume(device)).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    const resized = resize.plan(await openVolume(device), { blocks: 1500n }, { now: 1n });
    await expect(resized).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    const repaired = repair.plan(await openVolume(device), { risk: "dangerous" }, { now: 1n });
    await expect(repaired).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    const label = await setLabel.plan(await openVolume(new MemoryDevice(goldenBytes("created-minimal-4k"))), { label: "x" }, { now: 1n });
    await expect(applyPlan(device, label)).rejects.toMatchObject({ code: "VOLUME_READ_ONLY" });
    expect(Buffer.compare(device.bytes, bytes)).toBe(0);
  });
});
