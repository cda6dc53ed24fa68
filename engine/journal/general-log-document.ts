import { toHex } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import { type Json, toJson } from "../base/json.ts";
import { generalLogEntryTypes } from "../format/core/index.ts";
import type { GeneralLog } from "./general-log.ts";

/** A general log in the documents' notation: header, entries with the hashes of their images, transactions, and what the SDK reads. */
export function describeGeneralLog({
  header,
  entries,
  transactions,
  sdkReads,
  startBlock,
  blockCount,
  blockBytes,
  unreadBlocks,
}: GeneralLog): {
  [key: string]: Json;
} {
  return {
    blockSize: blockBytes,
    startBlock: toJson(startBlock),
    blockCount: toJson(blockCount),
    header: toJson(header),
    entries: entries.map(({ beforeImage, afterImage, checksum: _, ...fields }) => ({
      ...(toJson(fields) as { [key: string]: Json }),
      typeName: generalLogEntryTypes[fields.type as keyof typeof generalLogEntryTypes] ?? "unknown",
      ...(beforeImage.length > 0 && { beforeSha256: toHex(checksum.sha256(beforeImage)) }),
      ...(afterImage.length > 0 && { afterSha256: toHex(checksum.sha256(afterImage)) }),
    })),
    transactions: toJson(transactions),
    sdkReads: toJson(sdkReads),
    ...(unreadBlocks > 0n && { unread: { startBlock: toJson(startBlock + blockCount - unreadBlocks), blockCount: toJson(unreadBlocks) } }),
  };
}
