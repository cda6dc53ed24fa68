import type { ByteRange, RegionView, RowsRequest, TablePage, TableRow } from "../contract/index.ts";
import type { RegionCodec } from "../format/regions/index.ts";
import { type InodeTable, readInodeTable } from "../volume/inode-table.ts";
import {
  EngineError,
  type Finding,
  loadRegionBlocks,
  type RegionBlocks,
  type RegionPlace,
  type RegionReading,
  regionCodecs,
  regionFacts,
  type VolumeRegion,
} from "./engine.ts";
import { familyOf } from "./families.ts";
import { countFindings, findingsOfRegion } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { type TableSource, type ViewedContent, viewerOf } from "./region-views/index.ts";
import { viewInodes } from "./region-views/inodes.ts";
import { orderRows } from "./row-order.ts";

const regionLimitBytes = 64 * 1_048_576;
/** Regions kept decoded per volume; the one asked for longest ago goes first. */
const mostKept = 3;

/** A region as its own codec decoded it. */
export interface DecodedRegion<Content> {
  content: Content;
  region: VolumeRegion;
  /** Bytes of the volume where element `index` of a list of the content lies. */
  rangeOf: (list: string, index: number) => ByteRange | undefined;
  /** The blocks that it was decoded from. */
  blocks: RegionBlocks;
}

interface HeldRegion {
  decoded: DecodedRegion<unknown> | undefined;
  region: VolumeRegion;
  state: RegionView["state"];
  viewed: ViewedContent;
  sdkReads: string | undefined;
  unreadBlocks: bigint;
  orders: Map<string, Uint32Array>;
  /** Of an inode table, its records. */
  inodes?: InodeTable;
}

/** The decoded regions of one open volume, read when first asked for and dropped when its source changes. */
export class RegionContents {
  readonly #opened: OpenVolume;
  readonly #held = new Map<number, Promise<HeldRegion>>();

  constructor(opened: OpenVolume) {
    this.#opened = opened;
  }

  clear(): void {
    this.#held.clear();
  }

