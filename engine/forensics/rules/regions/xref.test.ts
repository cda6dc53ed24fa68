import { StoredText } from "../../../base/stored-text.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { type XrefContent, xrefCodec } from "../../../format/regions/xref.ts";
import type { FederationContent } from "../../../format/regions/xref-federation.ts";
import type { ReferencesContent } from "../../../format/regions/xref-references.ts";
import type { SeparationContent } from "../../../format/regions/xref-separation.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { moveToNextBlock, negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

const own = guidOf(500);
const references = (count: number): ReferencesContent => ({
  layout: "references",
  generation: 7,
  referenceCount: count,
  references: Array.from({ length: count }, (_, index) => ({
    referenceId: guidOf(index + 1),
    sourceVdeId: own,
    targetVdeId: guidOf(501),
    sourceInodeNumber: 1n,
    targetInodeNumber: 2n,
    referenceType: 3,
    createdUtcTicks: newYear,
  })),
});
const federation = (pathBytes: readonly number[]): FederationContent => ({
  layout: "federation",
  generation: 7,
  geoRegionCount: 1,
  federationEntryCount: pathBytes.length,
  localRegionId: 9,
  geoRegions: [{ regionId: 9, latitude: 50, longitude: 8.5, regionName: StoredText.of("eu") }],
  entries: pathBytes.map((byteLength, index) => ({
    vdeId: guidOf(index + 1),
    geoRegionId: 9,
    lastSeenUtcTicks: newYear,
    latencyMs: 12,
    replicaCount: 3,
    status: 1,
    namespacePath: StoredText.of("x".repeat(byteLength)),
  })),
});
const separation = (count: number): SeparationContent => ({
  layout: "separation",
  generation: 7,
  assignmentCount: count,
  assignments: Array.from({ length: count }, (_, index) => ({
    vdeId: guidOf(index + 1),
    role: 1,
    priority: 0,
    capacityBlocks: 1000n,
    usedBlocks: 10n,
    isReadOnly: true,
  })),
});
type Content = XrefContent | UnusedRegion;
/** Puts another content in the place of the sound one. */
const as =
  <T extends XrefContent>(other: T, change: (content: T) => void = () => undefined) =>
  (content: Content): void => {
    change(other);
    for (const key of Object.keys(content)) delete (content as unknown as Record<string, unknown>)[key];
    Object.assign(content, other);
  };
const reference = (change: Partial<ReferencesContent["references"][0]>) =>
  as(references(3), ({ references: [, second] }) => void Object.assign(second ?? {}, change));
const region = (change: Partial<FederationContent["geoRegions"][0]>) =>
  as(federation([7, 7]), ({ geoRegions: [first] }) => void Object.assign(first ?? {}, change));
const entry = (change: Partial<FederationContent["entries"][0]>) =>
  as(federation([7, 7]), ({ entries: [, second] }) => void Object.assign(second ?? {}, change));
const assignment = (change: Partial<SeparationContent["assignments"][0]>) =>
  as(separation(3), ({ assignments: [, second] }) => void Object.assign(second ?? {}, change));
const misread = { "xref.sdk-misreads": "the SDK's reader takes free bytes before a further block for an entry" };

describeRegionRules<Content>(
  xrefCodec,
  xrefCodec.write,
  { content: () => references(60), facts: { volumeUuid: own, hasInode: (inode) => inode === 1n } },
  [
    ...blockRuleCases("xref"),
    ...tableRuleCases("xref", "XREF", 7),
    { rule: "xref.blocks-exceed-region", blockCount: 1 },
    { rule: "xref.count-negative", blocks: negativeCount(4) },
    { rule: "xref.reserved-not-zero", blocks: ([first]) => first?.set([1], 15) },
    { rule: "xref.sdk-undercounts", content: as(references(110)) },
    { rule: "xref.count-differs", content: as(federation([7]), (content) => void Object.assign(content, { federationEntryCount: 2 })) },
    {
      rule: "xref.record-broken",
      content: as(federation([7])),
      blocks: ([first]) => first?.set([1, 1], 16 + 22 + 18),
    },
    {
      rule: "xref.packing",
      content: as(federation([7])),
      blocks: moveToNextBlock(16 + 22, 39, "XREF", 7),
      also: misread,
    },
    { rule: "xref.sdk-misreads", content: as(federation(new Array(80).fill(30))) },
    {
      rule: "xref.id-empty",
      content: as(references(60), ({ references: [, second] }) => void Object.assign(second ?? {}, { referenceId: guidOf(0) })),
    },
    { rule: "xref.id-duplicate", content: reference({ referenceId: guidOf(1) }) },
    {
      rule: "xref.type-unknown",
      content: as(references(60), ({ references: [, second] }) => void Object.assign(second ?? {}, { referenceType: 4 })),
    },
    { rule: "xref.not-of-this-volume", content: reference({ sourceVdeId: guidOf(7) }) },
    { rule: "xref.inode-missing", content: reference({ sourceInodeNumber: 3n }) },
    { rule: "xref.to-itself", content: reference({ targetVdeId: own, targetInodeNumber: 1n }) },
    { rule: "xref.time-range", content: reference({ createdUtcTicks: 2n ** 62n }) },
    { rule: "xref.time-range", content: entry({ lastSeenUtcTicks: 2n ** 62n }) },
    {
      rule: "xref.region-duplicate",
      content: as(federation([7]), (content) => {
        content.geoRegions.push({ ...(content.geoRegions[0] as FederationContent["geoRegions"][0]) });
        content.geoRegionCount = 2;
      }),
    },
    { rule: "xref.region-missing", content: as(federation([7]), (content) => void Object.assign(content, { localRegionId: 8 })) },
    { rule: "xref.region-missing", content: entry({ geoRegionId: 8 }) },
    { rule: "xref.position-range", content: region({ latitude: 91 }) },
    { rule: "xref.position-range", content: region({ longitude: Number.NaN }) },
    { rule: "xref.volume-duplicate", content: entry({ vdeId: guidOf(1) }) },
    { rule: "xref.status-unknown", content: entry({ status: 4 }) },
    { rule: "xref.text-not-utf8", content: entry({ namespacePath: new StoredText(Uint8Array.of(0xff), false) }) },
    { rule: "xref.text-not-utf8", content: region({ regionName: new StoredText(Uint8Array.of(0xff), false) }) },
    { rule: "xref.role-unknown", content: assignment({ role: 4 }) },
    { rule: "xref.read-only-flag", content: as(separation(3)), blocks: ([first]) => first?.set([2], 16 + 36 + 0x22) },
    { rule: "xref.padding-not-zero", content: as(separation(3)), blocks: ([first]) => first?.set([1], 16 + 36 + 0x23) },
    { rule: "xref.used-above-capacity", content: assignment({ usedBlocks: 1001n }) },
    { rule: "xref.used-above-capacity", content: assignment({ usedBlocks: -1n }) },
    { rule: "xref.role-duplicate", content: assignment({ vdeId: guidOf(1) }) },
  ],
);
