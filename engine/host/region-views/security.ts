import { isAllZero } from "../../base/bytes.ts";
import type { Fact, RegionPicture } from "../../contract/index.ts";
import { sealBytes, trailerBytes } from "../../format/core/index.ts";
import {
  type EncrContent,
  type KeySlot,
  keyAlgorithms,
  keyDerivations,
  keySlotCount,
  keySlotStatuses,
  rotationReasons,
} from "../../format/regions/encr.ts";
import { policyMeaning, policyTypes } from "../../format/regions/policies.ts";
import type { PolvContent } from "../../format/regions/polv.ts";
import { toHex, type Volume } from "../engine.ts";
import { type RegionViewer, tableOf } from "./region-viewer.ts";

type Names = Readonly<Record<number, string>>;
/** A stored number by its name; one that has none is said so. */
const nameOf = (names: Names, value: number): string => names[value] ?? `${value} (no name)`;

/** Policies in words, and what the vault's seal can be held against. */
export const policyVaultViewer: RegionViewer<PolvContent> = (input) => {
  const { policies, policyCount, hmac, generation } = input.content;
  const second = input.blocks(input.region.startBlock + 1n, 1n);
  return {
    facts: [
      { label: "Policies", value: policyCount === policies.length ? `${policyCount}` : `${policyCount} stored, ${policies.length} there` },
      {
        label: "Vault seal",
        value: isAllZero(hmac) ? "none: the SDK refuses the vault" : "present, not verified: its key is not in the volume",
        title: `HMAC-SHA256 of block 0's payload: ${toHex(hmac)}`,
        range: second && { start: second.start, end: second.start + BigInt(hmac.length) },
      },
      { label: "Generation", value: `${generation}` },
      headerSeal(input.volume),
    ],
    tables: [
      tableOf(input, "policies", policies, {
        title: "Policies",
        empty: "The vault holds no policies.",
        columns: [
          { id: "type", title: "Type", kind: "text", width: 150, cell: ({ policyType }) => policyTypes[policyType] ?? "not named" },
          {
            id: "meaning",
            title: "What it says",
            kind: "text",
            width: 320,
            cell: (each) => policyMeaning(each.policyType, each.data) || null,
          },
          { id: "modified", title: "Modified", kind: "time", cell: (each) => each.modifiedUtcTicks },
          { id: "created", title: "Created", kind: "time", cell: (each) => each.createdUtcTicks },
          { id: "version", title: "Version", kind: "number", width: 70, doc: "Of the data's layout", cell: (each) => each.version },
          { id: "dataBytes", title: "Data", kind: "size", width: 90, cell: (each) => each.data.length },
          {
            id: "policyType",
            title: "Code",
            kind: "text",
            width: 80,
            cell: ({ policyType }) => `0x${policyType.toString(16).padStart(4, "0")}`,
          },
          { id: "policyId", title: "Id", kind: "id", cell: (each) => each.policyId },
          { id: "data", title: "Data bytes", kind: "bytes", cell: (each) => toHex(each.data.subarray(0, 64)) },
        ],
      }),
    ],
    pictures: [],
  };
};

/** What is stored of the superblock's own seal; whether it holds cannot be said without its key. Core reference 2.4. */
function headerSeal({ superblock, group, blockBytes }: Volume): Fact {
  const seal = superblock?.headerIntegritySeal;
  if (!seal) return { label: "Header seal", value: "unknown: there is no superblock" };
  const start = BigInt(group.superblock.block + 1) * BigInt(blockBytes) - BigInt(trailerBytes + sealBytes);
  return {
    label: "Header seal",
    value: isAllZero(seal) ? "none" : "present, not verified: its key is not in the volume",
    title: `HMAC-SHA256 of the superblock: ${toHex(seal)}`,
    range: { start, end: start + BigInt(sealBytes) },
  };
}

const slotStates: Extract<RegionPicture, { type: "cells" }>["states"] = [
  { state: "Unused", title: "never set", tone: "empty" },
  { state: "Active", title: "active", tone: "ok" },
  { state: "Retired", title: "retired", tone: "off" },
  { state: "Compromised", title: "compromised", tone: "error" },
  { state: "Empty", title: "empty with bytes left in it", tone: "warning" },
  { state: "Other", title: "a state without a name", tone: "warning" },
];

