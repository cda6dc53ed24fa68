import { describe, expect, it } from "vitest";
import { describeBlockDevice } from "../testing/device-conformance.ts";
import { FaultyDevice } from "../testing/faulty-device.ts";
import { crashedDevice, crashStates, RecordingDevice } from "./crash-device.ts";
import { encodeOverlay, MemoryDevice, OverlayFile, OverlayFileDevice, ReadOnlyDevice } from "./index.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index >= 70_000 && index < 200_000 ? 0 : (index * 7) % 256));
const identity = (bytes: Uint8Array) => ({
  image: "disk.dwvd",
  byteLength: `${bytes.length}`,
  blockBytes: 4096,
  volumeId: "",
  firstBlockSha256: "",
});
const sideOf = (bytes: Uint8Array) => new MemoryDevice(encodeOverlay(identity(bytes)));
const block = (fill: number) => new Uint8Array(4096).fill(fill);

describeBlockDevice("an overlay in a file", async () => {
  const below = content.map((byte, index) => (index % 5000 < 3000 ? byte : 0xee));
  const device = new OverlayFileDevice(new MemoryDevice(below), await OverlayFile.open(sideOf(below)));
  for (let at = 0; at < content.length; at += 5000)
    await device.write(BigInt(Math.min(at + 3000, content.length)), content.subarray(at + 3000, at + 5000));
  return { device, content };
});
describeBlockDevice("an overlay in a file that is only read", async () => {
  const below = content.map((byte, index) => (index < 9000 ? byte : 0xee));
  const side = sideOf(below);
  const writer = new OverlayFileDevice(new MemoryDevice(below), await OverlayFile.open(side));
  await writer.write(9000n, content.subarray(9000));
  await writer.mark("{}");
  const device = new OverlayFileDevice(new MemoryDevice(below), await OverlayFile.open(new MemoryDevice(side.bytes, { writable: false })));
  return { device, content };
});

/** An overlay over four blocks of ones: two whole changes, then one that was cut off. */
async function changed() {
  const base = new MemoryDevice(new Uint8Array(4 * 4096).fill(1));
  const side = sideOf(base.bytes);
  const device = new OverlayFileDevice(base, await OverlayFile.open(side));
  await device.write(0n, block(2));
  await device.mark('{"change":1}');
  const first = side.bytes.length;
  await device.write(4096n, block(3));
  await device.write(0n, block(4));
  await device.mark('{"change":2}');
  const second = side.bytes.length;
  await device.write(8192n, block(5));
  return { base, side, first, second };
}
/** The first byte of each block. */
async function blocksOf(base: MemoryDevice, side: MemoryDevice, changes?: number): Promise<number[]> {
  const file = await OverlayFile.open(side);
  const device = new OverlayFileDevice(base, file, changes === undefined ? {} : { changes });
  const bytes = new Uint8Array(Number(device.byteLength));
  await device.read(0n, bytes);
  return Array.from({ length: bytes.length / 4096 }, (_, index) => bytes[index * 4096] ?? 0);
}

