import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import { goldenBytes, goldenNames } from "../testing/golden.ts";
import { openVolume } from "./open.ts";

const blockBytes = 4096;
const sound = goldenNames(/^created-minimal/, { ending: ".dwvd.gz" })[0] ?? "";
const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const filled = (start: Uint8Array, byteLength = 65_536): Uint8Array => {
  const bytes = new Uint8Array(byteLength);
  bytes.set(start);
  return bytes;
};

/** A medium on which reads that touch one block fail. */
class FailingDevice extends MemoryDevice {
  readonly #badBlock: number;

  constructor(bytes: Uint8Array, badBlock: number) {
    super(bytes);
    this.#badBlock = badBlock;
  }

  override async read(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    const bad = BigInt(this.#badBlock * blockBytes);
    if (start < bad + BigInt(blockBytes) && start + BigInt(into.length) > bad)
      throw new EngineError("DEVICE_READ_FAILED", { path: this.name, at: start, byteLength: into.length, reason: "bad sector" });
    return super.read(start, into, signal);
  }
}

describe("opening what is no DWVD version 2 volume", () => {
  it.each([
    ["an empty file", new Uint8Array(0), /empty/],
    ["a file shorter than a block", text("DWVD"), /too few/],
    ["a version 1 container", filled(text("DVWD\u0001\u0000")), /version 1 container/],
    ["a version 1 header", filled(text("DWVD\u0001\u0000")), /version 1 header/],
    ["another format", filled(text("QFI\u00fb")), /51 46 49 fb/],
    ["zeros", new Uint8Array(65_536), /all zero/],
  ])("gives an unknown volume that says so: %s", async (_, bytes, found) => {
    const volume = await openVolume(new MemoryDevice(bytes));
    expect(volume.kind).toBe("unknown");
    expect(volume.findings.map((finding) => finding.rule)).toContain("volume.not-recognised");
    expect(volume.found).toMatch(found);
  });
});

describe("opening a volume", () => {
  it("at an offset finds the same volume as by itself", async () => {
    const bytes = goldenBytes(sound);
    const image = new Uint8Array(1_048_576 + bytes.length);
    image.set(bytes, 1_048_576);
    const inside = await openVolume(new MemoryDevice(image), { offset: 1_048_576n });
    const alone = await openVolume(new MemoryDevice(bytes));
    expect(inside.volumeOffset).toBe(1_048_576n);
    expect(inside.superblock).toEqual(alone.superblock);
    expect(inside.regions).toEqual(alone.regions);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])("goes on where block %i cannot be read, and names it", async (badBlock) => {
    const bytes = goldenBytes(sound);
    const volume = await openVolume(new FailingDevice(bytes, badBlock));
    const alone = await openVolume(new MemoryDevice(bytes));
    expect(volume.kind).toBe("dwvd");
    expect(volume.superblock?.volumeUuid).toBe(alone.superblock?.volumeUuid);
    expect(volume.regions).toEqual(alone.regions);
    expect(volume.judge(BigInt(badBlock), await volume.reader.read(BigInt(badBlock))).state).toBe("unread");
    const unread = volume.findings.filter((finding) => finding.rule === "device.unreadable-block");
    expect(unread.map((finding) => finding.block)).toEqual([BigInt(badBlock)]);
  });
});
