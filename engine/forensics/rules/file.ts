import { defineRule } from "../../findings/registry.ts";
import type { RuleSet } from "./context.ts";

const shorter = defineRule<{ expected: bigint; bytes: bigint; firstMissing: bigint; missing: bigint }>({
  id: "file.shorter",
  severity: "error",
  confidence: "certain",
  reference: "core reference 1.7, convention W27",
  states: "The file is as long as ExpectedFileSize says.",
  title: ({ missing }) => `The file is cut off: ${missing} blocks are missing`,
  explanation: ({ expected, bytes, firstMissing }) =>
    `ExpectedFileSize is ${expected} bytes, the file has ${bytes}. Blocks from ${firstMissing} on are not whole or not there.`,
  repair: { id: "file.fit", risk: "advisory" },
});
const longer = defineRule<{ expected: bigint; bytes: bigint }>({
  id: "file.longer",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 1.7, convention W27",
  states: "The file is as long as ExpectedFileSize says.",
  title: () => "The file is longer than ExpectedFileSize",
  explanation: ({ expected, bytes }) => `ExpectedFileSize is ${expected} bytes, the file has ${bytes}. Nothing is cut off.`,
  repair: { id: "file.fit", risk: "advisory" },
});
const uneven = defineRule<{ bytes: bigint; blockBytes: number }>({
  id: "file.uneven-length",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 1.7",
  states: "The file's length is a multiple of the block size.",
  title: () => "The file's length is no multiple of the block size",
  explanation: ({ bytes, blockBytes }) =>
    `${bytes} bytes are ${bytes / BigInt(blockBytes)} blocks of ${blockBytes} and ${bytes % BigInt(blockBytes)} bytes more.`,
  repair: { id: "file.fit", risk: "advisory" },
});

/** The length of the file against the superblock. */
export const fileRules: RuleSet = ({ volume, report }) => {
  const bytes = volume.device.byteLength;
  const size = BigInt(volume.blockBytes);
  const held = volume.superblock;
  const lastEnd = volume.regions.reduce(
    (end, region) => (region.startBlock + region.blockCount > end ? region.startBlock + region.blockCount : end),
    0n,
  );
  // Without a superblock the regions say how long the file should be.
  const expected = held && held.totalBlocks > 0n ? held.totalBlocks * size : held ? 0n : lastEnd * size;
  if (bytes % size !== 0n) report(uneven({ bytes, blockBytes: volume.blockBytes }));
  if (expected > bytes) {
    const firstMissing = bytes / size;
    report(
      shorter(
        { expected, bytes, firstMissing, missing: expected / size - firstMissing },
        { block: firstMissing, blockCount: expected / size - firstMissing },
      ),
    );
  } else if (held && expected > 0n && bytes > expected) report(longer({ expected, bytes }, { block: expected / size }));
};
