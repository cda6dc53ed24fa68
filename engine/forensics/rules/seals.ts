import { equalBytes, isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { defineRule } from "../../findings/registry.ts";
import { formatFingerprint } from "../../format/core/index.ts";
import type { Volume } from "../../volume/volume.ts";
import type { RuleSet } from "./context.ts";

const headerStale = defineRule<{ block: number }>({
  id: "seal.header-stale",
  severity: "warning",
  confidence: "likely",
  reference: "operations reference 0.3, 0.5",
  states: "A sealed superblock was not rewritten by a writer that carries the old seal over.",
  title: () => "The header seal is older than the superblock",
  explanation: ({ block }) =>
    `Block ${block} has a HeaderIntegritySeal and an all-zero trailer: an online operation of the SDK rewrote it, and none of them computes the seal again. Only its key could prove it.`,
  repair: { id: "seal.recompute-header", risk: "advisory" },
});
const chainStale = defineRule<{ stored: string; computed: string }>({
  id: "seal.chain-stale",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.7, operations reference 0.5",
  states: "MetadataChainHash is all zero, or the chain over the first block of each region.",
  title: () => "The metadata chain hash is stale",
  explanation: ({ stored, computed }) =>
    `Stored ${stored}, computed ${computed}. It covers the first block of every region, the log's header too, so every journaled change makes it stale unless it is computed again.`,
  repair: { id: "seal.recompute-chain", risk: "advisory" },
});
const fingerprint = defineRule<{ stored: string; expected: string }>({
  id: "seal.fingerprint",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 2.7",
  states: "FormatFingerprint is all zero, or that of format 2.0, revision 1.",
  title: () => "FormatFingerprint is that of no known format",
  explanation: ({ stored, expected }) => `Stored ${stored}; version 2.0, revision 1 has ${expected}.`,
});

/** What seals the volume as a whole: header seal, chain hash, fingerprint. Zeros mean that nothing was sealed. */
export const sealRules: RuleSet = async ({ volume, report, signal }) => {
  const { superblock, integrityAnchor } = volume.group;
  const head = volume.head[superblock.block];
  if (superblock.value && head?.trailer.zero && !isAllZero(superblock.value.headerIntegritySeal))
    report(
      headerStale(
        { block: superblock.block },
        {
          block: BigInt(superblock.block),
          byteOffset: BigInt((superblock.block + 1) * volume.blockBytes - 48),
          byteLength: 32,
        },
      ),
    );
  const anchor = integrityAnchor.value;
  if (!anchor || !integrityAnchor.holds) return;
  const at = (byteOffset: number) => ({
    block: BigInt(integrityAnchor.block),
    byteOffset: BigInt(integrityAnchor.block * volume.blockBytes + byteOffset),
    byteLength: 32,
  });
  if (!isAllZero(anchor.formatFingerprint) && !equalBytes(anchor.formatFingerprint, formatFingerprint))
    report(fingerprint({ stored: toHex(anchor.formatFingerprint), expected: toHex(formatFingerprint) }, at(296)));
  if (isAllZero(anchor.metadataChainHash)) return;
  const computed = await chainHash(volume, signal);
  if (computed && !equalBytes(computed, anchor.metadataChainHash))
    report(chainStale({ stored: toHex(anchor.metadataChainHash), computed: toHex(computed) }, at(328)));
};

const leftOut = new Set(["PrimarySuperblock", "MirrorSuperblock", "DataRegion"]);

/** The chain over the first block of each region, ascending by start; undefined where one of them is not there. Core reference 2.7. */
async function chainHash(volume: Volume, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  let hash: Uint8Array = new Uint8Array(32);
  const chained = volume.regions
    .filter((region) => !leftOut.has(region.name) && region.blockCount > 0n)
    .toSorted((a, b) => (a.startBlock < b.startBlock ? -1 : a.startBlock > b.startBlock ? 1 : a.slot - b.slot));
  for (const region of chained) {
    const first = region.startBlock < 0n ? undefined : await volume.reader.read(region.startBlock, signal);
    if (!first) return undefined;
    hash = checksum.sha256OfParts([hash, first]);
  }
  return hash;
}
