import { bytes, type Decoded, i64, reserved, struct, u8, u32, xxh64 } from "../base/struct/index.ts";

export const bundleRecordKinds = { image: 0, zeros: 1, fresh: 2, freshLost: 3, cut: 4, end: 255 } as const;

/**
 * What one block, or a run of free blocks that held zeros, was before a change. `image` and `zeros` are blocks that the log rewrites,
 * `fresh` and `freshLost` ones that were free: of the latter the old content was not kept. `cut` are blocks that a shorter file lost.
 */
export const bundleRecord = struct("UndoBundleRecord", {
  kind: u8(),
  reserved: reserved(3),
  step: u32({ doc: "Transaction of the operation, from 0" }),
  block: i64({ as: "pointer", unit: "block" }),
  blockCount: i64({ unit: "blocks" }),
  beforeBytes: u32({ unit: "bytes" }),
  before: bytes((values) => values.beforeBytes as number, { doc: "The block as it was; none for zeros" }),
  afterSha256: bytes(32, { as: "checksum", doc: "Of the block, or of the run's blocks one behind the other, after the change" }),
  checksum: xxh64({ over: (at, from) => [from, at] }),
});
export type BundleRecord = Decoded<typeof bundleRecord>;
/** Bytes of a record before its image, and behind it. */
export const bundleRecordHead = 28;
export const bundleRecordTail = 40;
