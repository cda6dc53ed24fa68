import { describe, expect, it } from "vitest";
import { moduleConfigs } from "../format/core/index.ts";
import { creationProfiles, findProfile } from "./creation-profiles.ts";
import { planLayout } from "./layout-plan.ts";

/** Core reference 1.6: manifest, ModuleConfig, ModuleConfigExt, block size, inode size, its padding. */
const table: Record<string, [number, bigint, bigint, number, number, number]> = {
  minimal: [0x0, 0x0n, 0x0n, 4096, 320, 16],
  standard: [0x1c01, 0x0001_2200_0000_0002n, 0x0n, 4096, 384, 52],
  enterprise: [0x4_0c0f, 0x0000_2200_0000_3233n, 0x100n, 4096, 512, 20],
  "max-security": [0x7_ffff, 0xffff_ffff_ffff_ffffn, 0xfffn, 4096, 576, 53],
  analytics: [0x3404, 0x0021_0300_0000_0200n, 0x0n, 65_536, 384, 60],
};

describe("the creation profiles", () => {
  it("are those of core reference 1.6 that can be created", () => {
    const found = creationProfiles.map(({ name, manifest, levels, blockBytes }) => {
      const { moduleConfig, moduleConfigExt } = moduleConfigs(levels);
      const { inodeBytes, inodePaddingBytes } = planLayout({ manifest, blockBytes, totalBlocks: 65_536n });
      return [name, [manifest, moduleConfig, moduleConfigExt, blockBytes, inodeBytes, inodePaddingBytes]];
    });
    expect(Object.fromEntries(found)).toEqual(table);
  });
  it.each(["MaxSecurity", "max-security", "MAX SECURITY", "max_security"])("are found by name as people write it: %s", (name) =>
    expect(findProfile(name)?.manifest).toBe(0x7_ffff),
  );
  it.each(["EdgeIoT", "custom", ""])("do not include %j", (name) => expect(findProfile(name)).toBeUndefined());
});

describe("the layout of a profile in core reference 1.6", () => {
  const placed = (manifest: number) =>
    planLayout({ manifest, blockBytes: 4096, totalBlocks: 65_536n })
      .regions.filter((region) => region.startBlock >= 10n)
      .map(({ name, startBlock, blockCount }) => `${name} ${startBlock}+${blockCount}`);
  it("places Minimal's regions", () =>
    expect(placed(0)).toEqual(["AllocationBitmap 10+3", "InodeTable 13+1024", "MetadataWAL 1037+328", "DataRegion 1365+64171"]));
  it("places Standard's regions", () =>
    expect(placed(0x1c01)).toEqual([
      "PolicyVault 10+2",
      "EncryptionHeader 12+2",
      "AllocationBitmap 14+3",
      "InodeTable 17+1024",
      "MetadataWAL 1041+328",
      "DictionaryRegion 1369+64",
      "IntegrityTree 1433+64",
      "SnapshotTable 1497+64",
      "DataRegion 1561+63975",
    ]));
});