  /** What the region of a slot holds. REGION_NOT_FOUND. */
  async view(slot: number): Promise<RegionView> {
    const { region, state, viewed, sdkReads, unreadBlocks } = await this.#require(slot);
    const { name, kind } = region;
    return {
      slot,
      name,
      kind,
      family: familyOf(kind),
      range: this.#blocks(region.startBlock, region.blockCount) ?? { start: 0n, end: 0n },
      state,
      facts: viewed.facts,
      tables: viewed.tables.map(({ row, columns, ...table }) => ({ ...table, columns: [...columns] })),
      pictures: viewed.pictures,
      sdkReads,
      unreadBlocks,
      findings: countFindings(findingsOfRegion(this.#opened.findings, region)),
    };
  }

  /** The content of a slot as `codec` decoded it; undefined where nothing is. REGION_NOT_FOUND, REQUEST_INVALID for another kind. */
  async decoded<Content>(
    slot: number,
    { tag }: Pick<RegionCodec<Content, never>, "tag" | "read">,
  ): Promise<DecodedRegion<Content> | undefined> {
    const { region, decoded } = await this.#require(slot);
    if (region.kind !== tag) throw new EngineError("REQUEST_INVALID", { call: tag, problem: `slot ${slot} holds ${region.kind}` });
    return decoded as DecodedRegion<Content> | undefined;
  }

  /** The records of a slot's inode table; undefined where the region is none. REGION_NOT_FOUND. */
  async inodes(slot: number): Promise<InodeTable | undefined> {
    return (await this.#require(slot)).inodes;
  }

  /** Worst finding on some bytes of a slot's region. REGION_NOT_FOUND. */
  async severityOf(slot: number): Promise<(range: ByteRange) => TableRow["severity"]> {
    const { region } = await this.#require(slot);
    const findings = findingsOfRegion(this.#opened.findings, region).filter((finding) => finding.byteOffset !== undefined);
    return (range) => worstIn(findings, range);
  }

  /** Rows of a table, in the order and with the filter asked for. REGION_NOT_FOUND, REQUEST_INVALID. */
  async rows({ slot, table: id, start, count, sort, filter = "", reveal = false }: RowsRequest): Promise<TablePage> {
    const held = await this.#require(slot);
    const table = held.viewed.tables.find((each) => each.id === id);
    if (!table) throw new EngineError("REQUEST_INVALID", { call: "regionRows", problem: `the region has no table ${id}` });
    const order = orderOf(held, table, sort, filter);
    const severityOf = await this.severityOf(slot);
    const total = order?.length ?? table.rowCount;
    const rows: TableRow[] = [];
    for (let at = start; at < Math.min(total, start + count); at++) {
      const index = order ? (order[at] ?? 0) : at;
      const row = table.row(index);
      const cells = reveal
        ? row.cells
        : row.cells.map((cell, column) => (table.columns[column]?.kind === "secret" && cell !== null ? "" : cell));
      rows.push({ ...row, cells, index, severity: row.range && severityOf(row.range) });
    }
    return { start, rows, total };
  }

  #require(slot: number): Promise<HeldRegion> {
    const region = this.#opened.volume.regions.find((each) => each.slot === slot);
    if (!region)
      throw new EngineError("REGION_NOT_FOUND", {
        region: `slot ${slot}`,
        available: this.#opened.volume.regions.map((each) => each.slot).join(", "),
      });
    const held = this.#held.get(slot) ?? this.#read(region);
    this.#held.delete(slot);
    this.#held.set(slot, held);
    for (const oldest of this.#held.keys()) if (this.#held.size > mostKept) this.#held.delete(oldest);
    held.catch(() => this.#held.delete(slot));
    return held;
  }

  async #read(region: VolumeRegion): Promise<HeldRegion> {
    const { volume } = this.#opened;
    const nothing: HeldRegion = {
      decoded: undefined,
      region,
      state: "opaque",
      viewed: { facts: [], tables: [], pictures: [] },
      sdkReads: undefined,
      unreadBlocks: 0n,
      orders: new Map(),
    };
    const codec = regionCodecs.get(region.kind);
    if (region.kind === "INOD") return { ...nothing, ...(await this.#readInodes(region)) };
    if (!codec || region.blockCount <= 0n || region.startBlock < 0n || region.startBlock >= volume.fileBlocks) return nothing;
    const blocks = await loadRegionBlocks(volume, region, regionLimitBytes);
    const reading = codec.read(blocks, regionFacts(volume, region));
    const unreadBlocks = region.blockCount - BigInt(blocks.blockCount);
    const sdkReads = reading.sdkReads === undefined ? undefined : sdkWords(reading.sdkReads);
    if (reading.content === undefined) {
      const written = reading.problems.length > 0 || sdkReads !== undefined;
      return {
        ...nothing,
        state: written ? "undecodable" : blocks.block(0)?.some((byte) => byte !== 0) ? "formatted" : "absent",
        sdkReads,
        unreadBlocks,
      };
    }
    const unused = (reading.content as { state?: unknown }).state;
    if (unused === "formatted" || unused === "notInitialised")
      return { ...nothing, state: unused === "formatted" ? "formatted" : "absent", sdkReads, unreadBlocks };
    const rangeOf = (list: string, index: number): ByteRange | undefined => this.#place(region, reading.places?.[list]?.(index));
    const input = {
      content: reading.content as never,
      volume,
      region,
      rangeOf,
      blocks: (start: bigint, count: bigint) => this.#blocks(start, count),
    };
    const decoded = { content: reading.content, region, rangeOf, blocks };
    return { ...nothing, decoded, state: "decoded", viewed: viewerOf(region.kind)(input), sdkReads, unreadBlocks };
  }

  async #readInodes(region: VolumeRegion): Promise<Partial<HeldRegion>> {
    const { volume } = this.#opened;
    if (region.blockCount <= 0n || region.startBlock < 0n || region.startBlock >= volume.fileBlocks) return {};
    const inodes = await readInodeTable(volume, region, regionLimitBytes);
    if (inodes.records.length === 0 && !inodes.descriptor) return { state: "absent", unreadBlocks: inodes.leftOutBlocks };
    return { inodes, viewed: viewInodes(inodes, volume.blockBytes), state: "decoded", unreadBlocks: inodes.leftOutBlocks };
  }

  #place(region: VolumeRegion, place: RegionPlace | undefined): ByteRange | undefined {
    if (!place) return undefined;
    const start = (region.startBlock + BigInt(place.block)) * BigInt(this.#opened.volume.blockBytes) + BigInt(place.start);
    return { start, end: start + BigInt(place.byteLength) };
  }

  #blocks(startBlock: bigint, blockCount: bigint): ByteRange | undefined {
    const size = BigInt(this.#opened.volume.blockBytes);
    return startBlock < 0n || blockCount <= 0n ? undefined : { start: startBlock * size, end: (startBlock + blockCount) * size };
  }
}

function orderOf(held: HeldRegion, table: TableSource, sort: RowsRequest["sort"], filter: string): Uint32Array | undefined {
  if (!sort && filter === "") return undefined;
  const key = JSON.stringify([table.id, sort, filter]);
  const known = held.orders.get(key);
  if (known) return known;
  const order = orderRows(table, sort, filter);
  if (held.orders.size >= mostKept) held.orders.clear();
  held.orders.set(key, order);
  return order;
}

function worstIn(findings: readonly Finding[], range: ByteRange): TableRow["severity"] {
  const own = findings.filter(
    ({ byteOffset = 0n, byteLength = 1 }) => byteOffset < range.end && byteOffset + BigInt(byteLength) > range.start,
  );
  return (
    own.find(({ severity }) => severity === "error")?.severity ??
    own.find(({ severity }) => severity === "warning")?.severity ??
    own[0]?.severity
  );
}

const mostWords = 400;
/** What the SDK's reader sees, in words: its exception as it stands, else the names of what differs. */
function sdkWords(sdkReads: NonNullable<RegionReading<unknown>["sdkReads"]>): string {
  if (typeof sdkReads === "string") return sdkReads;
  const words = Object.entries(sdkReads).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? (value.length === 0 ? "none" : `${value.length}`) : String(value)}`,
  );
  return words.join(" · ").slice(0, mostWords);
}
