import { isAllZero } from "../base/bytes.ts";
import type { Annotation, Struct } from "../base/struct/index.ts";
import { type BlockDevice, readUpTo } from "../device/block-device.ts";
import { isEngineError } from "../errors/engine-error.ts";
import {
  dmr4KernelMetadata,
  dmr4KernelSectors,
  dmr4ScriptRecord,
  dmr4ScriptSectors,
  dmrmMetadata,
  dmrmSectors,
  sectorBytes,
  setupMetadata,
  setupSectors,
} from "../format/remap/index.ts";

/** The structures that a device may carry, in the order of the reference's table (dm-remap reference 1). */
export type RemapFormat = "DMRM" | "DMR4-kernel" | "DMR4-script" | "SETUP";

/** How the copies of a structure lie on a device. */
export interface RemapLayout {
  format: RemapFormat;
  structure: Struct<unknown>;
  structBytes: number;
  /** Bytes reserved for a copy; what the structure leaves of them has no meaning. */
  spaceBytes: number;
  sectors: readonly bigint[];
}

const wide = (structure: unknown) => structure as Struct<unknown>;
const wholeSectors = (bytes: number): number => Math.ceil(bytes / sectorBytes) * sectorBytes;
const layoutOf = (format: RemapFormat, structure: unknown, sectors: readonly bigint[], spaceBytes?: number): RemapLayout => {
  const structBytes = wide(structure).byteLength ?? 0;
  return { format, structure: wide(structure), structBytes, spaceBytes: spaceBytes ?? wholeSectors(structBytes), sectors };
};

/** Layouts by format. dm-remap reference 1, 5.1. */
export const remapLayouts: Readonly<Record<RemapFormat, RemapLayout>> = {
  DMRM: layoutOf("DMRM", dmrmMetadata, dmrmSectors),
  "DMR4-kernel": layoutOf("DMR4-kernel", dmr4KernelMetadata, dmr4KernelSectors, 131_072),
  SETUP: layoutOf("SETUP", setupMetadata, setupSectors),
  "DMR4-script": layoutOf("DMR4-script", dmr4ScriptRecord, dmr4ScriptSectors),
};

/** A checksum of a copy. */
export interface StoredSum {
  name: string;
  /** Byte of the structure. */
  storedAt: number;
  stored: string;
  computed: string;
  match: boolean;
}

/** `blank` is all zero; `cut` begins inside the device and ends behind it; `missing` lies behind its end. */
export type CopyState = "read" | "blank" | "cut" | "missing" | "unread";

/** One place of a structure, as it was read. */
export class RemapCopy<Value> {
  readonly layout: RemapLayout;
  readonly index: number;
  readonly state: CopyState;
  /** The whole structure; undefined where not all of it is there. */
  readonly bytes: Uint8Array | undefined;
  readonly value: Value | undefined;
  /** Why nothing could be read. */
  readonly reason: string | undefined;
  /** Whether the reader of this structure would accept it, and the first thing that it would not. Set once by the structure's judge. */
  verdict: { valid: boolean; fault?: string | undefined } = { valid: false };
  #rows: readonly Annotation[] | undefined;

  constructor(layout: RemapLayout, index: number, bytes: Uint8Array | undefined, state: CopyState, reason?: string) {
    this.layout = layout;
    this.index = index;
    this.bytes = bytes;
    this.state = state;
    this.reason = reason;
    this.value = bytes && (layout.structure.parse(bytes, this.byteOffset) as Value);
  }

  get sector(): bigint {
    return this.layout.sectors[this.index] ?? 0n;
  }
  get byteOffset(): bigint {
    return this.sector * BigInt(sectorBytes);
  }
  get valid(): boolean {
    return this.verdict.valid;
  }

  /** The meaning of every byte of the structure; bytes of the device. Empty where it was not read. */
  get rows(): readonly Annotation[] {
    this.#rows ??= this.bytes ? this.layout.structure.annotate(this.bytes, this.byteOffset) : [];
    return this.#rows;
  }

  /** Every checksum that the structure carries, in the order in which it lies there. */
  get sums(): StoredSum[] {
    return this.rows.flatMap(({ path, start, text, computed }) =>
      computed === undefined
        ? []
        : [{ name: path, storedAt: Number(start - this.byteOffset), stored: text, computed, match: text === computed }],
    );
  }

  /** The bytes of a field, or of everything below it; the whole copy where there is no such field. */
  rangeOf(path: string): { start: bigint; end: bigint } {
    const exact = this.rows.find((row) => row.path === path);
    if (exact) return { start: exact.start, end: exact.end };
    const own = path === "" ? [] : this.rows.filter((row) => row.path.startsWith(`${path}.`) || row.path.startsWith(`${path}[`));
    const [first, last] = [own[0], own.at(-1)];
    return first && last
      ? { start: first.start, end: last.end }
      : { start: this.byteOffset, end: this.byteOffset + BigInt(this.layout.structBytes) };
  }
}

/** Reads all places of a structure. A place that fails to be read is said to be so and hinders none of the others. */
export async function readCopies<Value>(device: BlockDevice, layout: RemapLayout, signal?: AbortSignal): Promise<RemapCopy<Value>[]> {
  const copies: RemapCopy<Value>[] = [];
  for (const [index, sector] of layout.sectors.entries()) copies.push(await readCopy(device, layout, index, sector, signal));
  return copies;
}

async function readCopy<Value>(
  device: BlockDevice,
  layout: RemapLayout,
  index: number,
  sector: bigint,
  signal?: AbortSignal,
): Promise<RemapCopy<Value>> {
  const start = sector * BigInt(sectorBytes);
  if (start >= device.byteLength) return new RemapCopy(layout, index, undefined, "missing");
  try {
    const bytes = await readUpTo(device, start, layout.structBytes, signal);
    if (bytes.length < layout.structBytes) return new RemapCopy(layout, index, undefined, "cut");
    return new RemapCopy(layout, index, bytes, isAllZero(bytes) ? "blank" : "read");
  } catch (error) {
    if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
    return new RemapCopy(layout, index, undefined, "unread", error.data.reason);
  }
}
