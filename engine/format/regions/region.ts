import { equalBytes, isAllZero } from "../../base/bytes.ts";
import { zeroGuid } from "../../base/guid.ts";
import { type Annotation, reservedUntil, type Struct, struct } from "../../base/struct/index.ts";
import { blockTrailer, judgeTrailer, tagNumber, trailerBytes } from "../core/index.ts";

/** Blocks of a region that are at hand, all in memory; an `index` counts from the region's first block. */
export interface RegionBlocks {
  readonly blockBytes: number;
  /** Blocks the region has, or the first so many that were read of a longer one. */
  readonly blockCount: number;
  /** Whether the region goes on behind those blocks, unread: then nothing is said about how much it holds. */
  readonly isCut?: boolean;
  /** Absolute number of the region's first block. */
  readonly startBlock: bigint;
  /** A whole block; undefined where it could not be read or lies behind `blockCount`. */
  block(index: number): Uint8Array | undefined;
}

/** What a region's meaning depends on beyond its own bytes. */
export interface RegionFacts {
  /** Blocks of the volume; ranges are held against it where it is known. */
  totalBlocks?: bigint | undefined;
  /** Last sequence number of the volume's logs; cursors are held against it where it is known. */
  logSequence?: bigint | undefined;
  /** Key of the policy vault's seal: 32 bytes. Without it the seal is not judged. */
  policyVaultKey?: Uint8Array | undefined;
  /** Public key of the passports' issuer (DER, SubjectPublicKeyInfo). Without it signatures are not judged. */
  complianceKey?: Uint8Array | undefined;
  /** Whether the volume has an inode of that number; undefined where it is not known. */
  hasInode?: ((inodeNumber: bigint) => boolean | undefined) | undefined;
  /** The volume's own id. */
  volumeUuid?: string | undefined;
  /** Blocks that the directory gives the region, where that may be more than are at hand. */
  regionBlocks?: bigint | undefined;
}

/** One invariant that does not hold. The rule of the same id gives severity and words. */
export interface RegionProblem<Rule extends string = string> {
  rule: Rule;
  /** What it concerns, in words: "snapshot 3", "slot 12". */
  subject: string;
  found: string;
  expected: string;
  /** Index of the block in the region. */
  block: number;
  /** Bytes of that block, where the problem has a narrower place. */
  start?: number;
  byteLength?: number;
}

/** Bytes of one block of a region, by the block's index in it. */
export interface RegionPlace {
  block: number;
  start: number;
  byteLength: number;
  /** Where it goes on, if it runs through block borders. */
  rest?: readonly RegionPlace[];
}

/** By the name of a list in a region's content: where its element of that index lies; undefined for one that is not stored. */
export type RegionPlaces = { readonly [list: string]: (index: number) => RegionPlace | undefined };

export interface RegionReading<Content> {
  /** What is stored; undefined where the region was never written or cannot be decoded. */
  content?: Content | undefined;
  /** What the SDK's own reader sees, where that is something else: its exception as "Type: message", or what differs. */
  sdkReads?: string | { [key: string]: unknown } | undefined;
  problems: RegionProblem[];
  places?: RegionPlaces;
}

/** How regions of one kind are read, shown and written. Every member is pure; none throws for what an image holds. */
export interface RegionCodec<Content, WriteOptions = undefined> {
  readonly tag: string;
  /** Tolerant: decodes what is stored and lists what is wrong with it. */
  read(blocks: RegionBlocks, facts?: RegionFacts): RegionReading<Content>;
  /** The structure that stands in a block, by its index and its bytes. */
  structureOf(index: number, block: Uint8Array): Struct<unknown>;
  /** Exact: the sealed blocks that hold `content`. Throws a RangeError for content that no region can hold. */
  write(content: Content, blockBytes: number, options?: WriteOptions): Uint8Array[];
}

/** The meaning of every byte of one block, each exactly once; empty where the block is not at hand. Never throws. */
export function annotateRegionBlock(codec: Pick<RegionCodec<never>, "structureOf">, blocks: RegionBlocks, index: number): Annotation[] {
  const block = blocks.block(index);
  if (!block) return [];
  const at = (blocks.startBlock + BigInt(index)) * BigInt(blocks.blockBytes);
  return codec.structureOf(index, block).annotate(block, at);
}

/** A structure as block views ask for it, whatever its value. */
export const anyStruct = <T>(of: Struct<T>): Struct<unknown> => of as unknown as Struct<unknown>;

/** A block that no record reaches. */
export const unusedBlock = anyStruct(struct("UnusedRegionBlock", { unused: reservedUntil(trailerBytes), trailer: blockTrailer }));

/** A block of `blockBytes`; zeros where it is not at hand, as the SDK's buffers begin. */
export const blockOrZeros = (blocks: RegionBlocks, index: number): Uint8Array => blocks.block(index) ?? new Uint8Array(blocks.blockBytes);

/**
 * Whether nothing was ever written into it: block 0 with a zero payload and generation 1, all blocks behind it zero as the creator leaves
 * them, or sealed in the same way (convention W4). Core regions reference 0.4.
 */
export function isFormatted(blocks: RegionBlocks): boolean {
  const first = blocks.block(0);
  if (!first || !isAllZero(first.subarray(0, -trailerBytes)) || judgeTrailer(first).generationNumber !== 1) return false;
  for (let index = 1; index < blocks.blockCount; index++) {
    const block = blocks.block(index);
    if (block && !isAllZero(block) && !equalBytes(block, first)) return false;
  }
  return true;
}

export type HeadState = "absent" | "formatted" | "foreign" | "readable";

