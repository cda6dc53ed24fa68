import { concatBytes, viewOf } from "../base/bytes.ts";
import { bytes, i64, reserved, struct, u8, u32, xxh64 } from "../base/struct/index.ts";
import { maxBigint, minBigint } from "../base/units.ts";
import { EngineError } from "../errors/engine-error.ts";
import { type BlockDevice, readUpTo } from "./block-device.ts";
import { documentHeader } from "./document-header.ts";
import type { LayerPage } from "./layer-device.ts";

/**
 * The file of an overlay: a header, then records that only follow each other. Convention "Files of our own", `NAME.bsoverlay`.
 * V1  What stands behind the last mark belongs to a change that was cut off: it never happened, and the next change is written over it.
 * V2  A mark is written only once all before it is synced. One that verifies behind a record that does not shows damage, not a cut-off change.
 * V3  A record names the change it belongs to, so that remains of a cut-off change are never taken for a part of a later one.
 */
export interface OverlayIdentity {
  /** Tells it from another of the same name. */
  id?: string | undefined;
  /** The file or device it was made over. */
  image: string;
  byteLength: string;
  /** Bytes of the volume's blocks, which the overlay covers whole. */
  blockBytes: number;
  /** Empty where the image is no volume. */
  volumeId: string;
  firstBlockSha256: string;
}

/** A change that is whole in the overlay: what the one who wrote it says of it, and the image's length since. */
export interface OverlayMark {
  document: string;
  byteLength: bigint;
  /** What lies below shows up to here. */
  belowEnd: bigint;
}

const header = documentHeader<OverlayIdentity>("OverlayHeader", "BSOVLY");

/** The bytes of an overlay in which nothing is. */
export const encodeOverlay = (identity: OverlayIdentity): Uint8Array => header.encode(identity);

const recordKinds = { first: 0, again: 1, byteLength: 2, mark: 3 } as const;
const hashBytes = 32;
const headBytes = 20;
const checksumBytes = 8;
const markWord = "BSMARK";
const mostMarkBytes = 16_777_216;

/** A block as it became (with the hash of what lies below where it is covered first), a new length, or the end of a change. */
const overlayRecord = struct("OverlayRecord", {
  kind: u8(),
  reserved: reserved(3),
  change: u32({ doc: "Number of the change, from 1" }),
  place: i64({ doc: "The block; of a length the bytes; of a mark the byte at which it stands" }),
  dataBytes: u32({ unit: "bytes" }),
  baseSha256: bytes((values) => (values.kind === recordKinds.first ? hashBytes : 0), { as: "checksum", doc: "Of the block below" }),
  data: bytes((values) => values.dataBytes as number),
  checksum: xxh64({ over: (at, from) => [from, at] }),
});

/** What a block became in a change; `at` is where its bytes stand, undefined where the image was cut before it. */
interface BlockVersion {
  change: number;
  at: bigint | undefined;
}

const none = new Uint8Array(0);

/** An overlay's file. In memory it keeps places alone; the bytes stay in the file. */
export class OverlayFile {
  readonly identity: OverlayIdentity;
  readonly marks: OverlayMark[] = [];
  readonly #device: BlockDevice;
  readonly #versions = new Map<bigint, BlockVersion[]>();
  /** Where the base hash of each covered block stands. */
  readonly #baseHashes = new Map<bigint, bigint>();
  #end: bigint;
  #shape: { byteLength: bigint; belowEnd: bigint };

  private constructor(device: BlockDevice, identity: OverlayIdentity, end: bigint) {
    this.#device = device;
    this.identity = identity;
    this.#end = end;
    const byteLength = BigInt(identity.byteLength);
    this.#shape = { byteLength, belowEnd: byteLength };
  }

  /** What an overlay's header says; how far the rest can be read is not asked. OVERLAY_DAMAGED. */
  static async identify(device: BlockDevice): Promise<{ identity: OverlayIdentity; byteLength: bigint }> {
    const { document, byteLength } = await header.read(device, (at, reason) => damage(device, at, reason));
    if (!isIdentity(document)) throw damage(device, 0n, "its header does not say what it covers");
    return { identity: document, byteLength };
  }

