import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MemoryDevice } from "../../device/memory-device.ts";
import { isEngineError } from "../../errors/engine-error.ts";
import { checkVolume } from "../../forensics/check.ts";
import { inspectVolume } from "../../forensics/inspect/inspect.ts";
import { sealBlock } from "../../format/core/index.ts";
import { annotateBlock } from "../../volume/block-view.ts";
import { openVolume } from "../../volume/open.ts";
import { goldenBytes, goldenNames } from "../golden.ts";
import { randomFrom } from "./random.ts";
import { caseText } from "./region-case.ts";
import { regionSeeds } from "./region-seeds.ts";
import { fuzzInThreads } from "./region-threads.ts";

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
const random = randomFrom(seed);
const until = performance.now() + Number(values.minutes) * 60_000;
const names = goldenNames(/^(created-(minimal|standard|enterprise)|filled-inodes|populated-showcase|wal-)/, { ending: ".dwvd.gz" });
const sources = names.slice(0, 24).map((name) => ({ name, image: goldenBytes(name) }));
console.log(`Seed ${seed}, ${sources.length} images`);

let cases = 0;
let found = 0;
while (performance.now() < until) {
  const source = sources[Math.floor(random() * sources.length)];
  if (!source) break;
  const image = source.image.slice();
  const used = Array.from({ length: Math.floor(image.length / blockBytes) }, (_, block) => block).filter((block) =>
    image.subarray(block * blockBytes, block * blockBytes + blockBytes).some((byte) => byte !== 0),
  );
  const touched = mutate(image, used, random);
  const start = performance.now();
  try {
    const volume = await openVolume(new MemoryDevice(image));
    await checkVolume(volume);
    await inspectVolume(volume);
    for (const block of touched) await annotateBlock(volume, BigInt(block), image.subarray(block * blockBytes, (block + 1) * blockBytes));
    const ms = performance.now() - start;
    if (ms > slowMs) throw new Error(`took ${ms.toFixed(0)} ms`);
  } catch (error) {
    if (!isEngineError(error)) {
      found++;
      const folder = join("test-results", "fuzz");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${source.name}-${seed}-${cases}.dwvd`), image);
      console.error(`${source.name}, case ${cases}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  cases++;
}
console.log(`${cases} cases, ${found} found`);
process.exitCode = found === 0 ? 0 : 1;
