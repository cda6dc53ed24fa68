import { equalBytes, fromHex, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { bytes, type Decoded, guid, i64, reservedUntil, struct, text } from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "./block-trailer.ts";

/** Block 2 and its mirror, block 6. Core reference 2.6. */
export const extendedMetadata = struct("ExtendedMetadata", {
  namespace: struct("Namespace", {
    namespacePrefix: text(32),
    namespaceUuid: guid(),
    namespaceAuthority: text(64),
    namespaceSignature: bytes(64, { as: "checksum" }),
  }),
  dottedVersionVector: bytes(256),
  sovereigntyZoneConfig: bytes(128),
  raidLayoutSummary: bytes(128),
  streamingConfig: bytes(128),
  fabricNamespaceRoot: bytes(256, { doc: "By convention byte 0 is the nesting depth" }),
  tierPolicyDigest: bytes(128),
  aiMetadataSummary: bytes(128),
  billingMeterSnapshot: bytes(128),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
export type ExtendedMetadata = Decoded<typeof extendedMetadata>;

const digest = (byteLength: number, doc?: string) => bytes(byteLength, { as: "checksum", doc });

/** SHA-256 of version 2.0, revision 1 and four limits of the format: what FormatFingerprint holds where it is filled in. Core reference 2.7. */
export const formatFingerprint: Uint8Array = checksum.sha256(fromHex("0200 0100 00020000 00000100 04000000 40000000"));

/** Block 3 and its mirror, block 7. Core reference 2.7. */
export const integrityAnchor = struct("IntegrityAnchor", {
  merkleRootHash: digest(32),
  policyVaultHash: digest(32),
  inodeTableHash: digest(32),
  tagIndexHash: digest(32),
  hashChainCounter: i64(),
  hashChainHead: digest(64),
  blockchainAnchorTxId: bytes(64, { as: "id" }),
  sbomDigest: digest(32),
  formatFingerprint: bytes(32, {
    as: "checksum",
    doc: "SHA-256 of the format's constants",
    show: (value) => `${toHex(value)}${equalBytes(value, formatFingerprint) ? " · version 2.0, revision 1" : ""}`,
  }),
  metadataChainHash: digest(32, "SHA-256 chained over the first block of each region"),
  chainGeneration: i64(),
  chainTimestamp: i64({ as: "time", doc: "Ticks, although documented as nanoseconds" }),
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});
export type IntegrityAnchor = Decoded<typeof integrityAnchor>;
