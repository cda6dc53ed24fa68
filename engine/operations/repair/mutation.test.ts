import { describe, expect, it } from "vitest";
import { isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import type { BlockDevice } from "../../device/block-device.ts";
import { OverlayDevice } from "../../device/overlay-device.ts";
import { SparseDevice } from "../../device/sparse-device.ts";
import { isEngineError } from "../../errors/engine-error.ts";
import type { Finding } from "../../findings/finding.ts";
import { checkVolume } from "../../forensics/check.ts";
import { trailerBytes } from "../../format/core/index.ts";
import { filesOf, memorySource } from "../../testing/file-sources.ts";
import { goldenDevice } from "../../testing/golden.ts";
import { now, volumeDevice } from "../../testing/small-volume.ts";
import { openVolume } from "../../volume/open.ts";
import type { Volume } from "../../volume/volume.ts";
import { importFiles } from "../import-files.ts";
import { applyPlan, type OperationPlan } from "../operation.ts";
import { recoverVolume } from "../recover.ts";
import { repair } from "./repair.ts";

/** What is done to a block: some bytes of its payload change, all of it is lost, its trailer is. */
const damages: Readonly<Record<string, (block: Uint8Array) => void>> = {
  "eight bits flipped": (block) => void block.fill(~(block[40] ?? 0), 40, 41),
  "one bit flipped": (block) => void block.fill((block[3] ?? 0) ^ 4, 3, 4),
  "all zero": (block) => void block.fill(0),
  "without trailer": (block) => void block.fill(0, block.length - trailerBytes),
};

async function withFiles(): Promise<BlockDevice> {
  const device = await volumeDevice({ manifest: (1 << 12) | (1 << 5), totalBlocks: 1400n });
  const files = [
    { path: "/docs" },
    { path: "/docs/a.bin", bytes: new Uint8Array(20_000).fill(7) },
    { path: "/b", bytes: Uint8Array.of(1) },
  ];
  await applyPlan(device, await importFiles.plan(await openVolume(device), { source: memorySource(files), to: "/" }, { now: now + 1n }));
  return SparseDevice.from([device.bytes], { name: "files" });
}

async function repairedGolden(): Promise<BlockDevice> {
  const device = new OverlayDevice(await goldenDevice("added-snapshot-on-minimal"));
  await applyPlan(device, await planFor(device));
  return device;
}

const worries = async (device: BlockDevice): Promise<Finding[]> =>
  (await checkVolume(await openVolume(device))).filter(({ severity }) => severity !== "info");
const planFor = async (device: BlockDevice): Promise<OperationPlan> =>
  repair.plan(await openVolume(device), { risk: "advisory" }, { now: 650_000_000_000_000_000n, clearSeal: true });

/** Fixed blocks, the bitmap, and the first two blocks of every other region but data: what every structure protects. */
function protectedBlocks({ regions }: Volume): bigint[] {
  const heads = regions
    .filter(({ kind, startBlock }) => kind !== "DATA" && startBlock >= 10n)
    .flatMap(({ kind, startBlock, blockCount }) => (kind === "MWAL" || blockCount < 2n ? [startBlock] : [startBlock, startBlock + 1n]));
  return [...Array.from({ length: 10 }, (_, block) => BigInt(block)), ...heads];
}

/** Payloads by block of what is not zero, the superblock's group, bitmap and log aside, which every change rewrites. */
async function contentOf(device: BlockDevice, sound: Volume): Promise<Map<bigint, string>> {
  const volume = await openVolume(device);
  const content = new Map<bigint, string>();
  await volume.reader.walk(10n, sound.totalBlocks, (block, bytes) => {
    const kind = sound.regionOf(block)?.kind ?? "";
    if (!bytes || isAllZero(bytes) || kind === "BMAP" || kind === "MWAL") return;
    const payload = kind === "DATA" ? bytes : bytes.subarray(0, -trailerBytes);
    if (!isAllZero(payload)) content.set(block, toHex(checksum.sha256(payload)));
  });
  return content;
}

/** Blocks whose payload is another than in the sound volume. */
async function changedContent(device: BlockDevice, sound: Volume, before: ReadonlyMap<bigint, string>): Promise<bigint[]> {
  const after = await contentOf(device, sound);
  return [...new Set([...before.keys(), ...after.keys()])].filter((block) => before.get(block) !== after.get(block));
}

/** Regions that are not empty when they are formatted: where one was never used its header is made anew. */
const ownHeader = new Set(["OPJR", "DWAL"]);

describe.each<[string, () => Promise<BlockDevice>]>([
  ["a volume with files", withFiles],
  ["added-snapshot-on-minimal, repaired", repairedGolden],
  ["populated-showcase", () => goldenDevice("populated-showcase")],
])("%s with one block damaged", (_, base) => {
  it.each(Object.keys(damages))("is mended or left alone, and says which: %s", async (damage) => {
    const medium = await base();
    const sound = await openVolume(medium);
    const content = await contentOf(medium, sound);
    const files = await filesOf(medium).catch(() => undefined);
    expect(await worries(medium)).toEqual([]);
    for (const block of protectedBlocks(sound)) {
      const bytes = (await sound.requireBlock(block)).slice();
      if (bytes.every((byte) => byte === 0)) continue;
      damages[damage]?.(bytes);
      const device = new OverlayDevice(medium);
      await device.write(block * BigInt(sound.blockBytes), bytes);
      const label = `block ${block} (${sound.regionOf(block)?.kind})`;
      const found = await worries(device);
      // The SDK's own inode blocks carry no trailer: that one is lost is no finding, and nothing else is.
      if (found.length === 0) {
        expect(await changedContent(device, sound, content), label).toEqual([]);
        continue;
      }
      await recoverVolume(device);
      const plan = await planFor(device);
      if (plan.steps.length > 0) await applyPlan(device, plan);
      const left = await worries(device);
      const rules = new Set(found.map(({ rule }) => rule));
      expect(
        left.filter(({ rule }) => !rules.has(rule)),
        label,
      ).toEqual([]);
      // Whatever a repair claims to mend is mended, or the plan says why not.
      const claimed = left.filter((finding) => finding.repair && finding.repair.risk !== "dangerous");
      if (claimed.length > 0) expect(plan.warnings.length, `${label}: ${claimed[0]?.title}`).toBeGreaterThan(1);
      expect((await planFor(device)).steps, label).toEqual([]);
      const changed = (await changedContent(device, sound, content)).filter((each) => !ownHeader.has(sound.regionOf(each)?.kind ?? ""));
      expect(changed, label).toEqual(left.length === 0 ? [] : changed.filter((each) => each === block));
      if (files && left.length === 0) expect(await filesOf(device), label).toEqual(files);
    }
  });
});

it("changes nothing where both copies of a block are lost, and says so", async () => {
  const medium = await withFiles();
  for (const [first, code] of [
    [0n, "VOLUME_READ_ONLY"],
    [2n, "VOLUME_NEEDS_REPAIR"],
    [3n, "VOLUME_NEEDS_REPAIR"],
  ] as const) {
    const device = new OverlayDevice(medium);
    for (const block of [first, first + 4n]) await device.write(block * 4096n + 8n, new Uint8Array(64).fill(0x5a));
    const failure = await planFor(device).catch((error: unknown) => error);
    expect(isEngineError(failure) && failure.code).toBe(code);
  }
});
