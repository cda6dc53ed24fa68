import type { Annotation } from "../base/struct/index.ts";
import type { BlockDevice } from "../device/block-device.ts";
import {
  type Dmr4KernelMetadata,
  type Dmr4ScriptRecord,
  type DmrmMetadata,
  type SetupMetadata,
  sectorBytes,
} from "../format/remap/index.ts";
import { type Choice, chooseDmrm, chooseKernel, chooseScript, chooseSetup } from "./choose.ts";
import { type RemapCopy, type RemapFormat, type RemapLayout, readCopies, remapLayouts } from "./copy.ts";
import { findSightings, formatsOf, type Sighting } from "./detection.ts";
import { judgeDmrm, judgeKernel, judgeScript, judgeSetup } from "./judge.ts";

interface Reading<Format extends RemapFormat, Value> {
  format: Format;
  layout: RemapLayout;
  copies: readonly RemapCopy<Value>[];
  choice: Choice;
}
export type DmrmReading = Reading<"DMRM", DmrmMetadata>;
export type KernelReading = Reading<"DMR4-kernel", Dmr4KernelMetadata>;
export type ScriptReading = Reading<"DMR4-script", Dmr4ScriptRecord>;
export type SetupReading = Reading<"SETUP", SetupMetadata>;
/** All places of one structure, judged, with the copy that is believed. */
export type RemapReading = DmrmReading | KernelReading | ScriptReading | SetupReading;

export interface OpenRemapOptions {
  /** How the device is called; its own name unless told. */
  name?: string | undefined;
  /** Unix seconds that times are judged against; the clock's unless told. */
  now?: bigint | undefined;
  signal?: AbortSignal | undefined;
}

/** Finds dm-remap metadata on a device and judges every copy. Undefined where there is none. Never throws for damage. */
export async function openRemap(
  device: BlockDevice,
  { name = device.name, now, signal }: OpenRemapOptions = {},
): Promise<RemapDevice | undefined> {
  const sightings = await findSightings(device, signal);
  if (sightings.length === 0) return undefined;
  const clock = now ?? BigInt(Math.floor(Date.now() / 1000));
  const readings: RemapReading[] = [];
  for (const format of formatsOf(sightings)) readings.push(await readFormat(device, format, clock, signal));
  return new RemapDevice(device, name, clock, sightings, readings);
}

async function readFormat(device: BlockDevice, format: RemapFormat, now: bigint, signal?: AbortSignal): Promise<RemapReading> {
  const layout = remapLayouts[format];
  if (format === "DMRM") {
    const copies = await readCopies<DmrmMetadata>(device, layout, signal);
    for (const copy of copies) judgeDmrm(copy);
    return { format, layout, copies, choice: chooseDmrm(copies) };
  }
  if (format === "DMR4-kernel") {
    const copies = await readCopies<Dmr4KernelMetadata>(device, layout, signal);
    for (const copy of copies) judgeKernel(copy, now);
    return { format, layout, copies, choice: chooseKernel(copies) };
  }
  if (format === "SETUP") {
    const copies = await readCopies<SetupMetadata>(device, layout, signal);
    for (const copy of copies) judgeSetup(copy);
    return { format, layout, copies, choice: chooseSetup(copies) };
  }
  const copies = await readCopies<Dmr4ScriptRecord>(device, layout, signal);
  for (const copy of copies) judgeScript(copy);
  return { format, layout, copies, choice: chooseScript(copies) };
}

/** A place on the device that two structures claim. */
export interface Overlap {
  sector: bigint;
  sectorCount: bigint;
  structures: { format: RemapFormat; index: number; valid: boolean }[];
}

/** A device or image with dm-remap metadata: what was seen, every copy with its verdict, and which copy is believed. */
export class RemapDevice {
  readonly device: BlockDevice;
  readonly name: string;
  /** Unix seconds that times were judged against. */
  readonly now: bigint;
  readonly sightings: readonly Sighting[];
  readonly readings: readonly RemapReading[];

  constructor(device: BlockDevice, name: string, now: bigint, sightings: readonly Sighting[], readings: readonly RemapReading[]) {
    this.device = device;
    this.name = name;
    this.now = now;
    this.sightings = sightings;
    this.readings = readings;
  }

