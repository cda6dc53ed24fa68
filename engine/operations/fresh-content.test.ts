import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { FaultyDevice } from "../testing/faulty-device.ts";
import { filesOf, memorySource, someBytes } from "../testing/file-sources.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import type { ChangeSet, FreshRun } from "../volume/volume-edit.ts";
import { EarlyContent, hashOfRun, piecesOf } from "./fresh-content.ts";
import { importFiles } from "./import-files.ts";
import { type ApplyOptions, applyPlan } from "./operation.ts";
import { undoOperation } from "./undo.ts";
import { encodeUndoBundle, readUndoBundle } from "./undo-bundle.ts";

const blockBytes = 4096;
const step = (parts: Partial<ChangeSet>): { changes: ChangeSet } => ({
  changes: { images: [], fresh: [], freeBlocks: { before: 0n, after: 0n }, ...parts },
});
const run = (block: bigint, blockCount: bigint): FreshRun => ({ block, blockCount, reason: "", image: () => new Uint8Array(blockBytes) });
const image = (block: bigint) => ({ block, reason: "", before: new Uint8Array(blockBytes), after: new Uint8Array(blockBytes) });

describe("the pieces of a run", () => {
  const whole: FreshRun = {
    ...run(100n, 300n),
    image: (index) => new Uint8Array(blockBytes).fill(Number(index)),
    fill: async (index, into) => {
      for (let at = 0; at < into.length; at += blockBytes) into.fill(Number(index) + at / blockBytes, at, at + blockBytes);
    },
  };
  it("are all of it, in order, by either way to make them", async () => {
    const { fill: _, ...byImage } = whole;
    expect(await hashOfRun(whole, blockBytes)).toBe(await hashOfRun(byImage, blockBytes));
  });
  it("leave out those that are named", async () => {
    const blocks: bigint[] = [];
    for await (const { block, bytes } of piecesOf(whole, blockBytes, (first) => first === 228n)) {
      blocks.push(block);
      expect(bytes[0]).toBe(Number(block - 100n) & 0xff);
    }
    expect(blocks).toEqual([100n, 356n]);
  });
});

describe("content that is written while the undo bundle is made", () => {
  const piece = (block: bigint, blocks = 1) => ({ block, bytes: new Uint8Array(blocks * blockBytes).fill(7) });
  const written = async (content: EarlyContent, at: number, block: bigint, blocks = 1) => {
    await content.write(at, piece(block, blocks));
    return content.isWritten(at, block);
  };
  it("goes only to blocks that are free, inside the file and not written by an earlier step", async () => {
    const device = new OverlayDevice(await volumeDevice());
    const volume = await openVolume(device);
    const first = volume.dataRegion?.startBlock ?? 0n;
    const content = new EarlyContent(device, volume, [
      step({ images: [image(first + 3n)], fresh: [run(first, 3n)], released: [run(first + 10n, 2n)] }),
      step({}),
    ]);
    expect(await written(content, 0, first, 3)).toBe(true);
    expect(await written(content, 0, 8n)).toBe(false);
    expect(await written(content, 0, 1299n, 2)).toBe(false);
    expect(await written(content, 1, first + 2n)).toBe(false);
    expect(await written(content, 1, first + 2n, 9)).toBe(false);
    expect(await written(content, 1, first + 11n)).toBe(false);
    expect(await written(content, 1, first + 12n)).toBe(true);
    expect(await written(content, 0, volume.log?.region.startBlock ?? 0n)).toBe(false);
    expect(device.bytesWritten).toBe(4n * 4096n);
  });
  it("tells of a sync that failed while more was written", async () => {
    const device = new FaultyDevice(new OverlayDevice(await volumeDevice()), { kind: "sync", nth: 1, forever: false });
    const volume = await openVolume(device);
    const content = new EarlyContent(device, volume, [], blockBytes);
    await content.write(0, piece(volume.dataRegion?.startBlock ?? 0n));
    await expect(content.settle()).rejects.toMatchObject({ code: "DEVICE_SYNC_FAILED" });
  });
  it("reads its source once, and where free blocks hold something only once the bundle is whole", async () => {
    const files = [{ path: "/file", bytes: someBytes(400_000, 1) }];
    for (const old of [0, 0x5a]) {
      const device = await volumeDevice();
      const volume = await openVolume(device);
      const { startBlock, blockCount } = volume.dataRegion ?? { startBlock: 0n, blockCount: 0n };
      device.bytes.fill(old, Number(startBlock) * blockBytes, Number(startBlock + blockCount) * blockBytes);
      const before = device.bytes.slice();
      const source = memorySource(files);
      let read = 0;
      const plan = await importFiles.plan(
        await openVolume(device),
        {
          source: {
            ...source,
            read: (entry, start, into) => {
              read += into.length;
              return source.read(entry, start, into);
            },
          },
          to: "/",
        },
        { now: now + 1n },
      );
      const parts: Uint8Array[] = [];
      const phases = new Set<string>();
      let isUntouched = false;
      await applyPlan(device, plan, {
        saveUndo: async (_volume, _plan, options) => {
          for await (const part of encodeUndoBundle(volume, plan, "image", options)) parts.push(part);
          isUntouched = Buffer.compare(device.bytes, before) === 0;
          return "bundle";
        },
        onProgress: ({ phase, done, total }) => {
          phases.add(phase);
          expect(done).toBeLessThanOrEqual(total);
        },
      });
      expect([read, isUntouched]).toEqual(old === 0 ? [400_000, false] : [800_000, true]);
      expect([...phases]).toEqual(["Saving undo bundle", "Import 1 file and 0 folders"]);
      expect((await filesOf(device)).get("/file")).toEqual(Buffer.from(files[0]?.bytes ?? []));
      const bundle = await readUndoBundle(new MemoryDevice(new Uint8Array(Buffer.concat(parts))));
      await applyPlan(device, await undoOperation.plan(await openVolume(device), { bundle }, { now: now + 2n }));
      const [from, to] = [Number(startBlock) * blockBytes, Number(startBlock + blockCount) * blockBytes];
      expect(Buffer.compare(device.bytes.subarray(from, to), before.subarray(from, to))).toBe(0);
    }
  });
  it("ends where it is cancelled, before anything is committed", async () => {
    const device = await volumeDevice();
    const plan = await importFiles.plan(
      await openVolume(device),
      { source: memorySource([{ path: "/file", bytes: someBytes(600_000, 1) }]), to: "/" },
      { now: now + 1n },
    );
    const stop = new AbortController();
    const options: ApplyOptions = {
      signal: stop.signal,
      saveUndo: async (volume, _plan, bundle) => {
        for await (const _ of encodeUndoBundle(volume, plan, "image", bundle)) stop.abort();
        return "bundle";
      },
    };
    await expect(applyPlan(device, plan, options)).rejects.toMatchObject({ name: "AbortError" });
    expect((await filesOf(device)).size).toBe(0);
  });
});
