import { type PolvContent, policyVaultSeal, polvCodec } from "../../../format/regions/polv.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";

const key = new Uint8Array(32).fill(7);
const policy = (number: number, policyType: number, data: Uint8Array): PolvContent["policies"][0] => ({
  policyId: guidOf(number),
  policyType,
  version: 1,
  createdUtcTicks: newYear,
  modifiedUtcTicks: newYear + 1n,
  dataLength: data.length,
  data,
});
const sound = (): PolvContent => ({
  generation: 3,
  policyCount: 3,
  policies: [policy(1, 0x0074, Uint8Array.of(4)), policy(2, 0x0003, new Uint8Array(128)), policy(3, 0x0001, new Uint8Array(0))],
  hmac: new Uint8Array(32),
});
/** Written under the key, unless the content brings a seal of its own. */
const write = (content: PolvContent, blockBytes: number): Uint8Array[] => {
  const [first = new Uint8Array(blockBytes)] = polvCodec.write(content, blockBytes);
  const hmac = content.hmac.some((byte) => byte !== 0) ? content.hmac : policyVaultSeal(key, first);
  return polvCodec.write({ ...content, hmac }, blockBytes);
};
/** Changes block 0 and seals it again. */
const inFirst =
  (change: (first: Uint8Array) => void) =>
  ([first, second]: Uint8Array[]): void => {
    if (!first || !second) throw new TypeError("a vault has two blocks");
    change(first);
    second.set(policyVaultSeal(key, first));
  };
const policyOf = (content: PolvContent, index: number) => content.policies[index] as PolvContent["policies"][0];
const dataOf = (index: number, change: (data: Uint8Array) => Uint8Array) => (content: PolvContent) => {
  const changed = policyOf(content, index);
  changed.data = change(changed.data);
  changed.dataLength = changed.data.length;
};
const policiesEnd = 4 + 41 + 168 + 40;

describeRegionRules(polvCodec, write, { content: sound, facts: { policyVaultKey: key } }, [
  ...blockRuleCases("polv"),
  { rule: "polv.blocks-exceed-region", blockCount: 1 },
  { rule: "polv.seal-mismatch", content: (content) => Object.assign(content, { hmac: new Uint8Array(32).fill(1) }) },
  { rule: "polv.seal-missing", blocks: ([, second]) => second?.fill(0, 0, 32) },
  { rule: "polv.reserved-not-zero", blocks: ([, second]) => second?.set([1], 32) },
  { rule: "polv.reserved-not-zero", blocks: inFirst((first) => first.set([1], policiesEnd)) },
  { rule: "polv.count-differs", blocks: inFirst((first) => first.set([0xff, 0xff, 0xff, 0xff])) },
  {
    rule: "polv.count-differs",
    blocks: inFirst((first) => first.set([200])),
    also: { "polv.id-empty": "zeros behind the last policy are policies to whoever believes the count" },
  },
  { rule: "polv.policy-broken", blocks: inFirst((first) => first.set([0xff, 0xff, 0xff, 0xff], policiesEnd - 4)) },
  { rule: "polv.id-empty", content: (content) => Object.assign(policyOf(content, 2), { policyId: guidOf(0) }) },
  { rule: "polv.id-duplicate", content: (content) => Object.assign(policyOf(content, 2), { policyId: guidOf(1) }) },
  { rule: "polv.times", content: (content) => Object.assign(policyOf(content, 2), { modifiedUtcTicks: newYear - 1n }) },
  { rule: "polv.time-range", content: (content) => Object.assign(policyOf(content, 2), { modifiedUtcTicks: 2n ** 62n }) },
  { rule: "polv.tamper-level", content: dataOf(0, () => Uint8Array.of(5)) },
  { rule: "polv.tamper-level", content: dataOf(0, () => new Uint8Array(0)) },
  {
    rule: "polv.tamper-policy-count",
    content: (content) => {
      content.policies.push(policy(9, 0x0074, Uint8Array.of(0)));
      content.policyCount++;
    },
  },
  { rule: "polv.qos-length", content: dataOf(1, (data) => data.slice(1)) },
  { rule: "polv.qos-value", content: dataOf(1, (data) => data.with(2, 8)) },
  { rule: "polv.qos-value", content: dataOf(1, (data) => data.with(64 + 3, 4)) },
  { rule: "polv.qos-value", content: dataOf(1, (data) => data.with(127, 1)) },
]);