  /** The structure to show first: the first that has a copy to believe, else the first that was seen. */
  get primary(): RemapReading | undefined {
    return this.readings.find(({ choice }) => choice.index !== undefined) ?? this.readings[0];
  }

  find<Format extends RemapFormat>(format: Format): Extract<RemapReading, { format: Format }> | undefined {
    return this.readings.find((reading) => reading.format === format) as Extract<RemapReading, { format: Format }> | undefined;
  }

  get copies(): RemapCopy<unknown>[] {
    return this.readings.flatMap((reading) => reading.copies as readonly RemapCopy<unknown>[]);
  }

  /** Places that copies of two structures claim. dm-remap reference 1, 6. */
  get overlaps(): Overlap[] {
    const found: Overlap[] = [];
    const spans = this.copies.map((copy) => ({
      copy,
      start: copy.sector,
      end: copy.sector + BigInt(copy.layout.spaceBytes / sectorBytes),
    }));
    for (const [index, one] of spans.entries())
      for (const other of spans.slice(index + 1)) {
        if (one.copy.layout === other.copy.layout) continue;
        const start = one.start > other.start ? one.start : other.start;
        const end = one.end < other.end ? one.end : other.end;
        if (end <= start) continue;
        const structures = [one, other].map(({ copy }) => ({ format: copy.layout.format, index: copy.index, valid: copy.valid }));
        found.push({ sector: start, sectorCount: end - start, structures });
      }
    return found.sort((a, b) => Number(a.sector - b.sector));
  }

  /**
   * The copy whose bytes stand at a byte of the device. Where several structures claim it, a valid copy goes first, then one that was
   * read, then the smaller: a record that was written over a block is what its sector holds.
   */
  copyAt(offset: bigint): RemapCopy<unknown> | undefined {
    const weight = (copy: RemapCopy<unknown>) => (copy.valid ? 0 : 1);
    return this.copies
      .filter((copy) => offset >= copy.byteOffset && offset < copy.byteOffset + BigInt(copy.layout.spaceBytes))
      .sort((a, b) => weight(a) - weight(b) || a.layout.spaceBytes - b.layout.spaceBytes)[0];
  }

  /** The meaning of every byte of a run, each exactly once. Fields that reach beyond the run are cut to it. */
  annotate(start: bigint, bytes: Uint8Array): Annotation[] {
    const end = start + BigInt(bytes.length);
    const rows: Annotation[] = [];
    for (let at = start; at < end; ) {
      const copy = this.copyAt(at);
      const stop = this.#stopOf(copy, at, end);
      const inside = copy?.bytes ? copy.rows.filter((row) => row.start < stop && row.end > at) : [];
      let next = at;
      for (const row of inside) {
        const [from, to] = [row.start > at ? row.start : at, row.end < stop ? row.end : stop];
        rows.push({ ...row, start: from, end: to });
        next = to;
      }
      if (next < stop) rows.push(unstructured(next, stop, copy));
      at = stop;
    }
    return rows;
  }

  /** Where the copy's say over the bytes from `at` ends: with its structure, its space, or where another copy takes over. */
  #stopOf(copy: RemapCopy<unknown> | undefined, at: bigint, end: bigint): bigint {
    const borders = this.copies.flatMap(({ byteOffset, layout }) => [
      byteOffset,
      byteOffset + BigInt(layout.structBytes),
      byteOffset + BigInt(layout.spaceBytes),
    ]);
    if (copy) borders.push(copy.byteOffset + BigInt(copy.layout.structBytes));
    return borders.reduce((least, border) => (border > at && border < least ? border : least), end);
  }
}

function unstructured(start: bigint, end: bigint, copy: RemapCopy<unknown> | undefined): Annotation {
  const text = copy ? `space behind copy ${copy.index} of ${copy.layout.format}; no code gives it a meaning` : "outside the metadata";
  return { path: copy ? "tail" : "data", start, end, kind: copy ? "reserved" : "bytes", type: `bytes[${end - start}]`, text };
}
