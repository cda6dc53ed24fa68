import { isAllZero, toHex, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { bytes, i32, i64, reservedUntil, struct, xxh64 } from "../../base/struct/index.ts";
import { anyStruct, blockOrZeros, type RegionBlocks, type RegionCodec, type RegionProblem, type RegionReading } from "./region.ts";

const headBytes = 28;
const hashBytes = 8;
/** Data that a version holds at most. Source: other regions reference 18.3. */
export const mostVersionBytes = (blockBytes: number): number => blockBytes - headBytes - hashBytes;

const versionBlock = struct("MvccVersion", {
  transactionId: i64({ as: "id" }),
  inodeNumber: i64({ as: "id" }),
  previousVersionBlock: i64({ as: "pointer", unit: "block", doc: "0 is the end of the chain" }),
  dataLength: i32({ unit: "bytes" }),
  data: bytes((values, left) => Math.max(0, Math.min(values.dataLength as number, left - hashBytes))),
  xxHash64: xxh64({ over: (at) => [0, at], doc: "XXH64, seed 0, of all bytes before it" }),
  unused: reservedUntil(0),
});

export interface MvccVersion {
  /** Absolute. */
  block: bigint;
  transactionId: bigint;
  inodeNumber: bigint;
  previousVersionBlock: bigint;
  dataLength: number;
  /** In hex, as far as the block reaches. */
  dataSha256: string;
  /** Whether length and checksum hold; the SDK's reader gives nothing otherwise. */
  checksumOk: boolean;
}

export interface MvccContent {
  /** One for each block that is not all zero. */
  versions: MvccVersion[];
}

/** The data of each version, in their order. */
export interface MvccWriteOptions {
  data: readonly Uint8Array[];
}

export type MvccRule = `mvcc.${
  | "length-range"
  | "checksum"
  | "chain-cycle"
  | "chain-outside"
  | "inode-differs"
  | "transaction-order"
  | "slack-not-zero"}`;

/** Old versions of inodes, one in a block, in a range that a caller names: no slot, tag or trailer. Other regions reference 18.3. */
export const mvccCodec: RegionCodec<MvccContent, MvccWriteOptions> = {
  tag: "MVCC",
  read(blocks): RegionReading<MvccContent> {
    const versions: MvccVersion[] = [];
    const indexes: number[] = [];
    const problems: RegionProblem<MvccRule>[] = [];
    for (let index = 0; index < blocks.blockCount; index++) {
      const block = blockOrZeros(blocks, index);
      if (isAllZero(block)) continue;
      versions.push(readVersion(block, blocks.startBlock + BigInt(index)));
      indexes.push(index);
      problems.push(...judgeVersion(block, index));
    }
    problems.push(...judgeChains(versions, blocks));
    const lost = versions.filter(({ checksumOk }) => !checksumOk).map(({ block }) => block);
    const placeOf = (index: number | undefined) =>
      index === undefined ? undefined : { block: index, start: 0, byteLength: blocks.blockBytes };
    return {
      content: { versions },
      sdkReads: lost.length > 0 ? { notRead: lost } : undefined,
      problems,
      places: { versions: (index) => placeOf(indexes[index]) },
    };
  },
  structureOf: () => anyStruct(versionBlock),
  write({ versions }, blockBytes, options) {
    return versions.map(({ transactionId, inodeNumber, previousVersionBlock, dataLength }, index) => {
      const data = options?.data[index];
      if (data?.length !== dataLength || dataLength > mostVersionBytes(blockBytes))
        throw new RangeError(
          `version ${index}: ${data?.length ?? 0} bytes of data for ${dataLength}, at most ${mostVersionBytes(blockBytes)}`,
        );
      return versionBlock.encode(
        { transactionId, inodeNumber, previousVersionBlock, dataLength, data, xxHash64: 0n },
        { byteLength: blockBytes },
      );
    });
  },
};

const isLength = (length: number, blockBytes: number): boolean => length >= 0 && length <= mostVersionBytes(blockBytes);

function readVersion(block: Uint8Array, at: bigint): MvccVersion {
  const { data, xxHash64, unused, ...head } = versionBlock.parse(block);
  const holds = isLength(head.dataLength, block.length) && checksum.xxh64(block.subarray(0, headBytes + data.length)) === xxHash64;
  return { block: at, ...head, dataSha256: toHex(checksum.sha256(data)), checksumOk: holds };
}

/** The data of a version's block, as far as the block reaches. */
export const versionData = (block: Uint8Array): Uint8Array => versionBlock.parse(block).data;

function judgeVersion(block: Uint8Array, index: number): RegionProblem<MvccRule>[] {
  const length = viewOf(block).getInt32(headBytes - 4, true);
  const at = { subject: `version in block ${index}`, block: index };
  if (!isLength(length, block.length)) {
    const expected = `0 to ${mostVersionBytes(block.length)}`;
    return [{ rule: "mvcc.length-range", ...at, found: `${length} bytes`, expected, start: headBytes - 4, byteLength: 4 }];
  }
  const { xxHash64, unused } = versionBlock.parse(block);
  const end = headBytes + length;
  if (checksum.xxh64(block.subarray(0, end)) !== xxHash64)
    return [
      {
        rule: "mvcc.checksum",
        ...at,
        found: "a stored hash that is not the version's",
        expected: "the hash of what stands before it",
        start: end,
        byteLength: hashBytes,
      },
    ];
  if (!unused) return [];
  const slack = { start: end + hashBytes, byteLength: unused.length };
  return [{ rule: "mvcc.slack-not-zero", ...at, found: "bytes that are not zero", expected: "zeros behind the hash", ...slack }];
}

/** Follows each version to the one before it, and every chain to its end. */
function judgeChains(versions: readonly MvccVersion[], { startBlock, blockCount }: RegionBlocks): RegionProblem<MvccRule>[] {
  const problems: RegionProblem<MvccRule>[] = [];
  const at = new Map(versions.map((version) => [version.block, version]));
  const ended = new Set<bigint>();
  for (const version of versions) {
    const say = (rule: MvccRule, found: string, expected: string) => {
      const block = Number(version.block - startBlock);
      problems.push({ rule, subject: `version in block ${block}`, found, expected, block, start: 16, byteLength: 8 });
    };
    const { previousVersionBlock: previous } = version;
    const before = at.get(previous);
    if (previous !== 0n && (previous < startBlock || previous >= startBlock + BigInt(blockCount) || !before))
      say("mvcc.chain-outside", `block ${previous} before it`, "a version of this range, or 0");
    if (before && before.inodeNumber !== version.inodeNumber)
      say("mvcc.inode-differs", `inode ${version.inodeNumber} after inode ${before.inodeNumber}`, "one inode along the chain");
    if (before && before.transactionId >= version.transactionId)
      say("mvcc.transaction-order", `transaction ${version.transactionId} after ${before.transactionId}`, "a later one");
    const path = new Set<bigint>();
    let next: MvccVersion | undefined = version;
    while (next && !ended.has(next.block) && !path.has(next.block)) {
      path.add(next.block);
      next = at.get(next.previousVersionBlock);
    }
    if (next && path.has(next.block)) say("mvcc.chain-cycle", `a chain that comes back to block ${next.block}`, "one that ends");
    for (const block of path) ended.add(block);
  }
  return problems;
}