describe("the file of an overlay", () => {
  it("shows the image after each whole change, and leaves it alone", async () => {
    const { base, side } = await changed();
    expect(await blocksOf(base, side)).toEqual([4, 3, 1, 1]);
    expect([await blocksOf(base, side, 0), await blocksOf(base, side, 1)]).toEqual([
      [1, 1, 1, 1],
      [2, 1, 1, 1],
    ]);
    expect(base.bytes.every((byte) => byte === 1)).toBe(true);
    const file = await OverlayFile.open(side);
    expect([...file.covered(1)]).toEqual([0n]);
    expect(file.marks.map(({ document }) => document)).toEqual(['{"change":1}', '{"change":2}']);
  });
  it("drops what stands behind the last whole change, wherever it is cut", async () => {
    const { base, side, first, second } = await changed();
    for (let length = second; length <= side.bytes.length; length += 101)
      expect(await blocksOf(base, new MemoryDevice(side.bytes.slice(0, length)))).toEqual([4, 3, 1, 1]);
    for (let length = first; length < second; length += 101)
      expect(await blocksOf(base, new MemoryDevice(side.bytes.slice(0, length)))).toEqual([2, 1, 1, 1]);
  });
  it("takes a cut-off change's place with the next one, and never a part of it", async () => {
    const { base, side, second } = await changed();
    const device = new OverlayFileDevice(base, await OverlayFile.open(side));
    expect(side.bytes.length).toBe(second);
    await device.write(12_288n, block(6));
    await device.mark("{}");
    expect(await blocksOf(base, side)).toEqual([4, 3, 1, 6]);
  });
  it("tells damage from a change that was cut off", async () => {
    const { base, side, second } = await changed();
    for (let at = 0; at < second; at += 37) {
      const bytes = side.bytes.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      const opened = blocksOf(base, new MemoryDevice(bytes, { name: "damaged" }));
      // Without its mark the last change is one that was cut off.
      if (at > second - 60) expect(await opened).toEqual([2, 1, 1, 1]);
      else await expect(opened, `byte ${at}`).rejects.toMatchObject({ code: "OVERLAY_DAMAGED" });
    }
  });
  it("keeps the hash of what lay below when a block was covered first", async () => {
    const { side } = await changed();
    const file = await OverlayFile.open(side);
    const ones = new OverlayFileDevice(new MemoryDevice(new Uint8Array(4096).fill(1)), file);
    expect(await file.baseSha256(0n)).toEqual(await ones.hashBelow(0n));
  });
  it("is zero behind an end that it had once, and shows an image that became longer no further", async () => {
    const base = new MemoryDevice(new Uint8Array(4 * 4096).fill(1));
    const side = sideOf(base.bytes);
    const device = new OverlayFileDevice(base, await OverlayFile.open(side));
    await device.write(8192n, block(7));
    await device.resize(4096n + 10n);
    await device.mark("{}");
    await device.resize(5n * 4096n);
    await device.mark("{}");
    const whole = new Uint8Array(5 * 4096);
    expect(await device.read(0n, whole)).toBe(whole.length);
    expect(whole.indexOf(0)).toBe(4096 + 10);
    expect(whole.lastIndexOf(1)).toBe(4096 + 9);
    expect(whole.includes(7)).toBe(false);
    await base.resize(6n * 4096n);
    expect(await blocksOf(base, side)).toEqual([1, 1, 0, 0, 0]);
  });
  it("shows a reader what another adds", async () => {
    const { base, side } = await changed();
    const reader = new OverlayFileDevice(base, await OverlayFile.open(new ReadOnlyDevice(side)));
    const before = await reader.identify();
    const writer = new OverlayFileDevice(base, await OverlayFile.open(side));
    await writer.resize(5n * 4096n);
    await writer.write(4n * 4096n, block(9));
    await writer.mark("{}");
    expect((await reader.identify()).source).not.toBe(before.source);
    const into = new Uint8Array(1);
    await reader.read(4n * 4096n, into);
    expect([reader.byteLength, into[0]]).toEqual([5n * 4096n, 9]);
  });
  it("holds whole changes wherever the power fails", async () => {
    const base = new MemoryDevice(new Uint8Array(4 * 4096).fill(1));
    const start = sideOf(base.bytes);
    const recorder = new RecordingDevice(new MemoryDevice(start.bytes.slice()));
    const device = new OverlayFileDevice(base, await OverlayFile.open(recorder));
    for (const [change, fill] of [2, 3].entries()) {
      for (let at = 0n; at < 3n; at++) await device.write(at * 4096n + 100n, block(fill));
      await device.mark(`{"change":${change + 1}}`);
    }
    const seen = new Set<string>();
    for (const state of crashStates(recorder.events, { most: 2000, seed: 1 })) {
      const crashed = await crashedDevice(start, state);
      const bytes = new Uint8Array(Number(crashed.byteLength));
      await crashed.read(0n, bytes);
      seen.add((await blocksOf(base, new MemoryDevice(bytes))).join());
      const file = await OverlayFile.open(new MemoryDevice(bytes));
      const after = new Uint8Array(4096);
      await new OverlayFileDevice(base, file).read(4096n + 100n, after);
      expect(after, state.label).toEqual(block(file.marks.length + 1));
    }
    expect([...seen].sort()).toEqual(["1,1,1,1", "1,2,2,2", "1,3,3,3"]);
  });
  it("says what failed, and loses no whole change, when a write or sync fails", async () => {
    for (const kind of ["write", "short-write", "sync"] as const) {
      for (let nth = 1; nth < 8; nth++) {
        const { base, side } = await changed();
        const faulty = new FaultyDevice(side, { kind, nth, forever: false });
        const device = new OverlayFileDevice(base, await OverlayFile.open(faulty));
        const act = async () => {
          await device.write(0n, block(8));
          await device.sync();
          await device.write(4096n, block(8));
          await device.mark("{}");
        };
        const failure = await act().then(
          () => undefined,
          (error: { code?: string }) => error.code,
        );
        const found = await blocksOf(base, side);
        if (failure === undefined) expect(found).toEqual([8, 8, 1, 1]);
        else {
          expect(["DEVICE_WRITE_FAILED", "DEVICE_SYNC_FAILED"]).toContain(failure);
          // A mark whose sync failed may be there, whole.
          expect([[4, 3, 1, 1], ...(kind === "sync" ? [[8, 8, 1, 1]] : [])]).toContainEqual(found);
        }
      }
    }
  });
});
