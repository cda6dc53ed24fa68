import { bytes, type Decoded, enumeration, flags, struct, u8, u16, u32, u64 } from "../../base/struct/index.ts";

export const tamperType = 0x0074;
export const qosType = 0x0003;
export const qosBytes = 64;

/** Types of policies that code or specification names. Core regions reference 5.4. */
export const policyTypes: Readonly<Record<number, string>> = {
  1: "Access control list",
  [qosType]: "Quality of service",
  4: "Tenant to log shards",
  5: "Audit anchor interval",
  [tamperType]: "Tamper response",
};

/** What opening does when the integrity checks fail. Core regions reference 5.4. */
export const tamperLevels: Readonly<Record<number, string>> = { 0: "Log", 1: "Alert", 2: "ReadOnly", 3: "Quarantine", 4: "Reject" };

const qosClasses = {
  0: "Background",
  1: "Idle",
  2: "BelowNormal",
  3: "Normal",
  4: "AboveNormal",
  5: "High",
  6: "Critical",
  7: "Realtime",
} as const;

/** One record of a quality-of-service policy. Core regions reference 5.4. */
export const qosRecord = struct("QoSPolicyRecord", {
  tenantId: u16({ as: "id" }),
  qosClass: enumeration(u8(), qosClasses),
  flags: flags(u8(), { 0: "Enabled", 1: "HardLimit" }),
  maxIops: u32({ doc: "0 is unlimited" }),
  minGuaranteedIops: u32(),
  maxBandwidthMBps: u32({ doc: "In MiB per second; 0 is unlimited" }),
  minGuaranteedBandwidthMBps: u32(),
  latencyDeadlineUs: u32(),
  burstIops: u32(),
  burstDurationMs: u16(),
  priorityWeight: u16(),
  bytesQuota: u64({ unit: "bytes", doc: "0 is unlimited" }),
  bytesUsed: u64({ unit: "bytes" }),
  reserved: bytes(16),
});
export type QosRecord = Decoded<typeof qosRecord>;

const limit = (value: number | bigint, unit: string): string => (BigInt(value) === 0n ? `unlimited ${unit}` : `at most ${value} ${unit}`);

function qosWords(record: QosRecord): string {
  const name = (qosClasses as Readonly<Record<number, string>>)[record.qosClass] ?? `class ${record.qosClass}`;
  const state = record.flags & 1 ? "" : ", not enabled";
  return `tenant ${record.tenantId}: ${name}${state}, ${limit(record.maxIops, "operations per second")}, ${limit(record.maxBandwidthMBps, "MiB/s")}`;
}

/** What a policy's data says, in words; "" where the format does not say how to read it. Core regions reference 5.4. */
export function policyMeaning(policyType: number, data: Uint8Array): string {
  if (policyType === tamperType) {
    const level = data[0];
    if (level === undefined) return "no level: the SDK refuses to read it";
    return tamperLevels[level] ?? `level ${level}, which is none of 0 to 4`;
  }
  if (policyType !== qosType || data.length === 0) return "";
  const whole = Math.floor(data.length / qosBytes);
  if (whole === 0) return `${data.length} bytes, too few for a record of ${qosBytes}`;
  const first = qosWords(qosRecord.parse(data.subarray(0, qosBytes)));
  return whole === 1 ? first : `${first}; ${whole - 1} more`;
}
