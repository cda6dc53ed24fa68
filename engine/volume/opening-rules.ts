import { defineRule } from "../findings/registry.ts";

export const notAVolume = defineRule<{ found: string }>({
  id: "volume.not-recognised",
  severity: "error",
  confidence: "certain",
  reference: "core reference 9",
  states: "Block 0 or its mirror begins a DWVD version 2 volume.",
  title: () => "This is no DWVD version 2 volume",
  explanation: ({ found }) => `The first bytes are ${found}. Nothing but raw bytes can be shown.`,
});

export const otherFormatInFront = defineRule<{ found: string }>({
  id: "volume.other-format",
  severity: "error",
  confidence: "certain",
  reference: "core reference 9",
  states: "Block 0 bears the magic bytes of DWVD version 2.",
  title: ({ found }) => `Block 0 is ${found}, which is not supported`,
  explanation: ({ found }) => `Block 0 is ${found}. What is shown comes from the other blocks of the volume.`,
});

export const preambleInFront = defineRule<{ volumeOffset: bigint }>({
  id: "preamble.volume-offset",
  severity: "info",
  confidence: "certain",
  reference: "core reference 7.1",
  states: "The volume begins at byte 0 of the file.",
  title: () => "The volume lies behind a bootable preamble",
  explanation: ({ volumeOffset }) =>
    `The preamble's VdeOffset puts block 0 at byte ${volumeOffset} of the file. No SDK reader applies that offset; all of them would read the preamble as block 0.`,
});

export const preambleOffsetUnusable = defineRule<{ volumeOffset: bigint; fileBytes: bigint }>({
  id: "preamble.offset-unusable",
  severity: "error",
  confidence: "certain",
  reference: "core reference 7.1",
  states: "A preamble's VdeOffset lies inside the file.",
  title: () => "The preamble's VdeOffset lies outside the file",
  explanation: ({ volumeOffset, fileBytes }) => `VdeOffset is ${volumeOffset}; the file has ${fileBytes} bytes.`,
});

export const blockSizeDiffers = defineRule<{ stored: number; found: number; verified: number }>({
  id: "supb.block-size",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.9, 2.10",
  states: "BlockSize is a working size, and the trailers verify at it.",
  title: ({ stored, found }) => `BlockSize is ${stored}, the trailers verify at ${found}`,
  explanation: ({ stored, found, verified }) =>
    `The superblock says ${stored} bytes; ${verified} of blocks 0 to 9 verify at ${found}, which is used. The SDK would take ${stored}.`,
  repair: { id: "supb.block-size", risk: "advisory" },
});

export const noSuperblock = defineRule<Record<string, never>>({
  id: "supb.none-survives",
  severity: "error",
  confidence: "certain",
  reference: "convention R3",
  states: "At least one of blocks 0 and 4 holds.",
  title: () => "No superblock survives",
  explanation: () =>
    "Neither block 0 nor block 4 holds. What is shown comes from the region tables and the blocks' own tags; counts and identity are unknown or unproven.",
  repair: {
    id: "supb.rebuild",
    risk: "dangerous",
    loses: "what was changed in the superblock after the state of it that the log or a recovery footer still holds",
  },
});

export const mirrorUsed = defineRule<{ reason: string; primarySequence: bigint | string; mirrorSequence: bigint | string }>({
  id: "supb.mirror-used",
  severity: "warning",
  confidence: "certain",
  reference: "convention R3, core reference 2.9",
  states: "The primary superblock group is the one to trust.",
  title: () => "The mirror superblock group is believed",
  explanation: ({ reason, primarySequence, mirrorSequence }) =>
    `${reason}. CheckpointSequence is ${primarySequence} in block 0 and ${mirrorSequence} in block 4. The SDK takes the primary group whenever its four trailers verify, and else the mirror.`,
  repair: { id: "supb.rewrite-primary", risk: "advisory" },
});

export const groupMixed = defineRule<{ blocks: string }>({
  id: "supb.groups-mixed",
  severity: "error",
  confidence: "certain",
  reference: "convention R3",
  states: "One superblock group holds as a whole.",
  title: () => "Neither superblock group is complete; a mix of both is shown",
  explanation: ({ blocks }) =>
    `Read from the other copy: ${blocks}. The SDK takes a group whole or not at all, and would refuse this volume.`,
  repair: { id: "supb.rewrite-primary", risk: "advisory" },
});

export const directoryUnreadable = defineRule<{ reason: string; fallback: string }>({
  id: "rd.unreadable",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.8, convention R4",
  states: "Both blocks of the region directory verify and the header says version 1.",
  title: () => "The region directory cannot be read",
  explanation: ({ reason, fallback }) => `${reason}. Regions are taken from ${fallback}. The SDK's directory reader throws.`,
  repair: { id: "rd.rewrite", risk: "safe" },
});

export const tablesDiffer = defineRule<{ slot: number; directory: string; table: string; mirror: string; chosen: string }>({
  id: "rpt.tables-differ",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.8, convention R4",
  states: "Region directory, pointer table and mirror name the same regions slot by slot.",
  title: ({ slot }) => `The region tables differ in slot ${slot}`,
  explanation: ({ slot, directory, table, mirror, chosen }) =>
    `Slot ${slot}: directory ${directory}; block 1 ${table}; block 5 ${mirror}. The ${chosen} is believed.`,
  repair: { id: "rd.rewrite", risk: "advisory" },
});

export const mirrorTableBehind = defineRule<{ slots: string; count: number }>({
  id: "rpt.mirror-behind",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.9, 8.2; convention R4",
  states: "The mirror pointer table (block 5) equals block 1.",
  title: () => "The mirror pointer table differs from block 1",
  explanation: ({ slots, count }) =>
    `${count === 1 ? "Slot" : "Slots"} ${slots} of block 5 ${count === 1 ? "is" : "are"} not as in block 1. The SDK's online operations rewrite block 1 and never block 5.`,
  repair: { id: "rpt.copy-to-mirror", risk: "safe" },
});

export const noTables = defineRule<{ isStored: boolean }>({
  id: "rpt.none-survives",
  severity: "error",
  confidence: "certain",
  reference: "convention R4",
  states: "At least one of the three region tables holds.",
  title: () => "No region table survives",
  explanation: ({ isStored }) =>
    isStored
      ? "Blocks 1, 5 and 8 all fail. Regions are shown as a damaged table names them, which may be wrong."
      : "Blocks 1, 5 and 8 all fail. Regions are shown where the creator puts them for the superblock's manifest, which says nothing of regions added or moved later.",
  repair: {
    id: "rpt.rebuild",
    risk: "dangerous",
    loses: "regions that nothing else tells of, where the tables are rebuilt from the blocks' own tags or from an older state in the log",
  },
});

export const blockUnread = defineRule<{ block: bigint; reason: string }>({
  id: "device.unreadable-block",
  severity: "error",
  confidence: "certain",
  reference: "convention R2",
  states: "Every block that is needed can be read.",
  title: ({ block }) => `Block ${block} cannot be read`,
  explanation: ({ block, reason }) => `Reading block ${block} failed twice: ${reason}. What it holds is unknown; it is not shown as zeros.`,
});
