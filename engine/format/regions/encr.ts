import { isAllZero } from "../../base/bytes.ts";
import { array, bytes, type Decoded, enumeration, reserved, reservedUntil, struct, ticks, u8, u16, u32 } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  headState,
  isCalendarTicks,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionProblem,
  type RegionReading,
  sdkOutOfRange,
  sdkTrailerFailure,
  unreadable,
  unusedBlock,
} from "./region.ts";

export const keySlotCount = 63;
const headerBytes = 8;
const slotBytes = 124;
const eventBytes = 12;
const noSlot = 0xff;
export const keySlotStatuses = { 0: "Empty", 1: "Active", 2: "Retired", 3: "Compromised" } as const;
const active = 1;
export const keyAlgorithms = { 1: "AES-256-GCM", 2: "ChaCha20-Poly1305" };
export const keyDerivations = { 0: "PBKDF2-SHA256", 1: "Argon2id", 2: "scrypt" };
export const rotationReasons = { 0: "Scheduled", 1: "Compromised", 2: "PolicyChange", 3: "Manual" };

/** A key slot. Core regions reference 6.1. */
const keySlot = struct("KeySlot", {
  slotIndex: u8({ doc: "For information; not forced to be the position" }),
  status: enumeration(u8(), keySlotStatuses),
  algorithmId: enumeration(u16(), { 0: "none", ...keyAlgorithms }),
  wrappedKey: bytes(64, { doc: "Zero padded; its length is not stored" }),
  keySalt: bytes(32, { doc: "Zero padded" }),
  kdfIterations: u32(),
  kdfAlgorithmId: enumeration(u16(), keyDerivations),
  reserved: u16({ as: "reserved" }),
  createdUtcTicks: ticks(),
  retiredUtcTicks: ticks(),
});
const rotationEvent = struct("KeyRotationEvent", {
  timestampUtcTicks: ticks(),
  oldSlotIndex: u8(),
  newSlotIndex: u8(),
  reason: enumeration(u16(), rotationReasons),
});
const header = struct("EncryptionHeader", {
  activeSlotIndex: u8({ doc: "Position of the first active slot; 255 for none" }),
  totalActiveSlots: u8(),
  rotationEventCount: u16(),
  reserved: reserved(4),
});

export type KeySlot = { slot: number } & Decoded<typeof keySlot>;
export type RotationEvent = Decoded<typeof rotationEvent>;

export interface EncrContent {
  generation: number;
  /** As stored, like the two counts behind it. */
  activeSlotIndex: number;
  totalActiveSlots: number;
  rotationEventCount: number;
  /** Positions with a byte that is not zero. */
  slots: KeySlot[];
  /** The first `rotationEventCount`, at most those that fit before the trailer. */
  rotationLog: RotationEvent[];
}

export type EncrRule =
  | BlockRule<"encr">
  | `encr.${
      | "active-slot-differs"
      | "reserved-not-zero"
      | "event-count-too-large"
      | "slot-index-differs"
      | "status-unknown"
      | "algorithm-unknown"
      | "iterations-missing"
      | "key-missing"
      | "empty-slot-not-zero"
      | "slot-times"
      | "time-range"
      | "more-than-one-active"
      | "rotation-order"
      | "rotation-slots"
      | "rotation-reason"
      | "rotation-not-active"}`;

/** Where slots and events lie at a block size: slots in block 0, then in block 1, then events. Core regions reference 6.1. */
export function encryptionLayout(blockBytes: number): { slotsInFirst: number; eventStart: number; eventsThatFit: number } {
  const payload = blockBytes - trailerBytes;
  const slotsInFirst = Math.min(keySlotCount, Math.floor((payload - headerBytes) / slotBytes));
  const eventStart = (keySlotCount - slotsInFirst) * slotBytes;
  return { slotsInFirst, eventStart, eventsThatFit: Math.max(0, Math.floor((payload - eventStart) / eventBytes)) };
}

const slotPlace = (slot: number, slotsInFirst: number): { block: number; start: number } =>
  slot < slotsInFirst ? { block: 0, start: headerBytes + slot * slotBytes } : { block: 1, start: (slot - slotsInFirst) * slotBytes };

