import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import { checkVolume } from "../forensics/check.ts";
import { hasModule } from "../format/core/index.ts";
import { FaultyDevice } from "../testing/faulty-device.ts";
import { placeInodes } from "../testing/placed-inodes.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import { copyWithModule, planCopyWithModule } from "./copy-with-module.ts";

const uuid = "99999999-8888-4777-8666-555555555555";
const inputs = (module: string) => ({ module, uuid });

describe("copying a volume with one module more", () => {
  it.each([
    ["Snapshot", 1200n, 1200n],
    ["Streaming", 1200n, 1256n],
    ["Tags", 1110n, 1164n],
    ["Sustainability", 1110n, 1110n],
  ])("makes it longer for %s only where it must", async (module, before, after) => {
    const source = await volumeDevice({ totalBlocks: before });
    const bytes = source.bytes.slice();
    const plan = await planCopyWithModule(await openVolume(source), inputs(module), { now });
    const target = new MemoryDevice(new Uint8Array(0));
    await copyWithModule(source, target, plan, inputs(module), { now });
    expect(Buffer.compare(source.bytes, bytes)).toBe(0);
    const copy = await openVolume(target);
    expect([copy.totalBlocks, target.byteLength]).toEqual([after, plan.byteLength]);
    expect(copy.superblock).toMatchObject({ volumeUuid: uuid, freeBlocks: plan.freeBlocks.after });
    expect((await checkVolume(copy)).filter(({ severity }) => severity !== "info")).toEqual([]);
  });
  it("keeps every block of a file where it is, also where the end is in use", async () => {
    const source = await volumeDevice({ totalBlocks: 1300n });
    await placeInodes(source, [{ inode: 1, startBlock: 1290n, blockCount: 10 }]);
    const plan = await planCopyWithModule(await openVolume(source), inputs("Snapshot"), { now });
    const target = new MemoryDevice(new Uint8Array(0));
    await copyWithModule(source, target, plan, inputs("Snapshot"), { now });
    const copy = await openVolume(target);
    expect(hasModule(copy.superblock?.moduleManifest ?? 0, 12)).toBe(true);
    expect(Buffer.compare(target.bytes.subarray(1290 * 4096, 1300 * 4096), source.bytes.subarray(1290 * 4096))).toBe(0);
    expect((await checkVolume(copy)).filter(({ severity }) => severity !== "info")).toEqual([]);
  });
  it("refuses a source that changed since it was planned, and a copy that does not hold what was written", async () => {
    const source = await volumeDevice({ totalBlocks: 1200n });
    const plan = await planCopyWithModule(await openVolume(source), inputs("Snapshot"), { now });
    const empty = () => new MemoryDevice(new Uint8Array(0));
    await expect(copyWithModule(source, empty(), { ...plan, sequence: 7n }, inputs("Snapshot"), { now })).rejects.toMatchObject({
      code: "PLAN_STALE",
    });
    for (const kind of ["write", "sync"] as const) {
      const faulty = new FaultyDevice(empty(), { kind, nth: 1, forever: false });
      await expect(copyWithModule(source, faulty, plan, inputs("Snapshot"), { now })).rejects.toMatchObject({
        code: kind === "write" ? "DEVICE_WRITE_FAILED" : "DEVICE_SYNC_FAILED",
      });
    }
  });
  it("refuses what is active or cannot be stored", async () => {
    const volume = await openVolume(await volumeDevice({ profile: "standard", totalBlocks: 1500n }));
    await expect(planCopyWithModule(volume, inputs("Snapshot"), { now })).rejects.toMatchObject({ code: "MODULE_NOT_ADDABLE" });
    await expect(planCopyWithModule(volume, inputs("QuorumSeal"), { now })).rejects.toMatchObject({ code: "MODULE_NOT_STORABLE" });
  });
});
