import { hexNumber } from "../../../base/bytes.ts";
import { defineRule } from "../../../findings/registry.ts";
import { encrCodec, keySlotStatuses } from "../../../format/regions/encr.ts";
import { decodeInode } from "../../../volume/inode-table.ts";
import type { CheckContext, RuleSet } from "../context.ts";
import { decodedRegions } from "./decoded.ts";

const slotUnusable = defineRule<{ inode: bigint; keySlot: number; state: string }>({
  id: "encr.inode-slot-unusable",
  severity: "warning",
  confidence: "likely",
  reference: "core reference 6.4; core regions reference 6",
  states: "A key slot that an inode names holds a key.",
  title: ({ inode, keySlot }) => `Inode ${inode} names key slot ${keySlot}, which holds no key`,
  explanation: ({ keySlot, state }) => `Slot ${keySlot} ${state}. What is encrypted with it cannot be read.`,
});
const slotCompromised = defineRule<{ inode: bigint; keySlot: number }>({
  id: "encr.inode-slot-compromised",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 6.4; core regions reference 6.1",
  states: "No inode names a key slot that was compromised.",
  title: ({ inode, keySlot }) => `Inode ${inode} is encrypted with a compromised key (slot ${keySlot})`,
  explanation: () => "The slot's status is Compromised: whoever holds that key can read the content.",
});
const fingerprint = defineRule<{ fingerprint: string }>({
  id: "encr.fingerprint-without-key",
  severity: "warning",
  confidence: "possible",
  reference: "core reference 5.1; core regions reference 6.2",
  states: "A volume with a key's fingerprint in its superblock has an active key slot.",
  title: () => "The superblock names a key, but no key slot is active",
  explanation: ({ fingerprint }) => `EncryptionKeyFingerprint is ${fingerprint}; no slot of the encryption header is active.`,
});

const compromised = 3;
const slotCount = 63;

/** Key slots against the superblock and the inodes that name them. A policy is named by no number that the vault stores. */
export const keyReferences: RuleSet = (context) => {
  for (const { region, content } of decodedRegions(context, encrCodec)) {
    const statuses = new Map(content.slots.map(({ slot, status }) => [slot, status]));
    const stored = context.volume.superblock?.encryptionKeyFingerprint ?? 0n;
    if (stored !== 0n && content.slots.every(({ status }) => status !== 1))
      context.report(
        fingerprint({ fingerprint: hexNumber(stored, 16) }, { region: region.tag, slot: region.slot, block: region.startBlock }),
      );
    judgeInodes(context, statuses);
  }
};

function judgeInodes({ volume, inodes, report }: CheckContext, statuses: ReadonlyMap<number, number>): void {
  if (!inodes?.descriptor || inodes.placement === "slots-of-512") return;
  for (const placed of inodes.records) {
    const { inodeNumber: inode, moduleFields } = decodeInode(placed, inodes.descriptor);
    const keySlot = (moduleFields.security as { encryptionKeySlot?: number } | undefined)?.encryptionKeySlot;
    // 0 is also what an inode carries that was never encrypted.
    if (keySlot === undefined || keySlot <= 0) continue;
    const place = {
      region: "INOD",
      slot: inodes.region.slot,
      block: placed.block,
      byteOffset: placed.block * BigInt(volume.blockBytes) + BigInt(placed.offset),
      byteLength: placed.record.length,
    };
    const status = statuses.get(keySlot);
    if (status === compromised) report(slotCompromised({ inode, keySlot }, place));
    else if (status === undefined || status === 0) {
      const state = keySlot >= slotCount ? `does not exist: there are ${slotCount}` : `is ${keySlotStatuses[0]}`;
      report(slotUnusable({ inode, keySlot, state }, place));
    }
  }
}
