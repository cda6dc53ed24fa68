import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "../../base/bytes.ts";
import { StoredText } from "../../base/stored-text.ts";
import { goldenBytes } from "../../testing/golden.ts";
import { extendedMetadata, formatFingerprint, integrityAnchor } from "./group-metadata.ts";

const image = goldenBytes("created-minimal-4k");
const block = (number: number) => image.subarray(number * 4096, (number + 1) * 4096);
const offsets = (fields: readonly { path: string; offset?: number | undefined }[]) =>
  Object.fromEntries(fields.map((field) => [field.path, field.offset]));

describe("extended metadata", () => {
  it("has its fields where core reference 2.6 has them", () => {
    expect(offsets(extendedMetadata.fields)).toMatchObject({
      "namespace.namespacePrefix": 0,
      "namespace.namespaceUuid": 0x20,
      "namespace.namespaceAuthority": 0x30,
      "namespace.namespaceSignature": 0x70,
      dottedVersionVector: 0xb0,
      sovereigntyZoneConfig: 0x1b0,
      raidLayoutSummary: 0x230,
      streamingConfig: 0x2b0,
      fabricNamespaceRoot: 0x330,
      tierPolicyDigest: 0x430,
      aiMetadataSummary: 0x4b0,
      billingMeterSnapshot: 0x530,
      unused: 0x5b0,
    });
  });
  it("of a fresh volume is empty and sealed", () => {
    const fresh = extendedMetadata.decode(block(2));
    expect(fresh.namespace.namespacePrefix.text).toBe("");
    expect(toHex(block(2).subarray(-16))).toBe("444d584501000000f050e50a6bbef651");
    const named = { ...fresh, namespace: { ...fresh.namespace, namespacePrefix: StoredText.of("dw://team", 32) } };
    const written = extendedMetadata.encode(named, { byteLength: 4096 });
    expect(extendedMetadata.decode(written).namespace.namespacePrefix.text).toBe("dw://team");
  });
});

describe("the integrity anchor", () => {
  it("has its fields where core reference 2.7 has them", () => {
    expect(offsets(integrityAnchor.fields)).toMatchObject({
      merkleRootHash: 0,
      policyVaultHash: 0x20,
      inodeTableHash: 0x40,
      tagIndexHash: 0x60,
      hashChainCounter: 0x80,
      hashChainHead: 0x88,
      blockchainAnchorTxId: 0xc8,
      sbomDigest: 0x108,
      formatFingerprint: 0x128,
      metadataChainHash: 0x148,
      chainGeneration: 0x168,
      chainTimestamp: 0x170,
      unused: 0x178,
    });
  });
  it("of a fresh volume is empty and sealed, the mirror alike", () => {
    expect(integrityAnchor.decode(block(3)).chainGeneration).toBe(0n);
    expect(equalBytes(block(3), block(7))).toBe(true);
  });
  it("says of a fingerprint which version it stands for", () => {
    expect(toHex(formatFingerprint)).toBe("5ed170ca1f471ee519b70093dd599ca343e3b0ba6b360a4f8b6f8c6673681d00");
    const filled = integrityAnchor.encode({ ...integrityAnchor.parse(block(3)), formatFingerprint }, { byteLength: 4096 });
    const text = (bytes: Uint8Array) => integrityAnchor.annotate(bytes).find((row) => row.path === "formatFingerprint")?.text;
    expect(text(filled)).toContain("version 2.0, revision 1");
    expect(text(block(3))).not.toContain("version");
  });
});
