import { type EncrContent, encrCodec } from "../../../format/regions/encr.ts";
import { newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const slot = (position: number, status: number): EncrContent["slots"][0] => ({
  slot: position,
  slotIndex: position,
  status,
  algorithmId: 1,
  wrappedKey: new Uint8Array(64).fill(position + 1),
  keySalt: new Uint8Array(32).fill(5),
  kdfIterations: 100_000,
  kdfAlgorithmId: 1,
  reserved: 0,
  createdUtcTicks: newYear,
  retiredUtcTicks: status === 1 ? 0n : newYear + 1n,
});
const sound = (): EncrContent => ({
  generation: 4,
  activeSlotIndex: 40,
  totalActiveSlots: 1,
  rotationEventCount: 2,
  slots: [slot(0, 2), slot(1, 3), slot(40, 1)],
  rotationLog: [
    { timestampUtcTicks: newYear, oldSlotIndex: 0, newSlotIndex: 1, reason: 0 },
    { timestampUtcTicks: newYear + 1n, oldSlotIndex: 1, newSlotIndex: 40, reason: 1 },
  ],
});
const slotOf = (content: EncrContent, index: number) => content.slots[index] as EncrContent["slots"][0];
const eventOf = (content: EncrContent, index: number) => content.rotationLog[index] as EncrContent["rotationLog"][0];
const eventStart = 31 * 124;

describeRegionRules(encrCodec, encrCodec.write, { content: sound }, [
  ...blockRuleCases("encr"),
  {
    rule: "encr.blocks-exceed-region",
    blockCount: 1,
    content: (content) => {
      content.slots = [slot(0, 2), slot(1, 1)];
      content.activeSlotIndex = 1;
      content.rotationLog = [];
      content.rotationEventCount = 0;
    },
  },
  { rule: "encr.active-slot-differs", content: (content) => Object.assign(content, { activeSlotIndex: 0 }) },
  { rule: "encr.active-slot-differs", content: (content) => Object.assign(content, { totalActiveSlots: 2 }) },
  { rule: "encr.reserved-not-zero", blocks: ([first]) => first?.set([1], 4) },
  { rule: "encr.reserved-not-zero", blocks: ([first]) => first?.set([1], 8 + 32 * 124) },
  { rule: "encr.reserved-not-zero", blocks: ([, second]) => second?.set([1], eventStart + 24) },
  {
    rule: "encr.event-count-too-large",
    content: (content) => {
      content.rotationLog = Array.from({ length: 19 }, (_, index) => ({
        ...eventOf(sound(), 1),
        timestampUtcTicks: newYear + BigInt(index),
      }));
      content.rotationEventCount = 20;
    },
  },
  { rule: "encr.slot-index-differs", content: (content) => Object.assign(slotOf(content, 0), { slotIndex: 7 }) },
  { rule: "encr.status-unknown", content: (content) => Object.assign(slotOf(content, 0), { status: 4 }) },
  { rule: "encr.algorithm-unknown", content: (content) => Object.assign(slotOf(content, 0), { algorithmId: 3 }) },
  { rule: "encr.algorithm-unknown", content: (content) => Object.assign(slotOf(content, 0), { kdfAlgorithmId: 3 }) },
  { rule: "encr.iterations-missing", content: (content) => Object.assign(slotOf(content, 0), { kdfIterations: 0 }) },
  { rule: "encr.key-missing", content: (content) => Object.assign(slotOf(content, 0), { wrappedKey: new Uint8Array(64) }) },
  { rule: "encr.empty-slot-not-zero", content: (content) => Object.assign(slotOf(content, 0), { status: 0 }) },
  { rule: "encr.slot-times", content: (content) => Object.assign(slotOf(content, 2), { retiredUtcTicks: newYear }) },
  { rule: "encr.slot-times", content: (content) => Object.assign(slotOf(content, 0), { retiredUtcTicks: newYear - 1n }) },
  { rule: "encr.slot-times", content: (content) => Object.assign(slotOf(content, 1), { createdUtcTicks: 0n }) },
  { rule: "encr.time-range", content: (content) => Object.assign(slotOf(content, 0), { retiredUtcTicks: 2n ** 62n }) },
  { rule: "encr.time-range", content: (content) => Object.assign(eventOf(content, 1), { timestampUtcTicks: 2n ** 62n }) },
  {
    rule: "encr.more-than-one-active",
    content: (content) => {
      content.slots.push(slot(41, 1));
      content.totalActiveSlots = 2;
    },
  },
  { rule: "encr.rotation-order", content: (content) => Object.assign(eventOf(content, 1), { timestampUtcTicks: newYear - 1n }) },
  { rule: "encr.rotation-slots", content: (content) => Object.assign(eventOf(content, 0), { oldSlotIndex: 63 }) },
  { rule: "encr.rotation-slots", content: (content) => Object.assign(eventOf(content, 0), { newSlotIndex: 0 }) },
  { rule: "encr.rotation-reason", content: (content) => Object.assign(eventOf(content, 0), { reason: 4 }) },
  { rule: "encr.rotation-not-active", content: (content) => Object.assign(eventOf(content, 1), { newSlotIndex: 0 }) },
]);
