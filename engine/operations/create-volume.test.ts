import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SparseDevice } from "../device/sparse-device.ts";
import { findModule } from "../format/core/index.ts";
import { goldenBytes, goldenJson, goldenNames } from "../testing/golden.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import { openVolume } from "../volume/open.ts";
import { applyCreateVolume, type CreateVolumeInputs, planCreateVolume } from "./create-volume.ts";

function inputsOf(name: string): CreateVolumeInputs {
  const { inputs, expect: expected } = goldenJson(name);
  return {
    manifest: inputs.moduleManifest,
    levels: new Map(
      Object.entries(inputs.levels as Record<string, number>).map(([module, level]) => [findModule(module)?.id ?? -1, level]),
    ),
    blockBytes: inputs.blockSize,
    totalBlocks: BigInt(inputs.totalBlocks),
    label: "",
    uuid: expected.superblock.volumeUuid,
    now: BigInt(expected.superblock.createdTimestampUtc),
    logCreated: new Map(
      (expected.regions as { tag: string; content?: { header?: { createdTimestampUtc: string } } }[]).flatMap((region) =>
        region.content?.header ? [[region.tag, BigInt(region.content.header.createdTimestampUtc)] as const] : [],
      ),
    ),
  };
}

/** What the SDK's creator gets wrong, and why these images are refused instead. */
const refused: Record<string, string> = {
  "created-overrun-max-security-1024": "the regions run past the end of the volume",
  "created-overrun-minimal-64": "the regions run past the end of the volume",
  "created-overrun-standard-1024": "the regions run past the end of the volume",
};

describe("creating a volume", () => {
  const names = goldenNames(/^created-/, { ending: ".dwvd.gz" });
  it.each(names.filter((name) => !refused[name]))("gives the SDK's bytes for the inputs of %s", async (name) => {
    const device = new SparseDevice(0n);
    await applyCreateVolume(device, planCreateVolume(inputsOf(name)));
    const expected = goldenBytes(name);
    const bytes = new Uint8Array(expected.length);
    expect(device.byteLength).toBe(BigInt(expected.length));
    await device.read(0n, bytes);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(goldenJson(name).file.sha256);
  });
  it.each(Object.entries(refused))("refuses %s: %s", (name) => {
    expect(() => planCreateVolume(inputsOf(name))).toThrowError(expect.objectContaining({ code: "VOLUME_TOO_SMALL" }));
  });
  it("names the smallest number of blocks that would do, and takes it", async () => {
    const inputs = { ...inputsOf("created-minimal-4k"), totalBlocks: 1099n };
    expect(() => planCreateVolume(inputs)).toThrowError(expect.objectContaining({ data: expect.objectContaining({ needed: 1100n }) }));
    expect(planCreateVolume({ ...inputs, totalBlocks: 1100n }).dataBlocks).toBe(1n);
  });
  it.each([512, 2048, 5000, 131_072])("refuses a block size of %i", (blockBytes) => {
    expect(() => planCreateVolume({ ...inputsOf("created-minimal-4k"), blockBytes })).toThrowError(
      expect.objectContaining({ code: "BLOCK_SIZE_UNSUPPORTED" }),
    );
  });
  it("refuses levels past 15, modules past 31 and labels past 64 bytes", () => {
    const inputs = inputsOf("created-minimal-4k");
    expect(() => planCreateVolume({ ...inputs, levels: new Map([[0, 16]]) })).toThrowError(
      expect.objectContaining({ code: "MODULE_LEVEL_OUT_OF_RANGE" }),
    );
    expect(() => planCreateVolume({ ...inputs, levels: new Map([[32, 1]]) })).toThrowError(
      expect.objectContaining({ code: "MODULE_NOT_STORABLE" }),
    );
    expect(() => planCreateVolume({ ...inputs, label: "ü".repeat(33) })).toThrowError(
      expect.objectContaining({ code: "LABEL_TOO_LONG", data: { bytes: 66, most: 64 } }),
    );
  });
  it("marks every metadata block allocated where the SDK's creator stops at the first bitmap block", async () => {
    const device = new SparseDevice(0n);
    const plan = planCreateVolume({ ...inputsOf("created-max-security-4k"), totalBlocks: 1_200_000n });
    expect(plan.metadataBlocks).toBeGreaterThan(32_640n);
    await applyCreateVolume(device, plan);
    const summary = await AllocationBitmap.of(await openVolume(device))?.summarise(1_200_000n);
    expect(summary).toMatchObject({
      allocatedBlocks: plan.metadataBlocks,
      bitsPastEnd: 0n,
      allocatedRanges: [{ startBlock: 0n, blockCount: plan.metadataBlocks }],
    });
  });
  it("is no volume until block 0 is written, and stops when cancelled", async () => {
    const device = new SparseDevice(0n);
    const plan = planCreateVolume(inputsOf("created-standard-4k"));
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 8 && stop.abort();
    await expect(applyCreateVolume(device, plan, { signal: stop.signal, onProgress })).rejects.toMatchObject({ name: "AbortError" });
    const first = new Uint8Array(4096);
    await device.read(0n, first);
    expect(first.every((byte) => byte === 0)).toBe(true);
  });
});