/** The encryption header: 63 key slots and the log of rotations. Core regions reference 6. */
export const encrCodec: RegionCodec<EncrContent> = {
  tag: "ENCR",
  read(blocks): RegionReading<EncrContent> {
    const state = headState(blocks, "ENCR");
    if (state !== "readable" || blocks.blockBytes < 4096) return unreadable(blocks, "encr", state, "Encryption Header block 0");
    const pair = [blockOrZeros(blocks, 0), blockOrZeros(blocks, 1)] as const;
    const { slotsInFirst, eventStart, eventsThatFit } = encryptionLayout(blocks.blockBytes);
    const { reserved: rest, ...stored } = header.parse(pair[0]);
    const slots: KeySlot[] = [];
    for (let slot = 0; slot < keySlotCount; slot++) {
      const { block, start } = slotPlace(slot, slotsInFirst);
      const bytesOfSlot = (block === 0 ? pair[0] : pair[1]).slice(start, start + slotBytes);
      if (!isAllZero(bytesOfSlot)) slots.push({ slot, ...keySlot.parse(bytesOfSlot) });
    }
    const rotationLog = Array.from({ length: Math.min(stored.rotationEventCount, eventsThatFit) }, (_, index) =>
      rotationEvent.parse(pair[1].subarray(eventStart + index * eventBytes, eventStart + (index + 1) * eventBytes)),
    );
    const content: EncrContent = { generation: judgeTrailer(pair[0]).generationNumber, ...stored, slots, rotationLog };
    return {
      content,
      sdkReads: sdkView(blocks, pair[1], content),
      problems: [
        ...judgeBlocks(blocks, "encr", 2),
        ...judgeHeader(pair, content, rest !== undefined),
        ...judgeSlots(content, blocks.blockBytes),
        ...judgeLog(content, blocks.blockBytes),
      ],
      places: {
        slots: (index) => {
          const slot = slots[index]?.slot;
          return slot === undefined ? undefined : { ...slotPlace(slot, slotsInFirst), byteLength: slotBytes };
        },
        rotationLog: (index) =>
          index in rotationLog ? { block: 1, start: eventStart + index * eventBytes, byteLength: eventBytes } : undefined,
      },
    };
  },
  structureOf(index, block) {
    if (index > 1 || block.length < 4096) return unusedBlock;
    const { slotsInFirst, eventsThatFit } = encryptionLayout(block.length);
    const rest = { unused: reservedUntil(trailerBytes), trailer: blockTrailer };
    if (index === 0) return anyStruct(struct("EncryptionHeaderBlock", { header, slots: array(keySlot, slotsInFirst), ...rest }));
    const slots = array(keySlot, keySlotCount - slotsInFirst);
    return anyStruct(struct("EncryptionHeaderBlock1", { slots, rotationLog: array(rotationEvent, eventsThatFit), ...rest }));
  },
  write({ generation, slots, rotationLog, ...stored }, blockBytes) {
    const { slotsInFirst, eventStart, eventsThatFit } = encryptionLayout(blockBytes);
    if (rotationLog.length > eventsThatFit) throw new RangeError(`${rotationLog.length} rotations, ${eventsThatFit} fit`);
    const pair = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)];
    pair[0]?.set(header.encode(stored));
    for (const { slot, ...values } of slots) {
      if (slot < 0 || slot >= keySlotCount) throw new RangeError(`there is no slot ${slot}`);
      const { block, start } = slotPlace(slot, slotsInFirst);
      pair[block]?.set(keySlot.encode(values), start);
    }
    for (const [index, event] of rotationLog.entries()) pair[1]?.set(rotationEvent.encode(event), eventStart + index * eventBytes);
    return pair.map((block) => sealBlock(block, "ENCR", generation));
  },
};

/** The SDK reads as many events as are counted, on into the trailer, until the block ends. Core regions reference 6.3. */
function sdkView(blocks: RegionBlocks, second: Uint8Array, { rotationEventCount }: EncrContent): RegionReading<EncrContent>["sdkReads"] {
  const failure = sdkTrailerFailure(blocks, 2, (index) => `Encryption Header block ${index}`);
  if (failure) return failure;
  const { eventStart, eventsThatFit } = encryptionLayout(blocks.blockBytes);
  if (rotationEventCount <= eventsThatFit) return undefined;
  const last = eventStart + (rotationEventCount - 1) * eventBytes;
  if (last + eventBytes > second.length) return `${sdkOutOfRange} (Parameter 'length')`;
  return { lastEvent: rotationEvent.parse(second.subarray(last, last + eventBytes)) };
}

/** The header with what its slots give: the first active one, and how many are. Core regions reference 6.5. */
export function recountSlots(content: EncrContent): EncrContent {
  const activeSlots = content.slots.filter(({ status }) => status === active);
  return { ...content, activeSlotIndex: activeSlots[0]?.slot ?? noSlot, totalActiveSlots: activeSlots.length };
}

