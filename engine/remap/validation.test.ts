import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import { goldenBytes, goldenJson } from "../testing/golden.ts";
import { remapGoldens } from "../testing/remap-goldens.ts";
import { RemapImage, remapClock } from "../testing/remap-images.ts";
import { openRemap, type RemapDevice } from "./device.ts";
import { createFingerprint } from "./matching.ts";
import { planReassembly } from "./reassembly.ts";
import { matchDevices, validateRemap, validationLevels } from "./validation.ts";

const open = async (name: string): Promise<RemapDevice> => {
  const clock = goldenJson(name, "dm-remap").validationClock;
  const remap = await openRemap(new MemoryDevice(goldenBytes(name, "dm-remap")), { now: clock === undefined ? remapClock : BigInt(clock) });
  if (!remap) throw new TypeError(`${name} is not recognised`);
  return remap;
};

describe("the validation levels", () => {
  it.each([
    ["dmrm-a-valid5", ["OK", "OK", "OK", "OK"]],
    ["dmrm-c-four-corrupt", ["RECOVERABLE", "RECOVERABLE", "RECOVERABLE", "RECOVERABLE"]],
    ["dmrm-d-version-conflict", ["OK", "RECOVERABLE", "RECOVERABLE", "RECOVERABLE"]],
    ["dmrm-e-all-corrupt", ["RECOVERABLE", "CRC_MISMATCH", "CRC_MISMATCH", "CRC_MISMATCH"]],
    ["dmrm-h-other-version", ["VERSION_MISMATCH", "VERSION_MISMATCH", "VERSION_MISMATCH", "VERSION_MISMATCH"]],
    ["dmr4k-a-valid5", ["OK", "OK", "OK", "OK"]],
    ["dmr4k-e-all-corrupt", ["RECOVERABLE", "CRC_MISMATCH", "CRC_MISMATCH", "CRC_MISMATCH"]],
    ["dmr4s-a-script", ["OK", "OK", "OK", "OK"]],
    ["setup-a-hypothetical", ["OK", "OK", "OK", "OK"]],
  ])("of %s give %j", async (name, expected) => {
    const remap = await open(name);
    expect(validationLevels.map((level) => validateRemap(remap, level)?.result)).toEqual(expected);
  });
  it("find copies of one version that differ, places behind the end, and other devices", async () => {
    const at = async (image: MemoryDevice) => openRemap(image, { now: remapClock });
    const differing = await at(
      new RemapImage()
        .dmrm()
        .dmrm(({ target_config }) => Object.assign(target_config, { alert_threshold: 1 }), [4])
        .device(),
    );
    expect(differing && validateRemap(differing, "INTEGRITY")).toMatchObject({ result: "CONFLICT", code: 6 });
    const short = await at(new RemapImage().dmrm().device(4_000_000));
    expect(short && validateRemap(short, "BASIC")).toMatchObject({
      result: "INCOMPLETE",
      code: 5,
      copies: ["OK", "OK", "OK", "OK", "INCOMPLETE"],
    });
    const sound = await open("dmrm-a-valid5");
    expect(validateRemap(sound, "COMPLETE", [])).toMatchObject({ result: "DEVICE_MISMATCH", code: 3 });
  });
});

describe("matching and putting together", () => {
  const now = 1_770_000_000n;
  const candidate = (name: string, sectors: bigint, minor: number) => ({
    name,
    fingerprint: createFingerprint({ name, sectors, sectorBytes: 512, major: 8, minor }, now),
  });
  it("takes the best candidate for each stored device, and asks before it goes without a spare", async () => {
    const remap = await open("dmrm-d-version-conflict");
    const chosen = remap.find("DMRM")?.copies[2]?.value;
    if (!chosen) throw new TypeError("copy 2 is there");
    const candidates = [candidate("/dev/sdb", 1_953_525_168n, 16), candidate("/dev/sdz", 41_943_040n, 32)];
    const matches = matchDevices(chosen, candidates);
    expect(matches.map(({ role, slot, confidence, candidate: found }) => [role, slot, confidence, found?.name])).toEqual([
      ["main", undefined, 90, "/dev/sdb"],
      ["spare", 0, 75, "/dev/sdz"],
      ["spare", 1, 0, undefined],
      ["spare", 2, 0, undefined],
    ]);
    const plan = planReassembly(remap, matches);
    expect(plan.table?.line).toBe("0 1953525168 dm-remap-v4 /dev/sdb /dev/sdc");
    expect(plan.steps.map(({ state, title }) => [state, title])).toContainEqual(["open", "Rewrite copies 0, 1, 3, 4 from copy 2"]);
    expect(plan.steps).toContainEqual(expect.objectContaining({ state: "attention", title: "2 spares are missing" }));
    expect(plan.notes[0]).toContain("primary_spare_index says spare 1");
  });
  it("plans from script records as the scan does, and nothing where no copy is valid", async () => {
    const script = planReassembly(await open("dmr4s-a-script"));
    expect(script.table).toEqual({ name: "dm-remap-auto-N", line: "0 204800 dm-remap-v4 /dev/sdb /dev/sdc" });
    expect(planReassembly(await open("dmrm-e-all-corrupt")).steps[0]?.state).toBe("impossible");
    expect(planReassembly(await open("dmr4k-a-valid5")).table).toBeUndefined();
  });
});

describe("the meaning of every byte of a device", () => {
  it.each(remapGoldens(/./))("is told once, in any piece of %s", async (name) => {
    const remap = await open(name);
    const image = goldenBytes(name, "dm-remap");
    const pieces = fc.tuple(fc.nat(image.length - 1), fc.integer({ min: 1, max: 9000 }));
    fc.assert(
      fc.property(pieces, ([start, length]) => {
        const bytes = image.subarray(start, start + length);
        let next = BigInt(start);
        for (const row of remap.annotate(BigInt(start), bytes)) {
          expect(row.start).toBe(next);
          expect(row.end).toBeGreaterThan(row.start);
          next = row.end;
        }
        expect(next).toBe(BigInt(start + bytes.length));
      }),
      { numRuns: 40 },
    );
  });
  it("is that of the record where a record was written over a block", async () => {
    const remap = await open("dmr4k-c-mixed-script");
    const image = goldenBytes("dmr4k-c-mixed-script", "dm-remap");
    expect(remap.annotate(0n, image.subarray(0, 512)).map(({ path }) => path)).toContain("main_device_path");
    expect(remap.annotate(512n, image.subarray(512, 1024)).map(({ path }) => path)).toContain("remap_data.remaps[5].original_sector");
  });
});

describe("any bytes at the places of copies", () => {
  it("are judged, described and never thrown at", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4_200_000), fc.nat(255)), { maxLength: 40 }),
        fc.constantFrom(...remapGoldens(/./)),
        async (changes, name) => {
          const image = goldenBytes(name, "dm-remap");
          for (const [at, value] of changes) image[at % image.length] = value;
          for (const [at, value] of changes) image[at % 600] = value;
          const remap = await openRemap(new MemoryDevice(image), { now: remapClock });
          if (!remap) return;
          for (const level of validationLevels) validateRemap(remap, level, []);
          planReassembly(remap);
        },
      ),
      { numRuns: 25 },
    ));
});
