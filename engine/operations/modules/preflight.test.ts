import { describe, expect, it } from "vitest";
import type { MemoryDevice } from "../../device/memory-device.ts";
import { clearBits, modules, planInodeLayout, sealBlock, setBits, superblock } from "../../format/core/index.ts";
import { goldenJson } from "../../testing/golden.ts";
import { volumeDevice } from "../../testing/small-volume.ts";
import { addedRegionBlocks } from "../../volume/layout-plan.ts";
import { openVolume } from "../../volume/open.ts";
import { readModuleFacts } from "./facts.ts";
import { listModules, preflight, reasonsAgainst } from "./preflight.ts";

interface Row {
  volume: string;
  totalBlocks: number;
  canAddTrue: number[];
  padding: { currentInodeSize: number; currentPaddingBytes: number; activeModules: number[]; fit: [number, number, boolean, number][] };
}
const golden: { regionBlocks: [number, number, number][]; volumes: Row[] } = goldenJson("preflight");
const bs = 4096;

const manifestOf = (ids: readonly number[]): number => ids.reduce((manifest, id) => (manifest | (1 << id)) >>> 0, 0);

/** Rewrites the bits of the one bitmap block; the counter of free blocks is not looked at. */
async function withBits(device: MemoryDevice, change: (payload: Uint8Array) => void): Promise<void> {
  const at = ((await openVolume(device)).findRegion("BMAP")?.startBlock ?? 0n) * BigInt(bs);
  const image = device.bytes.slice(Number(at), Number(at) + bs);
  change(image);
  await device.write(at, sealBlock(image, "BMAP", 1));
}

async function volumeOf({ volume, totalBlocks, padding }: Row): Promise<MemoryDevice | undefined> {
  if (volume.startsWith("fresh") && totalBlocks > 1099)
    return volumeDevice({ totalBlocks: BigInt(totalBlocks), manifest: manifestOf(padding.activeModules), levels: new Map() });
  const device = await volumeDevice({ totalBlocks: BigInt(totalBlocks || 4096) < 1100n ? 1100n : BigInt(totalBlocks || 4096) });
  const allSet = (payload: Uint8Array) => setBits(payload, 0, (bs - 16) * 8);
  if (volume.includes("every block of the volume allocated")) await withBits(device, (payload) => setBits(payload, 0, totalBlocks));
  else if (volume.includes("every payload bit set")) await withBits(device, allSet);
  else if (volume.includes("one free run of")) {
    const length = Number(/run of (\d+)/.exec(volume)?.[1]);
    await withBits(device, (payload) => {
      allSet(payload);
      clearBits(payload, 2000, 2000 + length);
    });
  } else if (volume.includes("one flipped bit")) device.bytes[200] = (device.bytes[200] ?? 0) ^ 1;
  else if (volume.includes("block 0 zeroed")) device.bytes.fill(0, 0, bs);
  else if (volume.includes("directory damaged")) device.bytes[8 * bs + 5] = 1;
  else if (volume.includes("slot missing")) {
    const tag = volume.includes("MWAL") ? "MWAL" : "BMAP";
    const slot = (await openVolume(device)).findRegion(tag)?.slot ?? 0;
    for (const block of [1, 5, 8]) {
      const image = device.bytes.slice(block * bs, (block + 1) * bs).fill(0, slot * 32, slot * 32 + 32);
      await device.write(BigInt(block * bs), sealBlock(image, "RMAP", 1));
    }
  } else if (volume.includes("full")) {
    for (const block of [1, 5, 8]) {
      const image = device.bytes.slice(block * bs, (block + 1) * bs);
      for (let slot = 7; slot < 127; slot++) image.set(image.subarray(6 * 32, 7 * 32), slot * 32);
      await device.write(BigInt(block * bs), sealBlock(image, "RMAP", 1));
    }
  } else if (volume.includes("truncated in the bitmap block")) await device.resize(BigInt(10 * bs + 100));
  else if (volume.includes("truncated after three blocks")) await device.resize(BigInt(3 * bs));
  else if (totalBlocks < 1100) {
    const image = superblock.parse(device.bytes.slice(0, bs));
    for (const block of [0n, 4n])
      await device.write(
        block * BigInt(bs),
        sealBlock(superblock.encode({ ...image, totalBlocks: BigInt(totalBlocks) }, { byteLength: bs }), "SUPB", 1),
      );
    await device.resize(BigInt(totalBlocks * bs));
  } else return undefined;
  return device;
}

/** Modules without regions, which the SDK's pre-flight refuses though they can be added. */
const withoutRegions = modules.filter(({ id, regionNames }) => id < 32 && regionNames.length === 0).map(({ id }) => id);

const noneWithRegions = withoutRegions;
const needsRepair = (what: string) => `The volume must be repaired before it is changed: ${what}`;