/**
 * Whether block 0 is this region's: "absent" (never written or unreadable), "formatted", "foreign" (a verifying trailer or a
 * failing one, in both cases without the region's tag), else "readable".
 */
export function headState(blocks: RegionBlocks, tag: string): HeadState {
  const first = blocks.block(0);
  if (!first || first.length < trailerBytes || isAllZero(first)) return "absent";
  if (judgeTrailer(first).blockTypeTag !== tagNumber(tag)) return "foreign";
  return isFormatted(blocks) ? "formatted" : "readable";
}

/** The rules on blocks that every region has; `tag` in lower case goes before. */
export type BlockRule<Tag extends string> = `${Tag}.${"block-damaged" | "block-foreign" | "generations-differ" | "blocks-exceed-region"}`;

export interface BlockExpectations {
  /** The tag on the blocks, where it is not the region's. */
  letters?: string;
  /** The generation that each block carries, and why; block 0's unless told. */
  generation?: { of: (index: number) => number; because: string };
}

/** Judges the first `count` blocks: checksum, tag, and by default block 0's generation on all of them. Core regions reference 0.2 and 8. */
export function judgeBlocks<Tag extends string>(
  blocks: RegionBlocks,
  tag: Tag,
  count: number,
  { letters = tag.toUpperCase(), generation }: BlockExpectations = {},
): RegionProblem<BlockRule<Tag>>[] {
  const problems: RegionProblem<BlockRule<Tag>>[] = [];
  const first = judgeTrailer(blockOrZeros(blocks, 0)).generationNumber;
  if (count > blocks.blockCount && blocks.isCut !== true)
    problems.push({
      rule: `${tag}.blocks-exceed-region`,
      subject: "what the header counts",
      found: `${count} blocks`,
      expected: `the region has ${blocks.blockCount}`,
      block: 0,
    });
  for (let index = 0; index < Math.min(count, blocks.blockCount); index++) {
    const trailer = judgeTrailer(blockOrZeros(blocks, index));
    const place = {
      subject: `block ${index} of the region`,
      block: index,
      start: blocks.blockBytes - trailerBytes,
      byteLength: trailerBytes,
    };
    if (!trailer.verified)
      problems.push({
        rule: `${tag}.block-damaged`,
        ...place,
        found: trailer.zero ? "a trailer of zeros" : "a stored hash that is not the payload's",
        expected: "the hash of the payload",
      });
    else if (trailer.tag !== letters)
      problems.push({ rule: `${tag}.block-foreign`, ...place, found: `tag ${JSON.stringify(trailer.tag)}`, expected: letters });
    const expected = generation?.of(index) ?? first;
    if (trailer.generationNumber !== expected && !trailer.zero)
      problems.push({
        rule: `${tag}.generations-differ`,
        ...place,
        found: `generation ${trailer.generationNumber}`,
        expected: `${expected}, ${generation?.because ?? "as in block 0"}`,
      });
  }
  return problems;
}

/** The exception with which every SDK reader meets the first block that does not verify; undefined where all do. */
export function sdkTrailerFailure(blocks: RegionBlocks, count: number, message: (index: number) => string): string | undefined {
  for (let index = 0; index < count; index++)
    if (!judgeTrailer(blockOrZeros(blocks, index)).verified) return `InvalidDataException: ${message(index)} trailer verification failed.`;
  return undefined;
}

/** The reading of a region whose head is not "readable"; `sdkName` is how the SDK calls block 0 when its trailer fails. */
export function unreadable<Tag extends string>(
  blocks: RegionBlocks,
  tag: Tag,
  state: HeadState,
  sdkName: string,
): { sdkReads?: string | undefined; problems: RegionProblem<BlockRule<Tag>>[] } {
  const problems = state === "foreign" ? judgeBlocks(blocks, tag, 1) : [];
  if (state === "readable" || state === "formatted") return { problems };
  for (let index = 0; index < blocks.blockCount; index++)
    if (!isAllZero(blockOrZeros(blocks, index))) return { sdkReads: sdkTrailerFailure(blocks, 1, () => sdkName), problems };
  return { problems };
}

export const sdkOutOfRange = "ArgumentOutOfRangeException: Specified argument was out of the range of valid values.";

/** Whether every byte of a guid's text is zero. */
export const isEmptyGuid = (guid: string): boolean => guid === zeroGuid;

const lastTicks = 3_155_378_975_999_999_999n;
/** Whether .NET's calendar holds the time; 0 means never. */
export const isCalendarTicks = (ticks: bigint): boolean => ticks >= 0n && ticks <= lastTicks;

/** Elements whose key stands at an earlier index already, as pairs of both indexes. */
export function duplicates<T>(elements: readonly T[], keyOf: (element: T) => string | undefined): [first: number, again: number][] {
  const seen = new Map<string, number>();
  const found: [number, number][] = [];
  for (const [index, element] of elements.entries()) {
    const key = keyOf(element);
    if (key === undefined) continue;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else found.push([first, index]);
  }
  return found;
}

/** What is wrong with a range of blocks in a volume; undefined where nothing is. */
export function rangeProblem(start: bigint, count: bigint, totalBlocks: bigint | undefined): string | undefined {
  if (start < 0n || count < 0n) return `${count} blocks from block ${start}`;
  if (totalBlocks !== undefined && start + count > totalBlocks) return `${count} blocks from block ${start}, in a volume of ${totalBlocks}`;
  return undefined;
}

/** A value without the named keys: a decoded structure without what only the bytes need. */
export function without<T extends object, Key extends string>(value: T, ...keys: Key[]): Omit<T, Key> {
  const rest: Partial<T> = {};
  for (const key in value) if (!(keys as string[]).includes(key)) rest[key] = value[key];
  return rest as Omit<T, Key>;
}
