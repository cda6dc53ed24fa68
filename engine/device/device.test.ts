import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describeBlockDevice } from "../testing/device-conformance.ts";
import { MemoryDevice, OverlayDevice, openFileDevice, ReadOnlyDevice, RemoteDevice, SparseDevice, WindowDevice } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "blockscope-device-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index >= 70_000 && index < 200_000 ? 0 : (index * 7) % 256));
let files = 0;
function file(bytes: Uint8Array = content): string {
  const path = join(folder, `image-${files++}`);
  writeFileSync(path, bytes);
  return path;
}

describeBlockDevice("memory", async () => ({ device: new MemoryDevice(content.slice()), content }));
describeBlockDevice("sparse memory", async () => ({
  device: await SparseDevice.from([content.slice(0, 100_001), content.slice(100_001)]),
  content,
}));
describeBlockDevice("a file", async () => ({ device: await openFileDevice(file()), content }));
describeBlockDevice("a file opened for changes", async () => ({ device: await openFileDevice(file(), { writable: true }), content }));
describeBlockDevice("a read-only wrapper", async () => ({ device: new ReadOnlyDevice(new MemoryDevice(content.slice())), content }));
describeBlockDevice("a layer over another device", async () => {
  const below = new MemoryDevice(content.map((byte, index) => (index % 5000 < 3000 ? byte : 0xee)));
  const device = new OverlayDevice(below);
  for (let at = 0; at < content.length; at += 5000)
    await device.write(BigInt(Math.min(at + 3000, content.length)), content.subarray(at + 3000, at + 5000));
  return { device, content };
});
describeBlockDevice("a window", async () => ({
  device: new WindowDevice(new MemoryDevice(content.slice()), 1234n, 201_234n),
  content: content.slice(1234, 201_234),
}));
describeBlockDevice("a file that a page holds", async () => ({
  device: new RemoteDevice(
    { read: async (start, length) => content.slice(Number(start), Number(start) + length) },
    "dropped",
    BigInt(content.length),
  ),
  content,
}));

describe("a file device", () => {
  it("is read-only by the handle that the system gives, and changes neither content nor times", async () => {
    const path = file();
    utimesSync(path, 1000, 2000);
    const before = statSync(path, { bigint: true });
    const device = await openFileDevice(path);
    await device.read(0n, new Uint8Array(content.length));
    for await (const _ of device.extents(0n, device.byteLength)) await device.identify();
    if (process.platform === "linux") {
      const flags = execFileSync(
        "sh",
        [
          "-c",
          `for f in /proc/${process.pid}/fd/*; do [ "$(readlink $f)" = "${path}" ] && cat /proc/${process.pid}/fdinfo/$(basename $f); done; true`,
        ],
        { encoding: "utf8" },
      );
      expect(Number.parseInt(/flags:\s*(\d+)/.exec(flags)?.[1] ?? "3", 8) & 3).toBe(0);
    }
    await device.close();
    const after = statSync(path, { bigint: true });
    expect([after.mtimeNs, after.ctimeNs, after.size]).toEqual([before.mtimeNs, before.ctimeNs, before.size]);
    if (process.platform === "linux") expect(after.atimeNs).toBe(before.atimeNs);
    expect(new Uint8Array(readFileSync(path))).toEqual(content);
  });
  it("says what stands in the way, without waiting for it", async () => {
    await expect(openFileDevice(join(folder, "none"))).rejects.toMatchObject({ code: "DEVICE_NOT_FOUND" });
    await expect(openFileDevice(folder)).rejects.toMatchObject({ code: "DEVICE_NOT_SUPPORTED", data: { reason: "it is a folder" } });
    if (process.platform !== "win32") {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      await expect(openFileDevice(pipe)).rejects.toMatchObject({ code: "DEVICE_NOT_SUPPORTED" });
      await expect(openFileDevice("/dev/null")).rejects.toMatchObject({ code: "DEVICE_NOT_SUPPORTED" });
    }
  });
  it("keeps a second writer out and lets readers in", async () => {
    const path = file();
    const first = await openFileDevice(path, { writable: true });
    await expect(openFileDevice(path, { writable: true })).rejects.toMatchObject({ code: "DEVICE_LOCKED" });
    await (await openFileDevice(path)).close();
    await first.close();
    await (await openFileDevice(path, { writable: true })).close();
  });
  it("follows a file that changes its length under it", async () => {
    const path = file();
    const device = await openFileDevice(path);
    truncateSync(path, 1000);
    const into = new Uint8Array(2000);
    expect(await device.read(500n, into)).toBe(500);
    expect((await device.identify()).byteLength).toBe(1000n);
    expect(device.byteLength).toBe(1000n);
    await device.close();
  });
  it("reads the far end of a 15 TiB sparse file and tells its holes", async () => {
    const path = file(new Uint8Array(0));
    const bytes = 15 * 2 ** 40;
    truncateSync(path, bytes);
    const writer = await openFileDevice(path, { writable: true });
    await writer.write(BigInt(bytes) - 4096n, new Uint8Array(4096).fill(7));
    await writer.close();
    const device = await openFileDevice(path);
    const into = new Uint8Array(8);
    expect(await device.read(BigInt(bytes) - 4n, into)).toBe(4);
    expect(into[0]).toBe(7);
    const extents = [];
    for await (const extent of device.extents(0n, device.byteLength)) extents.push(extent);
    expect(extents.at(-1)?.end).toBe(BigInt(bytes));
    expect(extents.length).toBeLessThan(4);
    await device.close();
  });
});

/** Why no loop device can be had: a kernel may name a free one and still refuse to attach a file to it. */
function loopProblem(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  const attached = spawnSync("losetup", ["-f", "--show", file(content.slice(0, 4096))], { encoding: "utf8" });
  if (attached.status !== 0) return "no loop devices here";
  return spawnSync("losetup", ["-d", attached.stdout.trim()]).status === 0 ? undefined : "loop devices cannot be let go of here";
}
const loopReason = loopProblem();
describe.skipIf(loopReason)(`a loop device${loopReason ? ` (${loopReason})` : ""}`, () => {
  it("tells its size rightly and reads its content", async () => {
    const path = file(content.slice(0, 299_520));
    const loop = execFileSync("losetup", ["-f", "--show", path], { encoding: "utf8" }).trim();
    try {
      const device = await openFileDevice(loop);
      expect(device.kind).toBe("block-device");
      expect(device.byteLength).toBe(299_520n);
      const into = new Uint8Array(1000);
      expect(await device.read(299_000n, into)).toBe(520);
      expect(into.subarray(0, 520)).toEqual(content.slice(299_000, 299_520));
      await expect(device.write(0n, into)).rejects.toMatchObject({ code: "DEVICE_READ_ONLY" });
      await device.close();
    } finally {
      execFileSync("losetup", ["-d", loop]);
    }
  });
});
