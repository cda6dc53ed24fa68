import { isAllZero } from "../base/bytes.ts";
import type { BlockDevice } from "../device/block-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import type { Finding } from "../findings/finding.ts";
import {
  isFreeSlot,
  judgeTrailer,
  type PreambleHeader,
  regionNameOfTag,
  type Superblock,
  type TrailerVerdict,
  tagText,
  type WalHeader,
} from "../format/core/index.ts";
import type { LogStream } from "../journal/log-stream.ts";
import type { LogState } from "../journal/metadata-log.ts";
import type { BlockReader } from "./block-reader.ts";
import type { BlockSizeVerdict } from "./block-size.ts";
import type { LayoutPlan } from "./layout-plan.ts";
import type { ReconciledTables } from "./region-tables.ts";
import type { Head, SuperblockGroup } from "./superblock-group.ts";

/** What a block's bytes say of themselves (convention R2); `raw` where no trailer is expected, `unread` where reading failed. */
export type BlockState = "never-written" | "empty" | "valid" | "damaged" | "misplaced" | "unsealed" | "raw" | "unread";

/** Where the value of a superblock-group block was taken from (convention R3). */
export type GroupSource = "primary" | "mirror" | "stored";

/** One region as the tables give it after they were compared (convention R4). Blocks are absolute. */
export interface VolumeRegion {
  readonly slot: number;
  /** Tag in the table; "" for 0. */
  readonly tag: string;
  /** The registry's tag where the table says DATA (convention R5). */
  readonly kind: string;
  /** The creator's name for it: "InodeTable"; "unnamed DATA region" where nothing fits. */
  readonly name: string;
  readonly startBlock: bigint;
  readonly blockCount: bigint;
  readonly usedBlocks: bigint;
  readonly flags: number;
}

/** What stands in a block, and what should. */
export interface BlockVerdict {
  block: bigint;
  state: BlockState;
  region: VolumeRegion | undefined;
  /** The tag its place asks for; undefined where any content may stand. */
  expectedTag: string | undefined;
  trailer: TrailerVerdict | undefined;
}

export interface VolumeParts {
  name: string;
  kind: "dwvd" | "unknown";
  /** What the first bytes are, in words. */
  found: string;
  sourceDevice: BlockDevice;
  device: BlockDevice;
  volumeOffset: bigint;
  preamble: PreambleHeader | undefined;
  blockSize: BlockSizeVerdict;
  reader: BlockReader;
  head: Head;
  group: SuperblockGroup;
  tables: ReconciledTables;
  regions: readonly VolumeRegion[];
  plan: LayoutPlan | undefined;
  /** The metadata log; its state is known only where its header verifies. */
  log: { region: VolumeRegion; header: WalHeader; headerVerified: boolean; stream: LogStream; state: LogState | undefined } | undefined;
  keys: VolumeKeys;
  findings: readonly Finding[];
}

/** Keys that prove what a volume holds. The format does not store them: whoever opens it may bring them. */
export interface VolumeKeys {
  /** Of the policy vault's seal: 32 bytes. Without it the seal is not judged. */
  policyVault?: Uint8Array | undefined;
  /** Public key of the passports' issuer (DER, SubjectPublicKeyInfo). Without it signatures are not judged. */
  compliance?: Uint8Array | undefined;
}

/** Blocks 0 to 9 and the tags they carry. Core reference 1.1. */
export const fixedTags = ["SUPB", "RMAP", "EXMD", "IANT", "SUPB", "RMAP", "EXMD", "IANT", "RMAP", "RMAP"] as const;
/** Regions whose blocks behind the first are a raw stream. */
const streamKinds = new Set(["MWAL", "DWAL"]);
/** Regions of whose blocks some writers leave the trailer out. */
const untrailedKinds = new Set(["INOD", "ZNSM", "WALS", "BTRE", "STRE", "WORM", "COLR", "TAGI"]);
/** Tags other than the table's that a region's own writer puts on its blocks. Regions reference 1. */
const writerTags: Readonly<Record<string, string>> = { MLOG: "MTRK", BTRE: "TAGI", CMAL: "ALOG", INOD: "MCHK" };

/** An open volume: what could be read, from which copy, and what was wrong with it. */
export class Volume implements VolumeParts {
  readonly name: string;
  readonly kind: "dwvd" | "unknown";
  readonly found: string;
  readonly sourceDevice: BlockDevice;
  /** Begins at the volume's block 0, behind a preamble or offset. */
  readonly device: BlockDevice;
  readonly volumeOffset: bigint;
  readonly preamble: PreambleHeader | undefined;
  readonly blockSize: BlockSizeVerdict;
  readonly reader: BlockReader;
  readonly head: Head;
  readonly group: SuperblockGroup;
  readonly tables: ReconciledTables;
  readonly regions: readonly VolumeRegion[];
  /** Where the creator would put the regions of this manifest; undefined without a superblock. */
  readonly plan: LayoutPlan | undefined;
  readonly log: VolumeParts["log"];
  readonly keys: VolumeKeys;
  /** What opening found. `checkVolume` adds the rest. */
  readonly findings: readonly Finding[];