const stateOf = (slot: KeySlot): string => (keySlotStatuses as Names)[slot.status] ?? "Other";

/** Key slots with their states, and the log of rotations. Key bytes and salts are secret: they are shown only where asked for. */
export const encryptionHeaderViewer: RegionViewer<EncrContent> = (input) => {
  const { slots, rotationLog, activeSlotIndex, totalActiveSlots, rotationEventCount, generation } = input.content;
  const active = slots.filter((slot) => slot.status === 1);
  const named = active.length === 0 ? "none" : active.map(({ slot }) => slot).join(", ");
  const bySlot = new Map(slots.map((slot, index) => [slot.slot, { slot, index }]));
  return {
    facts: [
      { label: "Active slot", value: named, title: `The header says ${activeSlotIndex === 255 ? "none" : activeSlotIndex}` },
      {
        label: "Active slots",
        value: totalActiveSlots === active.length ? `${active.length}` : `${totalActiveSlots} stored, ${active.length} there`,
      },
      { label: "Slots in use", value: `${slots.length} of ${keySlotCount}` },
      {
        label: "Rotations",
        value:
          rotationEventCount === rotationLog.length ? `${rotationEventCount}` : `${rotationEventCount} counted, ${rotationLog.length} fit`,
      },
      { label: "Generation", value: `${generation}` },
      {
        label: "Fingerprint in superblock",
        value: fingerprint(input.volume.superblock?.encryptionKeyFingerprint),
        mono: true,
      },
      headerSeal(input.volume),
    ],
    tables: [
      tableOf(input, "slots", slots, {
        title: "Key slots",
        empty: "No key slot was ever set.",
        look: ({ status }) => (status === 2 ? "weak" : undefined),
        columns: [
          { id: "slot", title: "Slot", kind: "number", width: 60, cell: (each) => each.slot },
          { id: "state", title: "State", kind: "state", width: 110, cell: (each) => nameOf(keySlotStatuses, each.status) },
          { id: "algorithm", title: "Algorithm", kind: "text", width: 150, cell: (each) => nameOf(keyAlgorithms, each.algorithmId) },
          { id: "derivation", title: "Derivation", kind: "text", width: 130, cell: (each) => nameOf(keyDerivations, each.kdfAlgorithmId) },
          { id: "iterations", title: "Iterations", kind: "number", width: 90, cell: (each) => each.kdfIterations },
          { id: "created", title: "Created", kind: "time", cell: (each) => each.createdUtcTicks },
          { id: "retired", title: "Retired", kind: "time", cell: (each) => each.retiredUtcTicks },
          { id: "wrappedKey", title: "Wrapped key", kind: "secret", cell: (each) => toHex(each.wrappedKey) },
          { id: "salt", title: "Salt", kind: "secret", cell: (each) => toHex(each.keySalt) },
          {
            id: "storedIndex",
            title: "Own index",
            kind: "number",
            width: 80,
            doc: "What the slot says of itself",
            cell: (each) => each.slotIndex,
          },
        ],
      }),
      tableOf(input, "rotationLog", rotationLog, {
        title: "Rotations",
        empty: "No rotation was recorded.",
        columns: [
          { id: "time", title: "Time", kind: "time", cell: (each) => each.timestampUtcTicks },
          { id: "from", title: "From slot", kind: "number", width: 90, cell: (each) => each.oldSlotIndex },
          { id: "to", title: "To slot", kind: "number", width: 90, cell: (each) => each.newSlotIndex },
          { id: "reason", title: "Reason", kind: "text", width: 160, cell: (each) => nameOf(rotationReasons, each.reason) },
        ],
      }),
    ],
    pictures: [
      {
        type: "cells",
        title: "Key slots by state",
        summary: `${slots.length} of ${keySlotCount} slots are in use; active: ${named}.`,
        columns: 21,
        cells: Array.from({ length: keySlotCount }, (_, position) => {
          const found = bySlot.get(position);
          return {
            label: `Slot ${position}`,
            state: found ? stateOf(found.slot) : "Unused",
            range: found && input.rangeOf("slots", found.index),
          };
        }),
        states: slotStates,
        more: 0,
      },
    ],
  };
};

const fingerprint = (value: bigint | undefined): string =>
  value === undefined ? "unknown" : value === 0n ? "none" : `0x${value.toString(16).padStart(16, "0")}`;
