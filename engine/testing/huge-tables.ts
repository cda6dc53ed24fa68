import { checksum } from "../base/checksum.ts";
import { StoredText } from "../base/stored-text.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { SparseDevice } from "../device/sparse-device.ts";
import { tagNumber } from "../format/core/index.ts";
import { type AuditEntry, alogCodec, auditEntry } from "../format/regions/alog.ts";
import { snapCodec } from "../format/regions/snap.ts";
import { tagiCodec } from "../format/regions/tagi.ts";
import { applyCreateVolume, planCreateVolume } from "../operations/create-volume.ts";
import { applyPlan, defineOperation } from "../operations/operation.ts";
import { openVolume } from "../volume/open.ts";
import { VolumeEdit } from "../volume/volume-edit.ts";
import { now } from "./small-volume.ts";
import { tagTree } from "./tag-tree.ts";

const blockBytes = 65_536;
const totalBlocks = 4096n;
const tagsPerLeaf = 900;

const guidOf = (kind: number, index: number): string => `0000000${kind}-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;

function snapshotBlocks(count: number): Uint8Array[] {
  const snapshots = Array.from({ length: count }, (_, index) => ({
    snapshotId: guidOf(1, index + 1),
    parentSnapshotId: index === 0 ? "00000000-0000-0000-0000-000000000000" : guidOf(1, index - (index % 7 === 0 ? 6 : 0)),
    createdUtcTicks: now + BigInt(index) * 600_000_000n,
    inodeTableBlockOffset: 0n,
    inodeTableBlockCount: 0n,
    dataBlockCount: BigInt(index % 4000),
    flags: index === 0 ? 5 : index % 50 === 0 ? 3 : 1,
    label: StoredText.of(`nightly ${index}`),
  }));
  return snapCodec.write({ generation: 1, snapshotCount: count, snapshots }, blockBytes);
}

function auditBlocks(count: number): Uint8Array[] {
  let previousEntryHash: Uint8Array = new Uint8Array(32);
  const entries = Array.from({ length: count }, (_, index): AuditEntry => {
    const details = new TextEncoder().encode(`read of object ${index}`);
    const entry = {
      sequenceNumber: BigInt(index),
      timestampUtcTicks: now + BigInt(index) * 10_000_000n,
      actorId: guidOf(2, index % 12),
      eventType: index % 9,
      targetObjectId: guidOf(3, index),
      previousEntryHash,
      details,
    };
    previousEntryHash = checksum.sha256(auditEntry.encode({ ...entry, detailsLength: details.length }));
    return entry;
  });
  return alogCodec.write({ generation: 1, entryCount: BigInt(count), nextSequenceNumber: BigInt(count), entries }, blockBytes);
}

function tagBlocks(count: number): Uint8Array[] {
  const entries = Array.from({ length: count }, (_, index) => ({
    key: new TextEncoder().encode(`tag-${index.toString().padStart(7, "0")}`),
    value: new TextEncoder().encode(`value ${index % 100}`),
    inodeNumber: 0n,
    blockAddress: 0n,
  }));
  return tagiCodec.write(tagTree(entries, tagsPerLeaf, 1, 65_536), blockBytes);
}

/** Puts regions of any length at the far end of the data region, in place of those that the creator made. */
const replaceRegions = defineOperation(
  "replace-regions",
  async (volume, { regions }: { regions: ReadonlyMap<string, readonly Uint8Array[]> }, { now: time }) => {
    const edit = await VolumeEdit.begin(volume);
    const data = edit.slots.find((slot) => slot.startBlock === volume.dataRegion?.startBlock);
    if (!data) throw new TypeError("the volume has no data region");
    for (const [tag, blocks] of regions) {
      const slot = edit.slots.find((each) => each.regionTypeId === tagNumber(tag));
      if (!slot) throw new TypeError(`the volume has no ${tag} region`);
      const blockCount = BigInt(blocks.length);
      await edit.mark(slot.startBlock, slot.blockCount, false);
      data.blockCount -= blockCount;
      Object.assign(slot, { startBlock: data.startBlock + data.blockCount, blockCount });
      const image = (index: bigint) => blocks[Number(index)] ?? new Uint8Array(blockBytes);
      await edit.fill({ block: slot.startBlock, blockCount, reason: `Write ${tag}`, image });
      await edit.mark(slot.startBlock, blockCount, true);
    }
    return {
      describedInputs: {},
      sentences: [],
      steps: [{ title: "Replace regions", changes: await edit.finish({ now: time }) }],
      warnings: [],
      worstCase: "",
    };
  },
);

/** A volume whose snapshot table, audit log and tag index hold so many records each. */
export async function hugeTables(count = 100_000): Promise<BlockDevice> {
  const device = new SparseDevice(0n);
  const manifest = (1 << 12) | (1 << 18) | (1 << 3);
  const inputs = { manifest, levels: new Map(), blockBytes, totalBlocks, label: "huge tables", uuid: guidOf(9, 1), now };
  await applyCreateVolume(device, planCreateVolume(inputs));
  const regions = new Map([
    ["SNAP", snapshotBlocks(count)],
    ["ALOG", auditBlocks(count)],
    ["TAGI", tagBlocks(count)],
  ]);
  await applyPlan(device, await replaceRegions.plan(await openVolume(device), { regions }, { now: now + 1n }));
  return device;
}