  constructor(parts: VolumeParts) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.found = parts.found;
    this.sourceDevice = parts.sourceDevice;
    this.device = parts.device;
    this.volumeOffset = parts.volumeOffset;
    this.preamble = parts.preamble;
    this.blockSize = parts.blockSize;
    this.reader = parts.reader;
    this.head = parts.head;
    this.group = parts.group;
    this.tables = parts.tables;
    this.regions = parts.regions;
    this.plan = parts.plan;
    this.log = parts.log;
    this.keys = parts.keys;
    this.findings = parts.findings;
  }

  /** The believed superblock; a file that holds no volume has none, whatever its first bytes look like. */
  get superblock(): Superblock | undefined {
    return this.kind === "unknown" ? undefined : this.group.superblock.value;
  }
  get blockBytes(): number {
    return this.blockSize.blockBytes;
  }
  /** Whole blocks of the device as it is now. */
  get fileBlocks(): bigint {
    return this.reader.blockCount;
  }
  /** The superblock's count; whole blocks of the device where there is none or it is negative. */
  get totalBlocks(): bigint {
    const counted = this.superblock?.totalBlocks;
    return counted !== undefined && counted > 0n ? counted : this.fileBlocks;
  }
  /** Regions that are not part of the superblock group or the directory. */
  get ownRegions(): VolumeRegion[] {
    return this.regions.filter((region) => region.tag !== "SUPB" && region.tag !== "RMAP");
  }
  /** What the directory says of slots for which another table was believed. */
  get disbelievedRegions(): VolumeRegion[] {
    return this.tables.differences.flatMap(({ slot, pointers, chosen }) => {
      const pointer = pointers.find((each) => each.source === "directory")?.pointer;
      if (!pointer || chosen === "directory" || isFreeSlot(pointer)) return [];
      const tag = tagText(pointer.regionTypeId);
      const { startBlock, blockCount, usedBlocks, flags } = pointer;
      return [{ slot, tag, kind: tag, name: regionNameOfTag(tag), startBlock, blockCount, usedBlocks, flags }];
    });
  }
  /** The data region: the one the creator calls so. */
  get dataRegion(): VolumeRegion | undefined {
    return this.regions.findLast((region) => region.name === "DataRegion");
  }

  /** The first region of a kind. */
  findRegion(kind: string): VolumeRegion | undefined {
    return this.regions.find((region) => region.kind === kind);
  }

  /** The region that holds a block. Where regions overlap, the smaller one. */
  regionOf(block: bigint): VolumeRegion | undefined {
    let found: VolumeRegion | undefined;
    for (const region of this.regions) {
      if (block < region.startBlock || block >= region.startBlock + region.blockCount) continue;
      if (!found || region.blockCount < found.blockCount) found = region;
    }
    return found;
  }

  /** A whole block. BLOCK_OUT_OF_RANGE outside the file, DEVICE_READ_FAILED where it cannot be read. */
  async requireBlock(block: bigint, signal?: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.reader.read(block, signal);
    if (bytes) return bytes;
    if (block < 0n || block >= this.fileBlocks) throw new EngineError("BLOCK_OUT_OF_RANGE", { block, count: 1n, blocks: this.fileBlocks });
    const reason = this.reader.unread.find((each) => each.block === block)?.reason ?? "the file became shorter";
    throw new EngineError("DEVICE_READ_FAILED", {
      path: this.name,
      at: block * BigInt(this.blockBytes),
      byteLength: this.blockBytes,
      reason,
    });
  }

  /** The tag that a block's place asks for; undefined in data, log records and other places that carry no trailer. */
  expectedTag(block: bigint): string | undefined {
    if (this.kind === "unknown") return undefined;
    if (block < BigInt(fixedTags.length)) return fixedTags[Number(block)];
    const region = this.regionOf(block);
    if (!region || region.name === "DataRegion" || region.name === "unnamed DATA region") return undefined;
    if (streamKinds.has(region.kind) && block > region.startBlock) return undefined;
    return region.tag;
  }

  /** Judges the bytes of a block by its place (convention R2). */
  judge(block: bigint, bytes: Uint8Array | undefined): BlockVerdict {
    const region = this.regionOf(block);
    const expectedTag = this.expectedTag(block);
    if (!bytes) return { block, state: "unread", region, expectedTag, trailer: undefined };
    if (isAllZero(bytes)) return { block, state: "never-written", region, expectedTag, trailer: undefined };
    const trailer = judgeTrailer(bytes);
    return { block, state: this.#stateOf(block, bytes, trailer, region, expectedTag), region, expectedTag, trailer };
  }

  #stateOf(
    block: bigint,
    bytes: Uint8Array,
    trailer: TrailerVerdict,
    region: VolumeRegion | undefined,
    expectedTag: string | undefined,
  ): BlockState {
    if (expectedTag === undefined) return "raw";
    const tags = new Set([expectedTag, region?.kind, region && writerTags[region.kind]]);
    if (trailer.verified) {
      if (!tags.has(trailer.tag)) return "misplaced";
      return isAllZero(bytes.subarray(0, -16)) ? "empty" : "valid";
    }
    if (block < 5n && trailer.zero) return "unsealed";
    const mayLackTrailer = region && untrailedKinds.has(region.kind) && (region.kind !== "INOD" || block > region.startBlock);
    if (mayLackTrailer && !tags.has(trailer.tag)) return "raw";
    return "damaged";
  }
}
