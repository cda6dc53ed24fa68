import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenBytes, goldenJson } from "../../testing/golden.ts";
import { inodeLayoutBlock, inodeLayoutDescriptor, planInodeLayout, sameInodeLayout } from "./inode-layout.ts";
import { modules } from "./modules.ts";

interface Vector {
  manifest: number;
  hex: string;
  fields: object;
}

const fieldOffsets = (manifest: number) =>
  Object.fromEntries(planInodeLayout(manifest).moduleFields.map((field) => [modules[field.moduleId]?.abbreviation, field.fieldOffset]));

describe("the inode layout descriptor", () => {
  it.each(
    (goldenJson("vectors-layout-descriptor").cases as Vector[]).map((vector) => [`0x${vector.manifest.toString(16)}`, vector] as const),
  )("of manifest %s is planned, written and read as by the SDK", (_, { manifest, hex, fields }) => {
    const planned = planInodeLayout(manifest);
    expect(toJson(planned)).toEqual(fields);
    expect(toHex(inodeLayoutDescriptor.encode(planned))).toBe(hex);
    expect(inodeLayoutDescriptor.decode(fromHex(hex))).toEqual(planned);
  });
  it("places fields as core reference 6.1 lists them", () => {
    expect(fieldOffsets(0x1c01)).toEqual({ SEC: 304, CMPR: 328 });
    expect(fieldOffsets(0x4_0c0f)).toEqual({ SEC: 304, CMPL: 328, INTL: 340, TAGS: 352, CMPR: 488 });
    expect(fieldOffsets(0x3404)).toEqual({ INTL: 304, CMPR: 316, QURY: 320 });
    expect(fieldOffsets(0x7_ffff)).toMatchObject({ REPL: 488, RAID: 496, STRM: 500, PRIV: 516, SUST: 518, TRNS: 522 });
  });
  it("grows from 320 bytes to 1216", () => {
    expect([0, 0x7_ffff, 0xffff_ffff].map((manifest) => planInodeLayout(manifest).inodeSize)).toEqual([320, 576, 1216]);
    expect(planInodeLayout(0xffff_ffff).paddingBytes).toBe(7);
  });
  it("stands at the start of a fresh inode table, sealed", () => {
    const block = goldenBytes("created-minimal-4k").subarray(11 * 4096, 12 * 4096);
    expect(inodeLayoutBlock.decode(block).layoutDescriptor).toEqual(planInodeLayout(0));
    expect(toHex(block.subarray(-16))).toBe("444f4e4901000000d2d22f44beb77ea5");
  });
  it("that counts more fields than there is room for is cut when shown and refused when strict", () => {
    const counted = fromHex("80013001023400000030011800010100");
    expect(inodeLayoutDescriptor.parse(counted)).toMatchObject({ moduleFieldCount: 2, moduleFields: [{ moduleId: 0 }] });
    expect(() => inodeLayoutDescriptor.decode(counted)).toThrowError(expect.objectContaining({ code: "COUNT_EXCEEDS_SPACE" }));
  });
  it("is the same as another only where every field is", () => {
    const [standard, minimal] = [planInodeLayout(0x1c01), planInodeLayout(0)];
    expect(sameInodeLayout(standard, planInodeLayout(0x0401))).toBe(true);
    expect(sameInodeLayout(standard, minimal)).toBe(false);
    expect(sameInodeLayout(standard, { ...standard, moduleFields: standard.moduleFields.map((field) => ({ ...field, flags: 2 })) })).toBe(
      false,
    );
  });
});
