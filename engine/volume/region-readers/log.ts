import { isAllZero, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type Json, toJson } from "../../base/json.ts";
import { bytes, type Struct, struct } from "../../base/struct/index.ts";
import { generalLogHeaderBlock, walHeader, walHeaderBlock } from "../../format/core/index.ts";
import { isGeneralLogHeader, readGeneralLog } from "../../journal/general-log.ts";
import { describeGeneralLog } from "../../journal/general-log-document.ts";
import { LogStream } from "../../journal/log-stream.ts";
import { type LogRecord, recordsFrom } from "../../journal/metadata-log.ts";
import type { RegionContent, RegionReader } from "./region-reader.ts";

/** A block behind a log's header, by itself: which records it holds, only its neighbours tell. */
export const logRecords = struct("LogRecords", {
  records: bytes((_, left) => left, { doc: "A byte stream of records that runs through block borders" }),
}) as unknown as Struct<unknown>;

const headerOf = (bytes: Uint8Array) => (isGeneralLogHeader(bytes) ? generalLogHeaderBlock : walHeaderBlock) as unknown as Struct<unknown>;

/** A log: its header, and its records from the first on. Core reference 4, operations reference 2. */
export const logReader: RegionReader = {
  structureOf: (_, region, block, bytes) => (block === region.startBlock ? headerOf(bytes) : logRecords),
  async read(volume, region, { limitBytes, signal }) {
    const first = await volume.reader.read(region.startBlock, signal);
    if (!first || isAllZero(first)) return { content: {}, findings: [] };
    const { blockBytes, totalBlocks } = volume;
    if (isGeneralLogHeader(first)) {
      const blockCount = BigInt(Math.max(1, Math.floor(limitBytes / blockBytes)));
      const area = {
        startBlock: region.startBlock,
        blockCount: region.blockCount < blockCount ? region.blockCount : blockCount,
        blockBytes,
      };
      return { content: { generalLog: describeGeneralLog(await readGeneralLog(volume.device, area, signal)) }, findings: [] };
    }
    const content: NonNullable<RegionContent["content"]> = { header: toJson(walHeader.parse(first)) };
    const stream = new LogStream(volume.device, { ...region, blockBytes, totalBlocks });
    const records: Json[] = [];
    for await (const record of recordsFrom(stream, { limitBytes, signal })) records.push(describeRecord(record));
    if (region.kind === "MWAL" || records.length > 0) content.records = records;
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
