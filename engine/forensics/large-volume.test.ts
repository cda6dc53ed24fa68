import { describe, expect, it } from "vitest";
import { SparseDevice } from "../device/sparse-device.ts";
import { goldenBytes } from "../testing/golden.ts";
import { openVolume } from "../volume/open.ts";
import { checkVolume } from "./check.ts";
import { inspectVolume } from "./inspect/inspect.ts";

describe("a device of 15 TiB that is mostly holes", () => {
  const byteLength = 15n * 2n ** 40n;

  it("is opened, inspected and checked without looking at the holes", { timeout: 20_000 }, async () => {
    const device = await SparseDevice.from([goldenBytes("created-minimal-4k")]);
    await device.resize(byteLength);
    const volume = await openVolume(device);
    expect(volume.fileBlocks).toBe(byteLength / 4096n);
    expect(await inspectVolume(volume)).toMatchObject({ schema: "blockscope.inspect/1", blockSize: 4096 });
    expect((await checkVolume(volume)).map((finding) => finding.rule)).toContain("file.longer");
  });
});
