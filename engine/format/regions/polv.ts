import { equalBytes, isAllZero, toHex, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { array, bytes, type Decoded, guid, i32, reservedUntil, struct, ticks, u16 } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, sealBlock, trailerBytes } from "../core/index.ts";
import { qosBytes, qosType, tamperType } from "./policies.ts";
import {
  anyStruct,
  type BlockRule,
  blockOrZeros,
  duplicates,
  headState,
  isCalendarTicks,
  isEmptyGuid,
  judgeBlocks,
  type RegionBlocks,
  type RegionCodec,
  type RegionFacts,
  type RegionProblem,
  type RegionReading,
  sdkOutOfRange,
  sdkTrailerFailure,
  unreadable,
  unusedBlock,
} from "./region.ts";

const fixedBytes = 40;
const sealBytes = 32;

/** A policy, 40 bytes and its data. Core regions reference 5.1. */
const policyDefinition = struct("PolicyDefinition", {
  policyId: guid(),
  policyType: u16(),
  version: u16({ doc: "Of the data's layout" }),
  createdUtcTicks: ticks(),
  modifiedUtcTicks: ticks(),
  dataLength: i32({ unit: "bytes", check: (value) => value >= 0, expects: "not negative" }),
  data: bytes((values) => values.dataLength as number),
});
const sealBlockStruct = struct("PolicyVaultSeal", {
  hmac: bytes(sealBytes, { as: "checksum", doc: "HMAC-SHA256 of block 0's payload" }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

export type Policy = Decoded<typeof policyDefinition>;

export interface PolvContent {
  generation: number;
  /** As stored. */
  policyCount: number;
  policies: Policy[];
  /** Block 1, bytes 0 to 31. */
  hmac: Uint8Array;
}

export type PolvRule =
  | BlockRule<"polv">
  | `polv.${
      | "seal-mismatch"
      | "seal-missing"
      | "reserved-not-zero"
      | "count-differs"
      | "policy-broken"
      | "id-empty"
      | "id-duplicate"
      | "times"
      | "time-range"
      | "tamper-level"
      | "tamper-policy-count"
      | "qos-length"
      | "qos-value"}`;

interface Walk {
  policies: { start: number; policy: Policy }[];
  /** Where the first policy stands whose data leaves the payload. */
  broken?: { start: number; dataLength: number };
  end: number;
}

function walk(block: Uint8Array, count: number): Walk {
  const payload = block.length - trailerBytes;
  const policies: Walk["policies"] = [];
  let start = 4;
  while (policies.length < count && start + fixedBytes <= payload) {
    const dataLength = viewOf(block).getInt32(start + fixedBytes - 4, true);
    if (dataLength < 0 || start + fixedBytes + dataLength > payload) return { policies, broken: { start, dataLength }, end: start };
    policies.push({ start, policy: policyDefinition.parse(block.subarray(start, start + fixedBytes + dataLength)) });
    start += fixedBytes + dataLength;
  }
  return { policies, end: start };
}

/** The policy vault: policies in block 0, its seal in block 1. Core regions reference 5. */
export const polvCodec: RegionCodec<PolvContent> = {
  tag: "POLV",
  read(blocks, facts = {}): RegionReading<PolvContent> {
    const state = headState(blocks, "POLV");
    if (state !== "readable") return unreadable(blocks, "polv", state, "Policy Vault block 0");
    const [first, second] = [blockOrZeros(blocks, 0), blockOrZeros(blocks, 1)];
    const policyCount = viewOf(first).getInt32(0, true);
    const walked = walk(first, Math.max(0, policyCount));
    const content: PolvContent = {
      generation: judgeTrailer(first).generationNumber,
      policyCount,
      policies: walked.policies.map(({ policy }) => policy),
      hmac: second.slice(0, sealBytes),
    };
    return {
      content: walked.broken ? undefined : content,
      sdkReads: sdkVerdict(blocks, first, content, facts),
      problems: [
        ...judgeBlocks(blocks, "polv", 2),
        ...(blocks.blockCount > 1 ? judgeSeal(first, second, content, facts) : []),
        ...judgeSpace(first, content, walked),
        ...judgePolicies(walked),
      ],
      places: {
        policies: (index) => {
          const { start, policy } = walked.policies[index] ?? {};
          return start === undefined || !policy ? undefined : { block: 0, start, byteLength: fixedBytes + policy.data.length };
        },
      },
    };
  },
  structureOf(index, block) {
    if (index === 1) return anyStruct(sealBlockStruct);
    if (index > 1) return unusedBlock;
    const count = walk(block, Math.max(0, viewOf(block).getInt32(0, true))).policies.length;
    const policies = array(policyDefinition, count);
    return anyStruct(struct("PolicyVault", { policyCount: i32(), policies, unused: reservedUntil(trailerBytes), trailer: blockTrailer }));
  },
  write({ generation, policyCount, policies, hmac }, blockBytes) {
    const first = new Uint8Array(blockBytes);
    viewOf(first).setInt32(0, policyCount, true);
    let start = 4;
    for (const policy of policies) {
      const encoded = policyDefinition.encode({ ...policy, dataLength: policy.data.length });
      if (start + encoded.length > blockBytes - trailerBytes) throw new RangeError("the policies do not fit one block");
      first.set(encoded, start);
      start += encoded.length;
    }
    const second = new Uint8Array(blockBytes);
    second.set(hmac.subarray(0, sealBytes));
    return [first, second].map((block) => sealBlock(block, "POLV", generation));
  },
};

/** The vault's seal: HMAC-SHA256 of block 0's whole payload, zero fill included. Core regions reference 5.1. */
export const policyVaultSeal = (key: Uint8Array, block: Uint8Array): Uint8Array =>
  checksum.hmacSha256(key, block.subarray(0, block.length - trailerBytes));

function sdkVerdict(blocks: RegionBlocks, first: Uint8Array, { policyCount, hmac }: PolvContent, facts: RegionFacts): string | undefined {
  const failure = sdkTrailerFailure(blocks, 2, (index) => `Policy Vault block ${index}`);
  if (failure) return failure;
  if (facts.policyVaultKey && !equalBytes(policyVaultSeal(facts.policyVaultKey, first), hmac))
    return "InvalidDataException: Policy Vault HMAC verification failed: data has been tampered with.";
  const view = viewOf(first);
  let start = 4;
  for (let index = 0; index < policyCount; index++) {
    if (start + fixedBytes > first.length) return `${sdkOutOfRange} (Parameter 'length')`;
    const dataLength = view.getInt32(start + fixedBytes - 4, true);
    if (dataLength < 0 || start + fixedBytes + dataLength > first.length)
      return `InvalidDataException: PolicyDefinition dataLength ${dataLength} is negative or exceeds buffer bounds.`;
    start += fixedBytes + dataLength;
  }
  return undefined;
}

function judgeSeal(
  first: Uint8Array,
  second: Uint8Array,
  { hmac }: PolvContent,
  { policyVaultKey }: RegionFacts,
): RegionProblem<PolvRule>[] {
  const problems: RegionProblem<PolvRule>[] = [];
  const seal = { subject: "seal", block: 1, start: 0, byteLength: sealBytes };
  if (isAllZero(hmac)) problems.push({ rule: "polv.seal-missing", ...seal, found: "zeros", expected: "HMAC-SHA256 of block 0" });
  else if (policyVaultKey && !equalBytes(policyVaultSeal(policyVaultKey, first), hmac))
    problems.push({ rule: "polv.seal-mismatch", ...seal, found: toHex(hmac), expected: toHex(policyVaultSeal(policyVaultKey, first)) });
  const payload = first.length - trailerBytes;
  if (!isAllZero(second.slice(sealBytes, payload)))
    problems.push({
      rule: "polv.reserved-not-zero",
      subject: "block 1",
      found: "bytes behind the seal are in use",
      expected: "zeros",
      block: 1,
      start: sealBytes,
      byteLength: payload - sealBytes,
    });
  return problems;
}

function judgeSpace(first: Uint8Array, { policyCount, policies }: PolvContent, walked: Walk): RegionProblem<PolvRule>[] {
  const problems: RegionProblem<PolvRule>[] = [];
  const payload = first.length - trailerBytes;
  if (walked.broken)
    problems.push({
      rule: "polv.policy-broken",
      subject: `policy ${policies.length}`,
      found: `data of ${walked.broken.dataLength} bytes`,
      expected: "data that ends inside the block",
      block: 0,
      start: walked.broken.start,
      byteLength: Math.min(fixedBytes, payload - walked.broken.start),
    });
  else if (policyCount < 0 || policies.length < policyCount)
    problems.push({
      rule: "polv.count-differs",
      subject: "PolicyCount",
      found: `${policyCount}`,
      expected: `${policies.length} policies are there`,
      block: 0,
      start: 0,
      byteLength: 4,
    });
  else if (!isAllZero(first.slice(walked.end, payload)))
    problems.push({
      rule: "polv.reserved-not-zero",
      subject: "block 0",
      found: "bytes behind the policies are in use",
      expected: "zeros",
      block: 0,
      start: walked.end,
      byteLength: payload - walked.end,
    });
  return problems;
}

function judgePolicies({ policies }: Walk): RegionProblem<PolvRule>[] {
  const problems: RegionProblem<PolvRule>[] = [];
  const add = (rule: PolvRule, index: number, found: string, expected: string): void => {
    const { start = 0, policy } = policies[index] ?? {};
    problems.push({
      rule,
      subject: `policy ${index}`,
      found,
      expected,
      block: 0,
      start,
      byteLength: fixedBytes + (policy?.data.length ?? 0),
    });
  };
  const tampers: number[] = [];
  for (const [index, { policy }] of policies.entries()) {
    const { policyId, policyType, createdUtcTicks, modifiedUtcTicks, data } = policy;
    if (isEmptyGuid(policyId)) add("polv.id-empty", index, "an id of zeros", "an id of its own");
    if (createdUtcTicks > modifiedUtcTicks)
      add("polv.times", index, `made at ${createdUtcTicks}, changed at ${modifiedUtcTicks}`, "made before changed");
    if (!isCalendarTicks(createdUtcTicks) || !isCalendarTicks(modifiedUtcTicks))
      add("polv.time-range", index, `${createdUtcTicks}, ${modifiedUtcTicks}`, "times a calendar holds");
    if (policyType === tamperType) {
      tampers.push(index);
      const level = data[0];
      if (level === undefined || level > 4) add("polv.tamper-level", index, level === undefined ? "no level" : `level ${level}`, "0 to 4");
    }
    if (policyType === qosType) {
      if (data.length % qosBytes !== 0) add("polv.qos-length", index, `${data.length} bytes`, "records of 64 bytes");
      else if (!hasKnownQos(data))
        add("polv.qos-value", index, "a class above 7, flags above 3 or reserved bytes in use", "values that are known");
    }
  }
  for (const index of tampers.slice(1)) add("polv.tamper-policy-count", index, `one of ${tampers.length} tamper policies`, "at most one");
  for (const [first, again] of duplicates(policies, ({ policy }) => (isEmptyGuid(policy.policyId) ? undefined : policy.policyId)))
    add("polv.id-duplicate", again, `the id of policy ${first}`, "an id of its own");
  return problems;
}

function hasKnownQos(data: Uint8Array): boolean {
  for (let at = 0; at < data.length; at += qosBytes)
    if ((data[at + 2] ?? 0) > 7 || (data[at + 3] ?? 0) > 3 || !isAllZero(data.slice(at + 48, at + qosBytes))) return false;
  return true;
}
