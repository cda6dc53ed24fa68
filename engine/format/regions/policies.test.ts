import { describe, expect, it } from "vitest";
import { policyMeaning, qosBytes, qosRecord, qosType, tamperType } from "./policies.ts";

describe("what a policy says", () => {
  it("is the level of a tamper response", () => {
    expect(policyMeaning(tamperType, Uint8Array.of(4))).toBe("Reject");
    expect(policyMeaning(tamperType, Uint8Array.of(0x74, 1, 2))).toBe("level 116, which is none of 0 to 4");
    expect(policyMeaning(tamperType, new Uint8Array(0))).toMatch(/no level/);
  });
  it("is the tenant and the limits of a quality-of-service record", () => {
    const record = new Uint8Array(qosBytes);
    const view = new DataView(record.buffer);
    view.setUint16(0, 7, true);
    record.set([5, 1], 2);
    view.setUint32(4, 1000, true);
    expect(qosRecord.parse(record)).toMatchObject({ tenantId: 7, qosClass: 5, maxIops: 1000 });
    expect(policyMeaning(qosType, record)).toBe("tenant 7: High, at most 1000 operations per second, unlimited MiB/s");
    expect(policyMeaning(qosType, record.subarray(0, 10))).toMatch(/too few/);
  });
  it("is left open where the format does not say how to read it", () => {
    expect(policyMeaning(1, Uint8Array.of(1, 2))).toBe("");
  });
});
