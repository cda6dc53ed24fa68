import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import { goldenDifferences } from "../testing/compare-golden.ts";
import { goldenBytes, goldenJson } from "../testing/golden.ts";
import { remapGoldens } from "../testing/remap-goldens.ts";
import { openRemap } from "./device.ts";
import { remapDocument } from "./documents/document.ts";

/** What a golden says of how it was made, which no reader can know. */
const madeBy = new Set(["name", "description", "provenance", "imageCut", "validationClockNote", "damage", "by", "note"]);

const withoutMaking = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutMaking);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !madeBy.has(key))
      .map(([key, field]) => [key, withoutMaking(field)]),
  );
};

describe("golden dm-remap image", () => {
  it.each(remapGoldens(/./))("%s reads as recorded", async (name) => {
    const golden = goldenJson(name, "dm-remap");
    const image = goldenBytes(name, "dm-remap");
    const now = golden.validationClock === undefined ? undefined : BigInt(golden.validationClock);
    const remap = await openRemap(new MemoryDevice(image), { now });
    const document = remap && remapDocument(remap, image);
    expect(goldenDifferences(document, withoutMaking(golden))).toEqual([]);
    if (document?.imageSha256 !== undefined) expect(document.imageSha256).toBe(golden.imageSha256);
  });
});