/** Where the SDK's answer is wrong: what can be added there, and why Snapshot cannot. */
const differs: Readonly<Record<string, [addable: number[], whyNotSnapshot: string]>> = {
  "fresh enterprise 1600": [noneWithRegions, "its regions take 64 blocks and 49 are free"],
  "fresh minimal 1024": [[], needsRepair("the metadata log has no header that verifies")],
  "fresh minimal 1100": [noneWithRegions, "its regions take 64 blocks and 1 are free"],
  "fresh minimal 1163": [noneWithRegions, "its regions take 64 blocks and the data region has 64, of which one must remain"],
  "minimal 2048, every block of the volume allocated (bits past the end are free)": [
    noneWithRegions,
    "its regions take 64 blocks and 0 are free",
  ],
  "minimal 2048, every payload bit set (128 bits of slack)": [noneWithRegions, "its regions take 64 blocks and 0 are free"],
  "minimal 4096, every payload bit set": [noneWithRegions, "its regions take 64 blocks and 0 are free"],
  "minimal 4096, one free run of 64 at 2000, rest set": [
    noneWithRegions,
    "its regions take 64 blocks at the end of the data region, of which the last 0 are free: block 4095 is in use",
  ],
  "minimal 4096, one free run of 63 at 2000, rest set": [noneWithRegions, "its regions take 64 blocks and 63 are free"],
  "minimal 4096, block 0 with one flipped bit (unchecked)": [[], needsRepair("block 0 does not verify")],
  "minimal 4096, block 0 zeroed": [[], needsRepair("block 0 does not verify")],
  "minimal 4096, directory damaged (not read by the pre-flight, the addition throws)": [[], needsRepair("block 8 does not verify")],
  "minimal 4096, MWAL slot missing in the pointer table": [[], needsRepair("the metadata log has no header that verifies")],
  "minimal 4096, BMAP slot missing in the pointer table": [[], "no table names an allocation bitmap"],
  "minimal 4096, directory full (127 slots), pointer table not": [noneWithRegions, "the region tables have 0 free slots and 1 are needed"],
  "minimal 4096, pointer table full, directory not": [noneWithRegions, "the region tables have 0 free slots and 1 are needed"],
  "minimal 4096, file truncated in the bitmap block": [[], needsRepair("the metadata log has no header that verifies")],
  "minimal 4096, file truncated after three blocks": [[], needsRepair("the metadata log has no header that verifies")],
};

describe("the pre-flight", () => {
  it.each(golden.regionBlocks)("gives regions of the SDK's length in %i blocks", (totalBlocks, small, large) => {
    expect(addedRegionBlocks(BigInt(totalBlocks), modules[12])).toBe(BigInt(small));
    expect(addedRegionBlocks(BigInt(totalBlocks), modules[6])).toBe(BigInt(large));
  });
  it.each(golden.volumes)("of $volume says what can be added, and why not the rest", async (row) => {
    const device = await volumeOf(row);
    if (!device) throw new TypeError("no such volume");
    const list = listModules(await readModuleFacts(await openVolume(device)));
    const addable = list.filter((module) => module.addable).map(({ id }) => id);
    const active = row.padding?.activeModules ?? [];
    const rightOfSdk = [...row.canAddTrue, ...withoutRegions.filter((id) => !active.includes(id))].sort((a, b) => a - b);
    const [expected, why] = differs[row.volume] ?? [rightOfSdk, undefined];
    expect(addable).toEqual(expected.filter((id) => !active.includes(id)));
    if (why !== undefined) expect(list[12]?.reasons.join("; ")).toMatch(new RegExp(why.replaceAll(/[().]/g, ".")));
    for (const module of list) {
      expect(module.addable).toBe(module.reasons.length === 0);
      if (module.active) expect(module.reasons).toEqual(["it is active already"]);
      if (module.id >= 32) expect(module.reasons).toEqual([`the manifest on disk has 32 bits, none for module ${module.id}`]);
    }
  });
  it("answers otherwise than the SDK only for the volumes that are listed", () => {
    const names = golden.volumes.map(({ volume }) => volume);
    expect(Object.keys(differs).filter((name) => !names.includes(name))).toEqual([]);
  });
  it.each(golden.volumes.filter(({ padding }) => padding))("of $volume finds the SDK's padding", ({ padding }) => {
    const layout = planInodeLayout(manifestOf(padding.activeModules));
    expect([layout.inodeSize, layout.paddingBytes]).toEqual([padding.currentInodeSize, padding.currentPaddingBytes]);
    for (const [id, bytes, fits, remaining] of padding.fit)
      expect([modules[id]?.inodeBytes, bytes <= layout.paddingBytes, layout.paddingBytes - bytes], `${id}`).toEqual([
        bytes,
        fits,
        remaining,
      ]);
  });
});

describe("the checks of the pre-flight", () => {
  it("name what fails in the words of the reasons, and hold where a way is open", async () => {
    for (const totalBlocks of [1100n, 1600n]) {
      const facts = await readModuleFacts(await openVolume(await volumeDevice({ totalBlocks })));
      for (const module of modules) {
        const [general, ...groups] = preflight(facts, module);
        const strategies = module.inodeBytes === 0 ? (["region"] as const) : (["padding", "migrate"] as const);
        if (
          !general ||
          general.checks[2]?.problem ||
          general.checks[1]?.problem ||
          (module.inodeBytes === 0 && module.regionNames.length === 0)
        )
          continue;
        for (const [index, strategy] of strategies.entries()) {
          const failing = groups[index]?.checks.flatMap(({ problem }) => problem ?? []);
          expect(failing, `${module.name} ${strategy}`).toEqual(reasonsAgainst(facts, module, strategy));
        }
      }
    }
  });
});
