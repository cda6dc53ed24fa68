import { describe, expect, it } from "vitest";
import { checksum } from "../../base/checksum.ts";
import { RecordingDevice } from "../../device/crash-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { modules } from "../../format/core/index.ts";
import { now, volumeDevice } from "../../testing/small-volume.ts";
import { openVolume } from "../../volume/open.ts";
import { addModule } from "../add-module.ts";
import { applyPlan } from "../operation.ts";
import { compareStrategies } from "./compare-strategies.ts";

const compare = async (device: Awaited<ReturnType<typeof volumeDevice>>, id: number) => {
  const module = modules[id];
  if (!module) throw new TypeError("there is such a module");
  return compareStrategies(await openVolume(device), module, { now });
};

describe("the strategies for adding a module", () => {
  it.each([
    [12, "region", ["region", "copy"]],
    [5, "padding", ["padding", "migrate", "copy"]],
    [3, "migrate", ["migrate", "copy"]],
    [30, "padding", ["padding", "copy"]],
  ])("for module %i recommend %s", async (id, recommended, available) => {
    const rows = await compare(await volumeDevice({ totalBlocks: 1600n }), id);
    expect(rows.map(({ strategy }) => strategy)).toEqual(["region", "padding", "migrate", "copy"]);
    expect(rows.filter((row) => row.recommended).map(({ strategy }) => strategy)).toEqual([recommended]);
    expect(rows.filter((row) => row.available).map(({ strategy }) => strategy)).toEqual(available);
    for (const row of rows) expect([row.available, row.bytesWritten !== undefined]).toEqual([row.reasons.length === 0, row.available]);
  });
  it("tell exactly what would be written, and write nothing themselves", async () => {
    const device = await volumeDevice({ totalBlocks: 1600n });
    const hash = checksum.sha256(device.bytes);
    for (const [id, strategy] of [
      [6, "padding"],
      [12, "region"],
      [3, "migrate"],
    ] as const) {
      const row = (await compare(device, id)).find((each) => each.strategy === strategy);
      const recorder = new RecordingDevice(new OverlayDevice(device));
      await applyPlan(recorder, await addModule.plan(await openVolume(device), { module: modules[id]?.name ?? "", strategy }, { now }));
      const written = recorder.events.reduce((sum, event) => sum + (event.kind === "write" ? event.bytes.length : 0), 0);
      const syncs = recorder.events.filter(({ kind }) => kind === "sync").length;
      expect([BigInt(written), syncs]).toEqual([row?.bytesWritten, row?.syncs]);
    }
    expect(Buffer.compare(checksum.sha256(device.bytes), hash)).toBe(0);
  });
  it("give every reason where nothing is open", async () => {
    const rows = await compare(await volumeDevice({ totalBlocks: 1100n }), 12);
    expect(rows.map(({ reasons }) => reasons)).toEqual([
      ["its regions take 64 blocks and 1 are free"],
      ["it keeps nothing in inodes, so there is nothing to claim", "its regions take 64 blocks and 1 are free"],
      ["it keeps nothing in inodes, so there is nothing to rewrite", "its regions take 64 blocks and 1 are free"],
      [],
    ]);
  });
});
