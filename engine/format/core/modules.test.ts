import { describe, expect, it } from "vitest";
import { fromHex, viewOf } from "../../base/bytes.ts";
import { goldenJson } from "../../testing/golden.ts";
import { tagText } from "./block-tags.ts";
import { findModule, hasModule, moduleConfigs, moduleLevel, moduleOfKind, modules, modulesOf, regionKind, regionTag } from "./modules.ts";

interface Row {
  id: number;
  name: string;
  abbreviation: string;
  blockTypeTags: number[];
  regionNames: string[];
  inodeFieldBytes: number;
}
const registry = goldenJson("table-modules").cases as Row[];

describe("the module registry", () => {
  it("is the SDK's, all 39 of it", () => {
    expect(modules.map(({ inodeBytes, ...module }) => ({ ...module, inodeFieldBytes: inodeBytes }))).toEqual(
      registry.map(({ id, name, abbreviation, blockTypeTags, regionNames, inodeFieldBytes }) => ({
        id,
        name,
        abbreviation,
        blockTypeTags: blockTypeTags.map(tagText),
        regionNames,
        inodeFieldBytes,
      })),
    );
  });
  it("finds a module by name or abbreviation in any case, names first", () => {
    expect(findModule("raid")?.id).toBe(5);
    expect(findModule("sec")?.name).toBe("Security");
    expect(findModule("Replication")?.id).toBe(4);
    expect(findModule("nothing")).toBeUndefined();
  });
  it("lists the modules of a manifest, and none past bit 31", () => {
    expect(modulesOf(0x1c01).map((module) => module.abbreviation)).toEqual(["SEC", "CMPR", "INTG", "SNAP"]);
    expect(modulesOf(0xffff_ffff)).toHaveLength(32);
    expect(hasModule(0xffff_ffff, 32)).toBe(false);
  });
  it("writes four regions under DATA and keeps their own kind (core reference 1.3)", () => {
    const names = ["ComplianceAuditLog", "WalSubscriberCursorTable", "ZnsZoneMapRegion", "OnlineOpsJournal"];
    expect(names.map(regionTag)).toEqual(["DATA", "DATA", "DATA", "DATA"]);
    expect(names.map(regionKind)).toEqual(["CMAL", "WALS", "ZNSM", "OPJR"]);
    expect(moduleOfKind("CMAL")?.name).toBe("Compliance");
  });
  it("has a kind of its own for every region of every module", () => {
    for (const module of modules)
      for (const [index, name] of module.regionNames.entries())
        expect(regionKind(name), name).toBe(module.name === "Streaming" ? ["STRE", "DWAL"][index] : module.blockTypeTags[index]);
  });
});

interface ConfigVector {
  struct: string;
  levels: Record<string, number>;
  hex: string;
  getAllLevels: Record<string, number>;
}

describe("module levels", () => {
  const vectors = (goldenJson("vectors-module-structs").cases as ConfigVector[]).filter((each) => each.struct === "moduleConfig");
  const levelsOf = (vector: ConfigVector) => new Map(Object.entries(vector.levels).map(([id, level]) => [Number(id), level]));
  const storable = vectors.filter((vector) => Object.keys(vector.levels).every((id) => Number(id) < 32));
  const aliased = vectors.filter((vector) => !storable.includes(vector));
  it.each(storable.map((vector) => [vector.hex, vector] as const))("are packed as the SDK packs %s", (_, vector) => {
    const view = viewOf(fromHex(vector.hex));
    expect(moduleConfigs(levelsOf(vector))).toEqual({
      moduleConfig: view.getBigUint64(0, true),
      moduleConfigExt: view.getBigUint64(8, true),
    });
  });
  it.each(vectors.map((vector) => [vector.hex, vector] as const))("are read from %s as far as the words reach", (_, vector) => {
    const view = viewOf(fromHex(vector.hex));
    const read = modules
      .slice(0, 32)
      .map(({ id }) => [`${id}`, moduleLevel(view.getBigUint64(0, true), view.getBigUint64(8, true), id)] as const)
      .filter(([, level]) => level > 0);
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(Object.entries(vector.getAllLevels).filter(([id]) => Number(id) < 32)));
  });
  it.each(aliased.map((vector) => [JSON.stringify(vector.levels), vector] as const))("are refused for modules past 31: %s", (_, vector) =>
    expect(() => moduleConfigs(levelsOf(vector))).toThrow(RangeError),
  );
  it("are refused past 15", () => expect(() => moduleConfigs(new Map([[0, 16]]))).toThrow(RangeError));
});
