import { type AlogContent, auditEventTypes } from "../../format/regions/alog.ts";
import { type AnonContent, piiTypes } from "../../format/regions/anon.ts";
import { type CmvtContent, complianceFrameworks, complianceStatuses } from "../../format/regions/cmvt.ts";
import type { WormContent } from "../../format/regions/worm.ts";
import { viewFields } from "./field-viewer.ts";
import { cellsOf, countBars, eventsOverTime } from "./pictures.ts";

/** Passports, each in its status; one that has run out by the volume's own last change is marked. */
export const complianceViewer = viewFields<CmvtContent>({
  names: { frameworkId: complianceFrameworks, complianceStatus: complianceStatuses },
  titles: { passports: "Passports", frameworkId: "Framework", complianceStatus: "Status", passportId: "Passport", objectId: "Object" },
  pictures: ({ content, rangeOf, volume }) => {
    const now = volume.superblock?.modifiedTimestampUtc ?? 0n;
    const stateOf = ({ complianceStatus, expiresUtcTicks }: CmvtContent["passports"][number]) =>
      expiresUtcTicks > 0n && expiresUtcTicks < now ? "expired" : `${complianceStatus}`;
    return content.passports.length === 0
      ? []
      : [
          cellsOf(
            "Passports by status",
            content.passports,
            [
              { state: "1", title: "compliant", tone: "ok" },
              { state: "3", title: "exempt", tone: "busy" },
              { state: "4", title: "pending review", tone: "warning" },
              { state: "2", title: "not compliant", tone: "error" },
              { state: "expired", title: "run out before the volume's last change", tone: "off" },
              { state: "0", title: "unknown", tone: "empty" },
            ],
            (passport, index) => ({
              label: `Passport ${index}, ${(complianceFrameworks as Readonly<Record<number, string>>)[passport.frameworkId] ?? passport.frameworkId}`,
              state: stateOf(passport),
              range: rangeOf("passports", index),
            }),
            32,
          ),
        ];
  },
});

/** The audit log of AuditLogRegion, and of ComplianceAuditLog where it was filled by the same layout. */
export const auditViewer = viewFields<AlogContent>({
  names: { eventType: auditEventTypes },
  titles: {
    entries: "Entries",
    sequenceNumber: "Sequence",
    timestampUtcTicks: "Time",
    actorId: "Actor",
    eventType: "Event",
    targetObjectId: "Object",
  },
  widths: { sequenceNumber: 90, eventType: 130, previousEntryHash: 180, details: 260 },
  pictures: ({ content }) => [
    ...eventsOverTime(
      "Entries over time",
      "entries",
      content.entries.map(({ timestampUtcTicks }) => timestampUtcTicks),
    ),
    ...(content.entries.length > 0
      ? [countBars("Entries by event", "entries", content.entries, ({ eventType }) => eventType, auditEventTypes)]
      : []),
  ],
});

/** Mappings of personal data; the tokens and hashes are what replaces the data, not the data. */
export const anonymizationViewer = viewFields<AnonContent>({
  names: { piiType: piiTypes },
  bits: { flags: { 0: "Reversible", 1: "Erased" } },
  titles: { mappings: "Mappings", mappingId: "Mapping", subjectId: "Subject", piiType: "Kind of data" },
  look: (mapping) => (typeof mapping.flags === "number" && mapping.flags & 2 ? "gone" : undefined),
  pictures: ({ content }) =>
    content.mappings.length > 0
      ? [countBars("Mappings by kind of data", "mappings", content.mappings, ({ piiType }) => piiType, piiTypes)]
      : [],
});

const ticksPerDay = 864_000_000_000n;

/** The write-once region: what was written, up to where, and for how long it must stay. */
export const wormViewer = viewFields<WormContent>({
  titles: { writeLog: "Writes", blockIndex: "Block in the region", dataLength: "Bytes", timestampUtcTicks: "Time" },
  kinds: { dataLength: "size", retentionPeriodTicks: "number" },
  pictures: ({ content, rangeOf }) => {
    const { highWaterMark, totalCapacityBlocks, retentionPeriodTicks, writeLog } = content;
    const days = retentionPeriodTicks / ticksPerDay;
    const retention = retentionPeriodTicks === 0n ? "for ever" : `${days} days`;
    return [
      {
        type: "ranges",
        title: "Written up to the high-water mark",
        summary: `${highWaterMark} of ${totalCapacityBlocks} blocks are written and must be kept ${retention}.`,
        unit: "blocks",
        start: 0,
        end: Math.max(1, Number(totalCapacityBlocks)),
        ranges: writeLog.slice(0, 1000).map(({ blockIndex, dataLength }, index) => ({
          start: Number(blockIndex),
          end: Number(blockIndex) + 1,
          label: `Block ${blockIndex}, ${dataLength} bytes`,
          family: "security",
          range: rangeOf("writeLog", index),
        })),
        marks: [{ at: Number(highWaterMark), label: "high-water mark" }],
      },
    ];
  },
});