function judgeHeader(pair: readonly [Uint8Array, Uint8Array], content: EncrContent, reservedUsed: boolean): RegionProblem<EncrRule>[] {
  const problems: RegionProblem<EncrRule>[] = [];
  const add = (
    rule: EncrRule,
    subject: string,
    found: string,
    expected: string,
    block: number,
    start: number,
    byteLength: number,
  ): void => {
    problems.push({ rule, subject, found, expected, block, start, byteLength });
  };
  const payload = pair[0].length - trailerBytes;
  const { slotsInFirst, eventStart, eventsThatFit } = encryptionLayout(pair[0].length);
  const activeSlots = content.slots.filter(({ status }) => status === active);
  const { activeSlotIndex, totalActiveSlots } = recountSlots(content);
  if (content.activeSlotIndex !== activeSlotIndex || content.totalActiveSlots !== totalActiveSlots)
    add(
      "encr.active-slot-differs",
      "header",
      `active slot ${content.activeSlotIndex}, ${content.totalActiveSlots} in all`,
      `${activeSlotIndex}, ${totalActiveSlots} in all`,
      0,
      0,
      2,
    );
  if (reservedUsed) add("encr.reserved-not-zero", "header", "bytes 4 to 7 are in use", "zeros", 0, 4, 4);
  const tail = headerBytes + slotsInFirst * slotBytes;
  if (!isAllZero(pair[0].slice(tail, payload)))
    add("encr.reserved-not-zero", "block 0", "bytes behind the slots are in use", "zeros", 0, tail, payload - tail);
  if (content.rotationEventCount > eventsThatFit)
    add("encr.event-count-too-large", "RotationEventCount", `${content.rotationEventCount}`, `${eventsThatFit} fit`, 0, 2, 2);
  const end = eventStart + content.rotationLog.length * eventBytes;
  if (!isAllZero(pair[1].slice(end, payload)))
    add("encr.reserved-not-zero", "block 1", "bytes behind the events are in use", "zeros", 1, end, payload - end);
  if (activeSlots.length > 1)
    add("encr.more-than-one-active", "key slots", `slots ${activeSlots.map(({ slot }) => slot).join(", ")} are active`, "one", 0, 0, 2);
  return problems;
}

function judgeSlots({ slots }: EncrContent, blockBytes: number): RegionProblem<EncrRule>[] {
  const { slotsInFirst } = encryptionLayout(blockBytes);
  const problems: RegionProblem<EncrRule>[] = [];
  for (const slot of slots) {
    const add = (rule: EncrRule, found: string, expected: string): void => {
      problems.push({
        rule,
        subject: `key slot ${slot.slot}`,
        found,
        expected,
        ...slotPlace(slot.slot, slotsInFirst),
        byteLength: slotBytes,
      });
    };
    const { status, createdUtcTicks, retiredUtcTicks } = slot;
    if (!isCalendarTicks(createdUtcTicks) || !isCalendarTicks(retiredUtcTicks))
      add("encr.time-range", `${createdUtcTicks}, ${retiredUtcTicks}`, "times a calendar holds");
    if (status === 0) {
      add("encr.empty-slot-not-zero", "an empty slot with bytes in it", "zeros: what is left of a key is still a key");
      continue;
    }
    if (slot.slotIndex !== slot.slot) add("encr.slot-index-differs", `index ${slot.slotIndex}`, `its position, ${slot.slot}`);
    if (status > 3) add("encr.status-unknown", `status ${status}`, "0 to 3");
    if (!(slot.algorithmId in keyAlgorithms) || !(slot.kdfAlgorithmId in keyDerivations))
      add(
        "encr.algorithm-unknown",
        `algorithm ${slot.algorithmId}, derivation ${slot.kdfAlgorithmId}`,
        "algorithm 1 or 2, derivation 0 to 2",
      );
    if (slot.kdfIterations === 0) add("encr.iterations-missing", "0 iterations", "more than 0");
    if (isAllZero(slot.wrappedKey)) add("encr.key-missing", "a wrapped key of zeros", "a key");
    if (status === active ? retiredUtcTicks !== 0n : status <= 3 && (createdUtcTicks <= 0n || retiredUtcTicks < createdUtcTicks))
      add(
        "encr.slot-times",
        `made at ${createdUtcTicks}, retired at ${retiredUtcTicks}`,
        status === active ? "not retired" : "made, then retired",
      );
  }
  return problems;
}

function judgeLog({ rotationLog, slots }: EncrContent, blockBytes: number): RegionProblem<EncrRule>[] {
  const { eventStart } = encryptionLayout(blockBytes);
  const problems: RegionProblem<EncrRule>[] = [];
  const add = (rule: EncrRule, index: number, found: string, expected: string): void => {
    problems.push({
      rule,
      subject: `rotation ${index}`,
      found,
      expected,
      block: 1,
      start: eventStart + index * eventBytes,
      byteLength: eventBytes,
    });
  };
  for (const [index, event] of rotationLog.entries()) {
    const before = rotationLog[index - 1];
    if (before && event.timestampUtcTicks < before.timestampUtcTicks)
      add(
        "encr.rotation-order",
        index,
        `at ${event.timestampUtcTicks}, the one before at ${before.timestampUtcTicks}`,
        "times that do not decrease",
      );
    if (event.oldSlotIndex >= keySlotCount || event.newSlotIndex >= keySlotCount || event.oldSlotIndex === event.newSlotIndex)
      add("encr.rotation-slots", index, `from slot ${event.oldSlotIndex} to ${event.newSlotIndex}`, "two slots of 0 to 62");
    if (event.reason > 3) add("encr.rotation-reason", index, `reason ${event.reason}`, "0 to 3");
    if (!isCalendarTicks(event.timestampUtcTicks)) add("encr.time-range", index, `${event.timestampUtcTicks}`, "a time a calendar holds");
  }
  const latest = rotationLog.at(-1);
  if (latest && slots.find(({ slot }) => slot === latest.newSlotIndex)?.status !== active)
    add("encr.rotation-not-active", rotationLog.length - 1, `the last rotation led to slot ${latest.newSlotIndex}`, "an active slot");
  return problems;
}
