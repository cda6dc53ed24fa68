import { equalBytes, hexNumber } from "../../base/bytes.ts";
import { defineRule } from "../../findings/registry.ts";
import {
  compatibleFeatures,
  hasModule,
  incompatibleFeatures,
  moduleLevel,
  modules,
  readOnlyCompatibleFeatures,
  superblock as superblockStruct,
} from "../../format/core/index.ts";
import { structureOf } from "../../volume/block-view.ts";
import type { RuleSet } from "./context.ts";

type Field = { field: string; value: string; expected: string };
const counter = defineRule<Field>({
  id: "supb.counter",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.4",
  states: "The superblock's counters lie between 0 and TotalBlocks and fit each other.",
  title: ({ field, value }) => `${field} is ${value}`,
  explanation: ({ field, value, expected }) => `${field} is ${value}; ${expected}.`,
  repair: { id: "supb.counters", risk: "safe" },
});
const counterSum = defineRule<{ freeBlocks: bigint; allocated: bigint; totalBlocks: bigint }>({
  id: "supb.counters-disagree",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 1",
  states: "FreeBlocks and TotalAllocatedBlocks add up to TotalBlocks.",
  title: ({ freeBlocks, allocated, totalBlocks }) => `${freeBlocks} free and ${allocated} allocated blocks are not ${totalBlocks}`,
  explanation: ({ freeBlocks, allocated, totalBlocks }) =>
    `FreeBlocks is ${freeBlocks} and TotalAllocatedBlocks ${allocated}, together ${freeBlocks + allocated}; TotalBlocks is ${totalBlocks}.`,
  repair: { id: "supb.counters", risk: "safe" },
});
const times = defineRule<{ created: bigint; modified: bigint }>({
  id: "supb.times",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.4",
  states: "CreatedTimestampUtc is not after ModifiedTimestampUtc.",
  title: () => "The volume was created after it was last modified",
  explanation: ({ created, modified }) => `CreatedTimestampUtc is ${created} ticks, ModifiedTimestampUtc ${modified}.`,
});
const generation = defineRule<{ block: number; generation: number; sequence: bigint }>({
  id: "supb.generation",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.4, 8.2",
  states: "The trailers of a superblock group carry the low 32 bits of its CheckpointSequence.",
  title: ({ block, generation }) => `Block ${block}: generation ${generation} differs from CheckpointSequence`,
  explanation: ({ generation, sequence }) =>
    `The trailer says generation ${generation}, CheckpointSequence is ${sequence}. The SDK's module orchestrator and copy engine write generation 1 whatever the sequence.`,
  repair: { id: "trailer.seal", risk: "safe" },
});
const mirrorDiffers = defineRule<{ block: number; mirror: number; bytes: number }>({
  id: "supb.mirror-differs",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.9",
  states: "Blocks 4 to 7 are copies of blocks 0 to 3.",
  title: ({ block, mirror }) => `Block ${mirror} is no copy of block ${block}`,
  explanation: ({ block, mirror, bytes }) =>
    `Blocks ${block} and ${mirror} differ in ${bytes} bytes. The SDK would read whichever group it takes, whole.`,
  repair: { id: "supb.rewrite-mirror", risk: "advisory" },
});
const inodeSize = defineRule<{ stored: number; planned: number }>({
  id: "supb.inode-size",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 6.1, convention W11",
  states: "InodeSize is what the manifest's modules need.",
  title: ({ stored, planned }) => `InodeSize is ${stored}, the manifest asks for ${planned}`,
  explanation: ({ stored, planned }) =>
    `The superblock says ${stored} bytes per inode; the core of 304 and the active modules' fields give ${planned}.`,
  repair: { id: "supb.inode-size", risk: "safe" },
});
const features = defineRule<{ word: string; bits: string }>({
  id: "supb.unknown-features",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.2, convention W8",
  states: "No unknown bit is set in IncompatibleFeatures.",
  title: ({ bits }) => `Unknown incompatible feature flags ${bits}`,
  explanation: ({ bits }) => `Bits ${bits} stand for something this program does not know. The volume is read-only.`,
});
const softFeatures = defineRule<{ word: string; bits: string }>({
  id: "supb.unknown-compatible-features",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.2",
  states: "No unknown bit is set in the compatible feature words.",
  title: ({ word, bits }) => `Unknown bits ${bits} in ${word}`,
  explanation: ({ word, bits }) => `${word} has bits ${bits} set that the format does not define.`,
});
const preambleFlag = defineRule<Record<string, never>>({
  id: "preamble.flag-without-preamble",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 7.1",
  states: "HasPreamble is set only behind a preamble.",
  title: () => "HasPreamble is set and there is no preamble",
  explanation: () => "IncompatibleFeatures has bit 8 set, but the volume begins at the start of the file.",
});
const label = defineRule<{ bytes: string }>({
  id: "supb.label-utf8",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.4",
  states: "The volume label is valid UTF-8.",
  title: () => "The volume label is cut inside a character",
  explanation: () => "The label's bytes are not valid UTF-8. The SDK cuts labels at 64 bytes and can split a character.",
});
const reservedBytes = defineRule<{ block: number; field: string }>({
  id: "supb.reserved",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.4",
  states: "Unused bytes of blocks 0 to 8 are zero.",
  title: ({ block, field }) => `Block ${block}: ${field} bytes are not zero`,
  explanation: ({ block }) =>
    `Bytes that the format leaves unused hold something in block ${block}. Any rewrite by the SDK's classes loses them.`,
});
const level = defineRule<{ module: string; level: number }>({
  id: "module.level-without-module",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 5.3",
  states: "Only active modules have a level.",
  title: ({ module }) => `${module} has a level but is not active`,
  explanation: ({ module, level }) => `ModuleConfig gives ${module} level ${level}; its manifest bit is clear.`,
  repair: { id: "supb.clear-level", risk: "safe" },
});
const nearSignedLength = defineRule<{ bytes: bigint }>({
  id: "file.sdk-length-overflow",
  severity: "info",
  confidence: "certain",
  reference: "core reference 1.7",
  states: "The file's length survives the SDK validator's cast to 32 bits.",
  title: () => "The SDK's validator rejects this length",
  explanation: ({ bytes }) =>
    `ValidateVde casts the length of ${bytes} bytes to 32 bits and reads too little. The volume is fine; its other tools open it.`,
});
const unsealedHeader = defineRule<Record<string, never>>({
  id: "seal.absent",
  severity: "info",
  confidence: "certain",
  reference: "core reference 2.4, convention W7",
  states: "The header is sealed.",
  title: () => "HeaderIntegritySeal is all zero",
  explanation: () => "The header is not sealed; the SDK's tamper check reports that of every fresh volume.",
});

