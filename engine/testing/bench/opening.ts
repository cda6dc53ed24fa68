import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileDevice } from "../../device/index.ts";
import { applyCreateVolume, planCreateVolume } from "../../operations/create-volume.ts";
import { openVolume } from "../../volume/open.ts";
import { type Figure, median, ratio } from "./measure.ts";

const sizes = [
  { name: "16 MiB", totalBlocks: 4096n },
  { name: "15 TiB", totalBlocks: 15n * 2n ** 28n },
];
const runs = 41;

/** Opening a small and a huge volume, against reading the ten head blocks with plain reads in the same run. */
export async function openingFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "blockscope-bench-"));
  try {
    const times: number[] = [];
    const figures: Figure[] = [];
    for (const { name, totalBlocks } of sizes) {
      const path = join(folder, name);
      closeSync(openSync(path, "w"));
      const device = await openFileDevice(path, { writable: true });
      const plan = planCreateVolume({
        manifest: 0x1c01,
        levels: new Map(),
        blockBytes: 4096,
        totalBlocks,
        label: "bench",
        uuid: "00112233-4455-6677-8899-aabbccddeeff",
        now: 638_400_000_000_000_000n,
      });
      // Bitmap blocks behind the first are left as holes: opening reads none of them, and half a gigabyte is saved.
      await applyCreateVolume(device, { ...plan, blocks: plan.blocks.map((run) => ({ ...run, blockCount: 1n })) });
      await device.close();
      const buffer = new Uint8Array(40_960);
      const native = await median(runs, () => {
        const descriptor = openSync(path, "r");
        readSync(descriptor, buffer, 0, buffer.length, 0);
        closeSync(descriptor);
      });
      const time = await median(runs, async () => {
        const opened = await openFileDevice(path);
        await openVolume(opened);
        await opened.close();
      });
      times.push(time);
      figures.push({ name: `open ${name}, against reading its head`, value: ratio(time, native) });
    }
    figures.push({ name: "open 15 TiB, against 16 MiB", value: ratio(times[1] ?? 0, times[0] ?? 1) });
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
