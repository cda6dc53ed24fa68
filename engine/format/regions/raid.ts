import { isAllZero } from "../../base/bytes.ts";
import { zeroGuid } from "../../base/guid.ts";
import { judgeTrailer, sealBlock } from "../core/index.ts";
import { judgeRaid } from "./raid-judge.ts";
import {
  mostParity,
  parityBytes,
  progressBlock,
  type RaidContent,
  rebuildBytes,
  rebuildSlots,
  rebuildsStart,
  shardBlock,
  shardBytes,
  shardSlots,
  shardsStart,
} from "./raid-layout.ts";
import {
  anyStruct,
  blockOrZeros,
  headState,
  judgeBlocks,
  type RegionCodec,
  type RegionPlace,
  type RegionPlaces,
  type RegionReading,
  sdkTrailerFailure,
  unreadable,
  unusedBlock,
  without,
} from "./region.ts";

export * from "./raid-layout.ts";

const used = (block: Uint8Array, start: number, byteLength: number): boolean => !isAllZero(block.slice(start, start + byteLength));

/** RAID descriptors: shards in block 0, parity and rebuilds in block 1. Core regions reference 2. */
export const raidCodec: RegionCodec<RaidContent> = {
  tag: "RAID",
  read(blocks): RegionReading<RaidContent> {
    const state = headState(blocks, "RAID");
    if (state !== "readable" || blocks.blockBytes < 4096) return unreadable(blocks, "raid", state, "RAID Metadata block 0");
    const [first, second] = [blockOrZeros(blocks, 0), blockOrZeros(blocks, 1)];
    const { shards: shardsStored, reserved: _, unused, trailer, ...header } = shardBlock.parse(first);
    const behind = progressBlock.parse(second);
    const shards = shardsStored
      .map((shard, slot) => ({ slot, ...without(shard, "reserved") }))
      .filter(({ slot }) => used(first, shardsStart + slot * shardBytes, shardBytes));
    // A region of one block has no place for parity, whatever the first block counts.
    const stored = blocks.blockCount < 2 ? 0 : header.parityDescCount;
    const parityLayout = behind.parityLayout.slice(0, stored).map((parity) => without(parity, "reserved"));
    const rebuilds = behind.rebuilds
      .map((rebuild, slot) => ({ slot, ...without(rebuild, "reserved") }))
      .filter(({ slot }) => used(second, rebuildsStart + slot * rebuildBytes, rebuildBytes));
    const content: RaidContent = { generation: judgeTrailer(first).generationNumber, ...header, shards, parityLayout, rebuilds };
    const problems = [
      ...judgeBlocks(blocks, "raid", 2),
      ...judgeRaid(first, second, content).filter(({ block }) => block < blocks.blockCount),
    ];
    return {
      content,
      sdkReads: sdkTrailerFailure(blocks, 2, (index) => `RAID Metadata block ${index}`) ?? sdkView(content),
      problems,
      places: placesOf(content),
    };
  },
  structureOf: (index) => (index === 0 ? anyStruct(shardBlock) : index === 1 ? anyStruct(progressBlock) : unusedBlock),
  write({ generation, shards, parityLayout, rebuilds, ...header }, blockBytes) {
    if (parityLayout.length > mostParity) throw new RangeError("at most 256 parity descriptors fit");
    const trailer = { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n };
    const first = shardBlock.encode(
      {
        ...header,
        shards: Array.from({ length: shardSlots }, (_, slot) => shards.find((each) => each.slot === slot) ?? emptyShard),
        trailer,
      },
      { byteLength: blockBytes },
    );
    const second = progressBlock.encode(
      {
        parityLayout: Array.from({ length: mostParity }, (_, index) => parityLayout[index] ?? emptyParity),
        rebuilds: Array.from({ length: rebuildSlots }, (_, slot) => rebuilds.find((each) => each.slot === slot) ?? emptyRebuild),
        trailer,
      },
      { byteLength: blockBytes },
    );
    return [first, second].map((block) => sealBlock(block, "RAID", generation));
  },
};

const elementPlace = (block: number, start: number, index: number | undefined, byteLength: number): RegionPlace | undefined =>
  index === undefined ? undefined : { block, start: start + index * byteLength, byteLength };

const placesOf = ({ shards, parityLayout, rebuilds }: RaidContent): RegionPlaces => ({
  shards: (index) => elementPlace(0, shardsStart, shards[index]?.slot, shardBytes),
  parityLayout: (index) => elementPlace(1, 0, index in parityLayout ? index : undefined, parityBytes),
  rebuilds: (index) => elementPlace(1, rebuildsStart, rebuilds[index]?.slot, rebuildBytes),
});

const emptyShard = { deviceId: zeroGuid, startBlock: 0n, blockCount: 0n, status: 0, stripeIndex: 0 };
const emptyParity = { stripeGroupIndex: 0, parityShardIndex: 0, parityTypeValue: 0 };
const emptyRebuild = {
  deviceId: zeroGuid,
  totalBlocks: 0n,
  completedBlocks: 0n,
  lastRebuiltBlock: 0n,
  startTimeUtcTicks: 0n,
  lastUpdateUtcTicks: 0n,
  statusValue: 0,
  errorCount: 0,
};

/** The SDK takes the first RebuildCount rebuild slots, wherever rebuilds are. Core regions reference 2.4. */
function sdkView(content: RaidContent): RegionReading<RaidContent>["sdkReads"] {
  const rebuilds = content.rebuilds.filter(({ slot }) => slot < content.rebuildCount);
  if (rebuilds.length === content.rebuilds.length) return undefined;
  return { ...without(content, "activeShardCount", "parityDescCount", "rebuildCount"), rebuilds };
}