/** The superblock's fields against each other and its copy. */
export const superblockRules: RuleSet = ({ volume, report }) => {
  const { superblock: held, group, head } = volume;
  if (!held) return;
  const place = (byteOffset: number, byteLength: number) => ({
    block: BigInt(group.superblock.block),
    byteOffset: BigInt(group.superblock.block * volume.blockBytes + byteOffset),
    byteLength,
  });
  const total = held.totalBlocks;
  const between = (field: string, value: bigint, at: number) => {
    if (value < 0n || value > total) report(counter({ field, value: `${value}`, expected: `TotalBlocks is ${total}` }, place(at, 8)));
  };
  if (total < 64n) report(counter({ field: "TotalBlocks", value: `${total}`, expected: "64 is the least" }, place(0x38, 8)));
  between("FreeBlocks", held.freeBlocks, 0x40);
  between("TotalAllocatedBlocks", held.totalAllocatedBlocks, 0x50);
  // A volume whose regions leave no data block has counters that the creator does not make fit.
  if (held.freeBlocks + held.totalAllocatedBlocks !== total && volume.plan?.dataBlocks !== 0n)
    report(counterSum({ freeBlocks: held.freeBlocks, allocated: held.totalAllocatedBlocks, totalBlocks: total }, place(0x40, 8)));
  if (held.expectedFileSize !== total * BigInt(held.blockSize)) {
    report(
      counter(
        {
          field: "ExpectedFileSize",
          value: `${held.expectedFileSize}`,
          expected: `TotalBlocks times BlockSize is ${total * BigInt(held.blockSize)}`,
        },
        place(0x48, 8),
      ),
    );
  }
  if (held.createdTimestampUtc > held.modifiedTimestampUtc)
    report(times({ created: held.createdTimestampUtc, modified: held.modifiedTimestampUtc }, place(0xd8, 16)));
  if (!held.volumeLabel.isUtf8) report(label({ bytes: held.volumeLabel.text }, place(0x98, 64)));
  if (volume.plan && held.inodeSize !== volume.plan.inodeBytes)
    report(inodeSize({ stored: held.inodeSize, planned: volume.plan.inodeBytes }, place(0x7c, 2)));
  const unknownBits = (value: number, known: object) =>
    (value & ~Object.keys(known).reduce((mask, bit) => mask | (1 << Number(bit)), 0)) >>> 0;
  const { incompatibleFeatures: hard, readOnlyCompatibleFeatures: readOnly, compatibleFeatures: soft } = held.versionInfo;
  if (unknownBits(hard, incompatibleFeatures))
    report(features({ word: "IncompatibleFeatures", bits: hexNumber(unknownBits(hard, incompatibleFeatures)) }, place(0x14, 4)));
  if (unknownBits(readOnly, readOnlyCompatibleFeatures))
    report(
      softFeatures(
        { word: "ReadOnlyCompatibleFeatures", bits: hexNumber(unknownBits(readOnly, readOnlyCompatibleFeatures)) },
        place(0x18, 4),
      ),
    );
  if (unknownBits(soft, compatibleFeatures))
    report(softFeatures({ word: "CompatibleFeatures", bits: hexNumber(unknownBits(soft, compatibleFeatures)) }, place(0x1c, 4)));
  if ((hard >>> 8) & 1 && !volume.preamble) report(preambleFlag({}, place(0x14, 4)));
  for (const module of modules.slice(0, 32)) {
    const stored = moduleLevel(held.moduleConfig, held.moduleConfigExt, module.id);
    if (stored > 0 && !hasModule(held.moduleManifest, module.id))
      report(level({ module: module.name, level: stored }, place(module.id < 16 ? 0x24 : 0x2c, 8)));
  }
  if (held.headerIntegritySeal.every((byte) => byte === 0)) report(unsealedHeader({}, place(volume.blockBytes - 48, 32)));
  const low = volume.sourceDevice.byteLength % 2n ** 32n;
  if (low >= 2n ** 31n || (low < 512n && volume.sourceDevice.byteLength >= 2n ** 32n))
    report(nearSignedLength({ bytes: volume.sourceDevice.byteLength }));

  for (const start of [0, 4]) {
    const first = head[start];
    if (!first || first.allZero) continue;
    const { checkpointSequence } = superblockStruct.parse(first.bytes);
    for (let block = start; block < start + 4; block++) {
      const trailer = head[block]?.trailer;
      if (trailer?.verified && first.trailer.verified && trailer.generationNumber !== Number(BigInt.asUintN(32, checkpointSequence))) {
        report(generation({ block, generation: trailer.generationNumber, sequence: checkpointSequence }, { block: BigInt(block) }));
      }
    }
  }
  for (let block = 0; block < 9; block++) {
    const found = head[block];
    // What does not verify holds something else, which other rules name.
    if (!found || found.allZero || (!found.trailer.verified && block % 4 !== 0)) continue;
    for (const { path, start, end, kind, problem } of structureOf(volume, BigInt(block), found.bytes).annotate(found.bytes)) {
      if (kind !== "reserved" || problem === undefined) continue;
      const byteOffset = BigInt(block * volume.blockBytes) + start;
      report(reservedBytes({ block, field: path }, { block: BigInt(block), byteOffset, byteLength: Number(end - start) }));
    }
  }
  for (let block = 0; block < 4; block++) {
    const [a, b] = [head[block], head[block + 4]];
    if (!a || !b || a.allZero || b.allZero || block === 1 || equalBytes(a.bytes, b.bytes)) continue;
    const bytes = a.bytes.reduce((count, byte, index) => (byte === b.bytes[index] ? count : count + 1), 0);
    report(mirrorDiffers({ block, mirror: block + 4, bytes }, { block: BigInt(block + 4) }));
  }
};
