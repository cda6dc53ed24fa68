import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../base/bytes.ts";
import { toJson } from "../../base/json.ts";
import { goldenJson } from "../../testing/golden.ts";
import {
  compactInode,
  extendedInode,
  extentFlag,
  inodeExtent,
  inodeV2,
  isEmptyExtent,
  moduleFieldName,
  moduleInodeField,
  readModuleFields,
} from "./inode.ts";
import { planInodeLayout } from "./inode-layout.ts";
import { findModule, modules } from "./modules.ts";

interface Vector {
  what?: string;
  hex: string;
  fields?: Record<string, unknown>;
  exception?: string;
  rewrittenHex?: string;
}
const vectors = <Shape extends Vector>(name: string) =>
  (goldenJson(name).cases as Shape[]).map((vector, index) => [vector.what ?? `vector ${index}`, vector] as const);
const withoutReserved = (value: Record<string, unknown>) => {
  const { reserved: _, reservedTail: __, padding: ___, ...rest } = value;
  return rest;
};
const startsAsRefusal = (field: string) =>
  expect.objectContaining({ code: "VALUE_OUT_OF_RANGE", data: expect.objectContaining({ field }) });

describe("an inode extent", () => {
  const extents = vectors<Vector & { isEmpty: boolean; isSparse: boolean; isShared: boolean; raidTopology: number }>("vectors-extents");
  it.each(extents.filter(([, vector]) => vector.fields))("reads as the SDK reads it and encodes back: %s", (_, vector) => {
    const extent = inodeExtent.decode(fromHex(vector.hex));
    expect(toJson(extent)).toEqual(vector.fields);
    expect(toHex(inodeExtent.encode(extent))).toBe(vector.hex);
    expect([isEmptyExtent(extent), (extent.flags & extentFlag.hole) !== 0, (extent.flags & extentFlag.sharedCow) !== 0]).toEqual([
      vector.isEmpty,
      vector.isSparse,
      vector.isShared,
    ]);
    const topology = ["", "Mirror", "EC 2+1", "EC 4+2", "EC 8+3"][vector.raidTopology] ?? `topology ${vector.raidTopology}`;
    expect(inodeExtent.annotate(fromHex(vector.hex)).find((row) => row.path === "flags")?.text).toContain(topology);
  });
  it.each(extents.filter(([, vector]) => vector.exception))(
    "is refused where the SDK refuses it, and shown all the same: %s",
    (_, { hex }) => {
      expect(() => inodeExtent.decode(fromHex(hex))).toThrowError(expect.objectContaining({ code: "VALUE_OUT_OF_RANGE" }));
      expect(toHex(inodeExtent.encode(inodeExtent.parse(fromHex(hex))))).toBe(hex);
      expect(inodeExtent.annotate(fromHex(hex)).filter((row) => row.problem)).toHaveLength(1);
    },
  );
  it("is the example of core reference 6.6", () => {
    const extent = { startBlock: 1365n, blockCount: 8, flags: 5, logicalOffset: 32_768n };
    expect(toHex(inodeExtent.encode(extent))).toBe("550500000000000008000000050000000080000000000000");
  });
});

describe("an InodeV2", () => {
  const inodes = vectors<Vector & { manifest: number }>("vectors-inode-v2");
  const kindOf = (manifest: number) => {
    const { inodeSize, paddingBytes } = planInodeLayout(manifest);
    return inodeV2(inodeSize, paddingBytes);
  };
  it.each(inodes)("reads as the SDK reads it: %s", (_, { manifest, hex, fields = {} }) => {
    const { moduleFields, ...core } = fields;
    expect(toJson(kindOf(manifest).parse(fromHex(hex)))).toMatchObject(core);
    if (moduleFields)
      expect(toJson(withoutReservedEverywhere(readModuleFields(fromHex(hex), planInodeLayout(manifest))))).toEqual(moduleFields);
  });
  it.each(inodes)("encodes back to the same bytes, also those that the SDK would drop: %s", (_, { manifest, hex }) => {
    const kind = kindOf(manifest);
    expect(toHex(kind.encode(kind.parse(fromHex(hex))))).toBe(hex);
  });
  it.each(inodes.filter(([, vector]) => vector.exception))("is refused where the SDK refuses it: %s", (_, { manifest, hex }) => {
    expect(() => kindOf(manifest).decode(fromHex(hex))).toThrowError(startsAsRefusal("i64 little-endian"));
  });
  it.each(inodes.filter(([, vector]) => vector.rewrittenHex))("without its reserved bytes is what the SDK writes: %s", (_, vector) => {
    const kind = kindOf(vector.manifest);
    const value = withoutReserved(kind.parse(fromHex(vector.hex))) as ReturnType<typeof kind.parse>;
    expect(toHex(kind.encode(value))).toBe(vector.rewrittenHex);
  });
  it.each(inodes.filter(([what]) => /accepted/.test(what)))(
    "beyond its ranges is refused by a strict reader alone: %s",
    (_, { manifest, hex }) => {
      expect(() => kindOf(manifest).decode(fromHex(hex))).toThrowError(expect.objectContaining({ code: "VALUE_OUT_OF_RANGE" }));
    },
  );
});

