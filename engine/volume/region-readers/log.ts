import { isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type Json, toJson } from "../../base/json.ts";
import { bytes, type Struct, struct } from "../../base/struct/index.ts";
import { walHeader, walHeaderBlock } from "../../format/core/index.ts";
import { type LogRecord, recordsFromStart } from "../../journal/metadata-log.ts";
import { readLogArea } from "../open.ts";
import type { RegionContent, RegionReader } from "./region-reader.ts";

const logRecords = struct("LogRecords", {
  records: bytes((_, left) => left, { doc: "A byte stream of records that runs through block borders" }),
});

/** A log: its header, and the records of the metadata log. Core reference 4, operations reference 2. */
export const logReader: RegionReader = {
  structureOf: (_, region, block) => (block === region.startBlock ? walHeaderBlock : logRecords) as unknown as Struct<unknown>,
  async read(volume, region, { limitBytes, signal }) {
    const first = await volume.reader.read(region.startBlock, signal);
    if (!first || isAllZero(first)) return { content: {}, findings: [] };
    const header = walHeader.parse(first);
    const content: NonNullable<RegionContent["content"]> = { header: toJson(header) };
    if (region.kind === "MWAL" && region.blockCount >= 2n) {
      const area = await readLogArea(region, volume.reader, volume.totalBlocks, limitBytes, header, signal);
      content.records = (area ? recordsFromStart(area) : []).map(describeRecord);
    }
    return { content, findings: [] };
  },
};

const describeRecord = (record: LogRecord): Json =>
  record.kind === "entry"
    ? {
        kind: record.kind,
        offset: toJson(record.offset),
        targetBlock: toJson(record.targetBlock),
        dataLength: record.image.length,
        dataSha256: toHex(checksum.sha256(record.image)),
      }
    : { kind: record.kind, offset: toJson(record.offset), sequence: toJson(record.sequence), entryCount: record.entryCount };
