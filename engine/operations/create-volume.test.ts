import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SparseDevice } from "../device/sparse-device.ts";
import { isEngineError } from "../errors/engine-error.ts";
import { findModule, walHeader } from "../format/core/index.ts";
import { goldenBytes, goldenJson, goldenNames } from "../testing/golden.ts";
import { AllocationBitmap } from "../volume/bitmap.ts";
import { openVolume } from "../volume/open.ts";
import { applyCreateVolume, type CreateVolumeInputs, planCreateVolume } from "./create-volume.ts";
import { hashOfRun } from "./fresh-content.ts";

function inputsOf(name: string): CreateVolumeInputs {
  const { inputs, expect: expected } = goldenJson(name);
  return {
    manifest: inputs.moduleManifest,
    levels: new Map(
      Object.entries((inputs.levels ?? {}) as Record<string, number>).map(([module, level]) => [findModule(module)?.id ?? -1, level]),
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
  const expectBytesOf = async (name: string, inputs: CreateVolumeInputs) => {
    const device = new SparseDevice(0n);
    await applyCreateVolume(device, planCreateVolume(inputs));
    const { file } = goldenJson(name);
    expect(device.byteLength).toBe(BigInt(file.bytes));
    const bytes = new Uint8Array(file.bytes);
    await device.read(0n, bytes);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(file.sha256);
  };
  it.each(names.filter((name) => !refused[name]))("gives the SDK's bytes for the inputs of %s", (name) =>
    expectBytesOf(name, inputsOf(name)),
  );
  it("gives the SDK's bytes for formatted-other-regions, whose log times stand in the image alone", async () => {
    const name = "formatted-other-regions";
    const image = goldenBytes(name);
    const slots = goldenJson(name).expect.regionDirectory.slots as { tag: string; startBlock: number }[];
    const logCreated = new Map(
      slots
        .filter(({ tag }) => tag === "MWAL" || tag === "DWAL")
        .map(({ tag, startBlock }) => [tag, walHeader.parse(image.subarray(startBlock * 4096)).createdTimestampUtc] as const),
    );
    await expectBytesOf(name, { ...inputsOf(name), logCreated });
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
  it("gives the blocks of core reference 11", async () => {
    const inputs = { ...inputsOf("created-minimal-4k"), uuid: "00112233-4455-6677-8899-aabbccddeeff", now: 638_400_000_000_000_000n };
    const { logCreated: _, ...example } = inputs;
    const device = new SparseDevice(0n);
    await applyCreateVolume(device, planCreateVolume({ ...example, totalBlocks: 2048n }));
    const first = new Uint8Array(12 * 4096);
    await device.read(0n, first);
    expect(createHash("sha256").update(first).digest("hex")).toBe("9ae8c8ceb1408550727f6f14f0cb3b366d7c1d0cbf3d608ce36905fb2413f30a");
  });
  it("refuses what makes the SDK's creator fail, before anything is written", () => {
    const codes = (goldenJson("create-failures").cases as { what: string; inputs: Record<string, unknown> }[]).map(({ what, inputs }) => {
      const levels = Object.entries(inputs.levels as Record<string, number>).map(
        ([module, level]) => [findModule(module)?.id ?? -1, level] as const,
      );
      try {
        planCreateVolume({
          ...inputsOf("created-minimal-4k"),
          manifest: inputs.moduleManifest as number,
          blockBytes: inputs.blockSize as number,
          totalBlocks: BigInt(inputs.totalBlocks as number),
          levels: new Map(levels),
        });
      } catch (error) {
        return [what, isEngineError(error) ? error.code : error];
      }
      return [what, "planned"];
    });
    expect(Object.fromEntries(codes)).toEqual({
      "EdgeIoT profile: 512-byte blocks": "BLOCK_SIZE_UNSUPPORTED",
      "1024-byte blocks": "BLOCK_SIZE_UNSUPPORTED",
      "2048-byte blocks": "BLOCK_SIZE_UNSUPPORTED",
      "block size 256: below the minimum": "BLOCK_SIZE_UNSUPPORTED",
      "block size 5000: no power of two": "BLOCK_SIZE_UNSUPPORTED",
      "block size 131072: above the maximum": "BLOCK_SIZE_UNSUPPORTED",
      "63 blocks: below the minimum": "VOLUME_TOO_SMALL",
      "configuration level 16": "MODULE_LEVEL_OUT_OF_RANGE",
    });
  });
  it.each(Array.from({ length: 7 }, (_, index) => 32 + index))(
    "refuses a manifest with module %i, which the SDK would drop or alias",
    (id) => {
      expect(() => planCreateVolume({ ...inputsOf("created-minimal-4k"), manifest: 2 ** id + 1 })).toThrowError(
        expect.objectContaining({ code: "MODULE_NOT_STORABLE", data: expect.objectContaining({ id }) }),
      );
    },
  );
  it("refuses more bytes than ExpectedFileSize can hold", () => {
    expect(() => planCreateVolume({ ...inputsOf("created-minimal-4k"), totalBlocks: 2n ** 52n })).toThrowError(
      expect.objectContaining({ code: "VOLUME_TOO_LARGE" }),
    );
  });
  it("plans a run of blocks as one entry, hashed as a whole however long it is", async () => {
    const plan = planCreateVolume({ ...inputsOf("created-minimal-4k"), totalBlocks: 1025n * 32_640n });
    const bitmap = plan.blocks.find((run) => run.blockCount > 1n);
    expect(bitmap?.blockCount).toBe(1025n);
    if (!bitmap) return;
    const hash = createHash("sha256");
    for (let index = 0n; index < bitmap.blockCount; index++) hash.update(await bitmap.image(index));
    expect(await hashOfRun(bitmap, 4096)).toBe(hash.digest("hex"));
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