  /** Reads an overlay up to its last whole change. On a device for writing what was cut off behind it is taken away. OVERLAY_DAMAGED. */
  static async open(device: BlockDevice): Promise<OverlayFile> {
    const { identity, byteLength } = await OverlayFile.identify(device);
    const file = new OverlayFile(device, identity, byteLength);
    await file.refresh();
    if (device.writable && device.byteLength > file.#end) await device.resize(file.#end);
    return file;
  }

  get name(): string {
    return this.#device.name;
  }
  get writable(): boolean {
    return this.#device.writable;
  }
  /** Bytes of the file up to its last whole change. */
  get byteLength(): bigint {
    return this.#end;
  }
  get blockBytes(): number {
    return this.identity.blockBytes;
  }

  /** The image's length after so many changes. */
  shapeAt(changes: number): { byteLength: bigint; belowEnd: bigint } {
    const byteLength = BigInt(this.identity.byteLength);
    return changes > this.marks.length ? this.#shape : (this.marks[changes - 1] ?? { byteLength, belowEnd: byteLength });
  }

  /** Takes over changes that were added since, by another process too. OVERLAY_DAMAGED. */
  async refresh(): Promise<void> {
    await this.#device.identify();
    let reader = new RecordReader(this.#device);
    let pending: { block: bigint; at: bigint | undefined; hashAt?: bigint }[] = [];
    let shape = this.shapeAt(this.marks.length);
    for (let at = this.#end; ; ) {
      const isNext = (found: { change: number } | undefined) => found?.change === this.marks.length + 1;
      let record = await reader.read(at, this.blockBytes);
      if (!isNext(record)) {
        const mark = await this.#markBehind(at); // V2
        if (mark === undefined) break;
        // Another process may have gone on writing since this was read.
        reader = new RecordReader(this.#device);
        record = await reader.read(at, this.blockBytes);
        if (!isNext(record)) throw damage(this.#device, at, `a record does not verify, and a change behind it, at byte ${mark}, does`);
      }
      if (!record) break;
      const dataAt = at + BigInt(headBytes + record.baseSha256.length);
      if (record.kind === recordKinds.byteLength) {
        for (const block of this.#cutBlocks(record.place, pending)) pending.push({ block, at: undefined });
        shape = { byteLength: record.place, belowEnd: minBigint(shape.belowEnd, record.place) };
      } else if (record.kind !== recordKinds.mark)
        pending.push({ block: record.place, at: dataAt, ...(record.kind === recordKinds.first && { hashAt: at + BigInt(headBytes) }) });
      at += BigInt(record.byteLength);
      if (record.kind !== recordKinds.mark) continue;
      for (const { block, at: place, hashAt } of pending) this.#note(block, place, hashAt);
      this.marks.push({ document: new TextDecoder().decode(record.data.subarray(markWord.length)), ...shape });
      this.#end = at;
      pending = [];
    }
    this.#shape = this.shapeAt(this.marks.length);
  }

  /** Blocks that a shorter image loses. */
  #cutBlocks(byteLength: bigint, pending: readonly { block: bigint }[]): bigint[] {
    const first = (byteLength + BigInt(this.blockBytes) - 1n) / BigInt(this.blockBytes);
    return [...new Set([...this.#versions.keys(), ...pending.map(({ block }) => block)])].filter((block) => block >= first);
  }

  #note(block: bigint, at: bigint | undefined, hashAt: bigint | undefined): void {
    const change = this.marks.length + 1;
    const versions = this.#versions.get(block) ?? [];
    if (versions.at(-1)?.change === change) versions.pop();
    versions.push({ change, at });
    this.#versions.set(block, versions);
    if (hashAt !== undefined) this.#baseHashes.set(block, hashAt);
  }

  /** Where a mark that verifies begins behind `from`; undefined where there is none. */
  async #markBehind(from: bigint): Promise<bigint | undefined> {
    const windowBytes = 4_194_304;
    for (let at = from; at < this.#device.byteLength; at += BigInt(windowBytes - markWord.length)) {
      const { buffer, byteOffset, length } = await readUpTo(this.#device, at, lengthWithin(this.#device, at, windowBytes));
      const window = Buffer.from(buffer, byteOffset, length);
      for (let found = window.indexOf(markWord); found >= 0; found = window.indexOf(markWord, found + 1)) {
        const start = at + BigInt(found - headBytes);
        if (start >= from && (await new RecordReader(this.#device).read(start, this.blockBytes))?.kind === recordKinds.mark) return start;
      }
    }
    return undefined;
  }

  get coveredCount(): number {
    return this.#versions.size;
  }

  /** Blocks that the first so many changes cover. */
  *covered(changes: number): Iterable<bigint> {
    for (const [block, [first]] of this.#versions) if (first && first.change <= changes) yield block;
  }

  /** Where a block's bytes stand after so many changes; undefined where it is what lies below. */
  placeAt(block: bigint, changes: number): bigint | undefined {
    const versions = this.#versions.get(block);
    const last = versions?.at(-1);
    return last === undefined || last.change <= changes ? last?.at : versions?.findLast(({ change }) => change <= changes)?.at;
  }

  /** The bytes of a block that stand at a place. DEVICE_READ_FAILED. */
  async read(place: bigint): Promise<Uint8Array> {
    const found = await readUpTo(this.#device, place, this.blockBytes);
    if (found.length < this.blockBytes) throw damage(this.#device, place, "a block is cut off");
    return found;
  }

  /** SHA-256 of what lay below a covered block when it was covered. */
  async baseSha256(block: bigint): Promise<Uint8Array> {
    return readUpTo(this.#device, this.#baseHashes.get(block) ?? 0n, hashBytes);
  }

  /** Adds blocks to the change that is under way; `hashBelow` is asked for those that are covered first. */
  async append(blocks: readonly LayerPage[], hashBelow: (block: bigint) => Promise<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = [];
    const notes: (() => void)[] = [];
    let at = this.#end;
    for (const { page, bytes: data } of blocks) {
      const isFirst = !this.#baseHashes.has(page);
      const baseSha256 = isFirst ? await hashBelow(page) : none;
      const part = this.#encode({ kind: isFirst ? recordKinds.first : recordKinds.again, place: page, baseSha256, data });
      const [hashAt, dataAt] = [at + BigInt(headBytes), at + BigInt(headBytes + baseSha256.length)];
      notes.push(() => this.#note(page, dataAt, isFirst ? hashAt : undefined));
      parts.push(part);
      at += BigInt(part.length);
    }
    await this.#write(concatBytes(parts));
    for (const note of notes) note();
  }

  /** The image has another length from here on. */
  async appendLength(byteLength: bigint): Promise<void> {
    await this.#write(this.#encode({ kind: recordKinds.byteLength, place: byteLength, baseSha256: none, data: none }));
    for (const block of this.#cutBlocks(byteLength, [])) this.#note(block, undefined, undefined);
    this.#shape = { byteLength, belowEnd: minBigint(this.#shape.belowEnd, byteLength) };
  }

  /** Ends the change that is under way: from here on it is part of the overlay. DEVICE_WRITE_FAILED, DEVICE_SYNC_FAILED. */
  async mark(document: string): Promise<void> {
    await this.#device.sync(); // V2
    const data = new TextEncoder().encode(`${markWord}${document}`);
    if (data.length > mostMarkBytes) throw new RangeError("what a mark says is too long");
    await this.#write(this.#encode({ kind: recordKinds.mark, place: this.#end, baseSha256: none, data }));
    await this.#device.sync();
    this.marks.push({ document, ...this.#shape });
  }

  #encode(record: { kind: number; place: bigint; baseSha256: Uint8Array; data: Uint8Array }): Uint8Array {
    return overlayRecord.encode({ ...record, change: this.marks.length + 1, dataBytes: record.data.length, checksum: 0n }); // V3
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const end = this.#end + BigInt(bytes.length);
    await this.#device.resize(end);
    await this.#device.write(this.#end, bytes);
    this.#end = end;
  }

  sync(): Promise<void> {
    return this.#device.sync();
  }
  close(): Promise<void> {
    return this.#device.close();
  }
}

const damage = (device: BlockDevice, at: bigint, reason: string) => new EngineError("OVERLAY_DAMAGED", { path: device.name, at, reason });

function isIdentity(document: unknown): document is OverlayIdentity {
  const { image, byteLength, blockBytes, volumeId, firstBlockSha256 } = (document ?? {}) as Record<string, unknown>;
  return (
    [image, volumeId, firstBlockSha256].every((each) => typeof each === "string") &&
    /^\d{1,19}$/.test(String(byteLength)) &&
    [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536].includes(blockBytes as number)
  );
}

/** So many bytes, or those up to the end of the device. */
const lengthWithin = (device: BlockDevice, at: bigint, most: number): number =>
  Number(maxBigint(minBigint(device.byteLength - at, BigInt(most)), 0n));

const readAheadBytes = 1_048_576;

/** Reads records one behind the other, a MiB at a time. */
class RecordReader {
  readonly #device: BlockDevice;
  #held: Uint8Array = none;
  #heldAt = 0n;

  constructor(device: BlockDevice) {
    this.#device = device;
  }

  async #bytes(at: bigint, byteLength: number): Promise<Uint8Array> {
    if (at < this.#heldAt || at + BigInt(byteLength) > this.#heldAt + BigInt(this.#held.length)) {
      this.#held = await readUpTo(this.#device, at, lengthWithin(this.#device, at, Math.max(byteLength, readAheadBytes)));
      this.#heldAt = at;
    }
    const from = Number(at - this.#heldAt);
    return this.#held.subarray(from, from + byteLength);
  }

  /** The record at a place and the bytes it takes; undefined where none verifies there. */
  async read(at: bigint, blockBytes: number) {
    const head = await this.#bytes(at, headBytes);
    if (head.length < headBytes) return undefined;
    const kind = head[0] ?? 255;
    const dataBytes = viewOf(head).getUint32(16, true);
    const isBlock = kind === recordKinds.first || kind === recordKinds.again;
    if (isBlock ? dataBytes !== blockBytes : kind === recordKinds.mark ? dataBytes > mostMarkBytes : dataBytes !== 0) return undefined;
    const byteLength = headBytes + (kind === recordKinds.first ? hashBytes : 0) + dataBytes + checksumBytes;
    const whole = await this.#bytes(at, byteLength);
    if (whole.length < byteLength) return undefined;
    try {
      const record = { ...overlayRecord.decode(whole), byteLength };
      return kind > recordKinds.mark || record.place < 0n || (kind === recordKinds.mark && record.place !== at) ? undefined : record;
    } catch (error) {
      if (error instanceof EngineError) return undefined;
      throw error;
    }
  }
}