const withoutReservedEverywhere = (fields: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? value : withoutReserved(value as Record<string, unknown>),
    ]),
  );

describe("what a module keeps in an inode", () => {
  const structs = (goldenJson("vectors-module-structs").cases as { struct: string; hex: string; fields: object }[]).filter(({ struct }) =>
    findModule(struct),
  );
  it("is recorded for four modules", () => expect(new Set(structs.map((each) => each.struct)).size).toBe(4));
  it.each(structs.map((each) => [each.struct, each] as const))("reads as the SDK reads %s", (name, { hex, fields }) => {
    const id = findModule(name)?.id ?? -1;
    expect(moduleFieldName(id)).toBe(name);
    const layout = {
      ...planInodeLayout(0),
      moduleFields: [{ moduleId: id, fieldOffset: 0, fieldSize: hex.length / 2, fieldVersion: 1, flags: 1 }],
    };
    expect(toJson(withoutReservedEverywhere(readModuleFields(fromHex(hex), layout)))).toEqual({ [name]: fields });
  });
  it("takes the bytes that the registry says", () => {
    for (const module of modules) expect(moduleInodeField(module.id, module.inodeBytes).byteLength, module.name).toBe(module.inodeBytes);
  });
  it("is bytes where the descriptor gives another size than the structure's", () => {
    const layout = { ...planInodeLayout(0), moduleFields: [{ moduleId: 5, fieldOffset: 1, fieldSize: 3, fieldVersion: 1, flags: 1 }] };
    expect(readModuleFields(fromHex("00010203"), layout)).toEqual({ raid: fromHex("010203") });
  });
  it("is passed over where it lies outside the record", () => {
    const layout = { ...planInodeLayout(0), moduleFields: [{ moduleId: 5, fieldOffset: 318, fieldSize: 4, fieldVersion: 1, flags: 1 }] };
    expect(readModuleFields(new Uint8Array(320), layout)).toEqual({});
  });
});

describe("a CompactInode64", () => {
  const compact = vectors("vectors-compact-inode");
  it.each(compact.filter(([, vector]) => !vector.rewrittenHex))("reads as the SDK reads it and encodes back: %s", (_, { hex, fields }) => {
    expect(toJson(compactInode.decode(fromHex(hex)))).toEqual(fields);
    expect(toHex(compactInode.encode(compactInode.parse(fromHex(hex))))).toBe(hex);
  });
  it.each(compact.filter(([, vector]) => vector.rewrittenHex))(
    "is shown as stored where the SDK alters it on reading: %s",
    (_, { hex }) => {
      expect(compactInode.parse(fromHex(hex))).toMatchObject({ flags: 1, inlineDataSize: 200 });
      expect(() => compactInode.decode(fromHex(hex))).toThrowError(startsAsRefusal("u16 little-endian"));
      expect(toHex(compactInode.encode(compactInode.parse(fromHex(hex))))).toBe(hex);
    },
  );
});

describe("an ExtendedInode512", () => {
  const extended = vectors("vectors-extended-inode");
  it.each(extended)("reads as the SDK reads it and encodes back: %s", (_, { hex, fields }) => {
    expect(toJson(withoutReserved(extendedInode.parse(fromHex(hex))))).toEqual(fields);
    expect(toHex(extendedInode.encode(extendedInode.parse(fromHex(hex))))).toBe(hex);
  });
  it.each(extended.filter(([, vector]) => vector.rewrittenHex))("without its reserved bytes is what the SDK writes: %s", (_, vector) => {
    const value = withoutReserved(extendedInode.parse(fromHex(vector.hex))) as ReturnType<typeof extendedInode.parse>;
    expect(toHex(extendedInode.encode(value))).toBe(vector.rewrittenHex);
  });
  it("takes 512 bytes", () => expect(extendedInode.byteLength).toBe(512));
});
