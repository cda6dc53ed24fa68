import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isAllZero } from "../../base/bytes.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import { isEngineError } from "../../errors/engine-error.ts";
import { checkVolume } from "../../forensics/check.ts";
import { inspectVolume } from "../../forensics/inspect/inspect.ts";
import { sealBlock } from "../../format/core/index.ts";
import { annotateBlock } from "../../volume/block-view.ts";
import { openVolume } from "../../volume/open.ts";
import { goldenBytes, goldenNames } from "../golden.ts";
import { oneOf, randomFrom } from "./random.ts";
import { caseText } from "./region-case.ts";
import { regionSeeds } from "./region-seeds.ts";
import { fuzzInThreads } from "./region-threads.ts";

/**
 * Half of the time changes the blocks of whole volumes, which are opened, checked and inspected; half of it those of regions, which their
 * codecs read. Volumes with a fault go to `test-results/fuzz`, regions to `engine/testing/fuzz/cases`, which the tests replay.
 */
const interesting = [0, 1, 0x7f, 0x80, 0xff];
const blockBytes = 4096;
const slowMs = 2000;

/** Changes a few bytes of metadata blocks and, mostly, renews their trailers so that the content is believed. */
function mutate(image: Uint8Array, blocks: readonly number[], random: () => number): number[] {
  const touched: number[] = [];
  const pick = (count: number) => Math.floor(random() * count);
  for (let change = 0; change < 1 + pick(4); change++) {
    const block = blocks[pick(blocks.length)] ?? 0;
    const bytes = image.subarray(block * blockBytes, (block + 1) * blockBytes);
    for (let byte = 0; byte < 1 + pick(8); byte++)
      bytes[pick(blockBytes - 16)] = random() < 0.5 ? pick(256) : (interesting[pick(interesting.length)] ?? 0);
    if (random() < 0.9) sealBlock(bytes, new DataView(bytes.buffer, bytes.byteOffset).getUint32(blockBytes - 16, true), 1);
    touched.push(block);
  }
  return touched;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string", default: `${Date.now() % 1_000_000}` } },
});
const seed = Number(values.seed);
const halfMs = Number(values.minutes) * 30_000;
const found = (await fuzzVolumes()) + (await fuzzAllRegions());
process.exitCode = found === 0 ? 0 : 1;

async function fuzzVolumes(): Promise<number> {
  const random = randomFrom(seed);
  const until = performance.now() + halfMs;
  const names = goldenNames(/^(created-(minimal|standard|enterprise)|filled-inodes|populated-showcase|wal-)/, { ending: ".dwvd.gz" });
  const sources = names.slice(0, 24).map((name) => ({ name, image: goldenBytes(name) }));
  console.log(`Seed ${seed}, ${sources.length} images`);
  let cases = 0;
  let faults = 0;
  for (; performance.now() < until; cases++) {
    const { name, image: sound } = oneOf(random, sources);
    const image = sound.slice();
    const touched = mutate(image, usedBlocks(image), random);
    const start = performance.now();
    try {
      const volume = await openVolume(new MemoryDevice(image));
      await checkVolume(volume);
      await inspectVolume(volume);
      for (const block of touched) await annotateBlock(volume, BigInt(block), image.subarray(block * blockBytes, (block + 1) * blockBytes));
      const ms = performance.now() - start;
      if (ms > slowMs) throw new Error(`took ${ms.toFixed(0)} ms`);
    } catch (error) {
      if (isEngineError(error)) continue;
      faults++;
      const folder = join("test-results", "fuzz");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}-${seed}-${cases}.dwvd`), image);
      console.error(`${name}, case ${cases}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  console.log(`${cases} volumes, ${faults} with a fault`);
  return faults;
}

function usedBlocks(image: Uint8Array): number[] {
  return Array.from({ length: Math.floor(image.length / blockBytes) }, (_, block) => block).filter(
    (block) => !isAllZero(image.subarray(block * blockBytes, (block + 1) * blockBytes)),
  );
}

async function fuzzAllRegions(): Promise<number> {
  const { blocks, cases, found: faults } = await fuzzInThreads(regionSeeds(), Math.max(1, availableParallelism()), { seed, ms: halfMs });
  const folder = fileURLToPath(new URL("./cases/", import.meta.url));
  for (const { region, found: what } of faults) {
    const text = caseText(region, what);
    const name = `${region.kind.toLowerCase()}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}.json`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
    console.error(`${name}: ${what}`);
  }
  console.log(
    `${cases} regions of ${blocks} blocks, ${Math.round(blocks / (halfMs / 1000))} blocks a second, ${faults.length} with a fault`,
  );
  return faults.length;
}
