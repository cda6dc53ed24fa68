import { equalBytes, isAllZero, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { bytes, type Decoded, enumeration, guid, i32, i64, type Kind, struct, ticks, u16 } from "../../base/struct/index.ts";
import type { PackedLayout } from "./packed-table.ts";
import { type AddPackedProblem, type PackedRule, packedTableCodec, recordList } from "./packed-table-codec.ts";
import { isCalendarTicks, type RegionCodec, sdkOutOfRange, without } from "./region.ts";
import type { UnusedRegion } from "./unused-region.ts";

const leastEntryBytes = 86;
export const mostDetailsBytes = 256;
export const auditEventTypes = {
  0: "Read",
  1: "Write",
  2: "Delete",
  3: "Create",
  4: "Modify",
  5: "Access",
  6: "PolicyChange",
  7: "AuthEvent",
  8: "SystemEvent",
};

/** One event, 86 bytes and its details. Other regions reference 10. */
export const auditEntry = struct("AuditLogEntry", {
  sequenceNumber: i64({ doc: "From 0" }),
  timestampUtcTicks: ticks(),
  actorId: guid(),
  eventType: enumeration(u16(), auditEventTypes),
  targetObjectId: guid(),
  previousEntryHash: bytes(32, { as: "checksum", doc: "SHA-256 of the whole entry before; zeros in the first" }),
  detailsLength: i32({ unit: "bytes", check: (value) => value >= 0 && value <= mostDetailsBytes, expects: "0 to 256" }),
  details: bytes((values) => values.detailsLength as number),
});
export type AuditEntry = Omit<Decoded<typeof auditEntry>, "detailsLength">;

const header = struct("AuditLogHeader", {
  entryCount: i64({ check: (value) => value >= 0n, expects: "not negative" }),
  nextSequenceNumber: i64(),
});

export interface AlogContent {
  generation: number;
  entryCount: bigint;
  nextSequenceNumber: bigint;
  entries: AuditEntry[];
}

type AuditRule<Tag extends string> =
  | Exclude<PackedRule<Tag>, `${Tag}.reserved-not-zero`>
  | `${Tag}.${"next-sequence-differs" | "sequence" | "chain-broken" | "time-order" | "time-range" | "event-unknown"}`;
export type AlogRule = AuditRule<"alog">;
export type CmalRule = AuditRule<"cmal">;

const layout: PackedLayout = {
  tag: "ALOG",
  sdkRegion: "Audit log region",
  neverZero: () => true,
  leastBytes: () => leastEntryBytes,
  measure(block, start, _, end) {
    const details = viewOf(block).getInt32(start + 0x52, true);
    const found = `details of ${details} bytes`;
    if (details < 0 || details > mostDetailsBytes)
      return { found, sdk: `InvalidDataException: AuditLogEntry detailsLen ${details} exceeds maximum ${mostDetailsBytes}.` };
    return start + leastEntryBytes + details <= end ? leastEntryBytes + details : { found, sdk: sdkOutOfRange };
  },
};

/** What an audit log says of itself, for each region that may hold one. Other regions reference 10. */
const auditLogCodec = <Tag extends "alog" | "cmal">(
  rules: Tag,
  directoryTags: readonly string[],
): RegionCodec<AlogContent | UnusedRegion> =>
  packedTableCodec<Decoded<typeof header>, AlogContent, Tag>({
    names: { rules, tag: "ALOG", directoryTags, sdkRegion: layout.sdkRegion },
    name: "AuditLog",
    header,
    layoutOf: () => layout,
    countOf: ({ entryCount }) => entryCount,
    subject: (index) => `entry ${index}`,
    contentOf: (generation, counts, records) => ({
      generation,
      ...counts,
      entries: records.map((record) => without(auditEntry.parse(record), "detailsLength")),
    }),
    placesOf: (place) => ({ entries: place }),
    structures: (_index, _block, countIn) => ({ entries: recordList(auditEntry as Kind<unknown>, countIn(layout)) }),
    encode: ({ entryCount, nextSequenceNumber, entries }) => ({
      header: header.encode({ entryCount, nextSequenceNumber }),
      records: entries.map((entry) => {
        if (entry.details.length > mostDetailsBytes) throw new RangeError(`details have at most ${mostDetailsBytes} bytes`);
        return auditEntry.encode({ ...entry, detailsLength: entry.details.length });
      }),
    }),
    judge({ entryCount, nextSequenceNumber, entries }, add: AddPackedProblem<AuditRule<Tag>>, _facts, records) {
      if (entryCount >= 0n && nextSequenceNumber !== entryCount)
        add(`${rules}.next-sequence-differs`, undefined, `NextSequenceNumber ${nextSequenceNumber}`, `${entryCount}, as EntryCount`);
      let before = 0n;
      for (const [index, entry] of entries.entries()) {
        const { sequenceNumber, timestampUtcTicks, eventType, previousEntryHash } = entry;
        if (sequenceNumber !== BigInt(index)) add(`${rules}.sequence`, index, `sequence number ${sequenceNumber}`, `${index}`);
        const previous = records[index - 1];
        const linked = previous ? equalBytes(previousEntryHash, checksum.sha256(previous)) : isAllZero(previousEntryHash);
        if (!linked)
          add(
            `${rules}.chain-broken`,
            index,
            "a hash that is not the entry's before it",
            previous ? "the SHA-256 of the entry before" : "zeros, since no entry is before it",
          );
        if (!isCalendarTicks(timestampUtcTicks)) add(`${rules}.time-range`, index, `${timestampUtcTicks}`, "a time a calendar holds");
        else if (timestampUtcTicks < before) add(`${rules}.time-order`, index, `${timestampUtcTicks}`, `not before ${before}`);
        if (!(eventType in auditEventTypes)) add(`${rules}.event-unknown`, index, `event ${eventType}`, "0 to 8");
        before = timestampUtcTicks;
      }
    },
  });

/** The audit log. Other regions reference 10. */
export const alogCodec = auditLogCodec("alog", ["ALOG"]);

/** The compliance module's audit log: no codec of the SDK is made for it, the audit log's is the only one that fits. Other regions reference 10.1. */
export const cmalCodec = auditLogCodec("cmal", ["DATA", "CMAL"]);
