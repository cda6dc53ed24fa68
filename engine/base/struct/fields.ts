import { EngineError } from "../../errors/engine-error.ts";
import { hexNumber, isAllZero, toHex } from "../bytes.ts";
import { guidBytes, guidText } from "../guid.ts";
import { StoredText } from "../stored-text.ts";
import { ticksText } from "../ticks.ts";
import type { FieldClass, FieldOptions, Kind, Problem, Reader } from "./kind.ts";

interface Simple<T> {
  type: string;
  class: FieldClass;
  options: FieldOptions;
  byteLength: number;
  get(view: DataView, at: number): T;
  set(view: DataView, at: number, value: T): void;
  show(value: T): string;
  problem?: ((value: T, reader: Reader) => Problem | undefined) | undefined;
}

/** Takes `byteLength` bytes at the reader's place, or throws TRUNCATED. */
export function take(reader: Reader, byteLength: number): number {
  const at = reader.at;
  if (at + byteLength > reader.end) {
    throw new EngineError("TRUNCATED", {
      structure: reader.structure,
      at: reader.base + BigInt(at),
      needed: byteLength,
      present: Math.max(0, reader.end - at),
    });
  }
  reader.at += byteLength;
  return at;
}

/** Adds the annotation of a field that lies at `start`..`reader.at`, and throws its problem when strict. */
export function report(
  reader: Reader,
  kind: Pick<Kind<unknown>, "class" | "type" | "options">,
  path: string,
  start: number,
  text: string,
  problem?: Problem,
): void {
  if (problem && reader.strict) throw problem.raise(reader.structure, reader.base + BigInt(start));
  reader.rows?.push({
    path,
    start: reader.base + BigInt(start),
    end: reader.base + BigInt(reader.at),
    kind: kind.class,
    type: kind.type,
    text,
    ...(problem && { problem: problem.text }),
    ...(kind.options.doc && { doc: kind.options.doc }),
  });
}

function simple<T>(field: Simple<T>): Kind<T> {
  const kind: Kind<T> = {
    type: field.type,
    class: field.class,
    options: field.options,
    byteLength: field.byteLength,
    leastBytes: field.byteLength,
    get: field.get,
    read(reader, path) {
      const start = take(reader, field.byteLength);
      const value = field.get(reader.view, start);
      if (reader.strict || reader.rows)
        report(reader, kind, path, start, reader.rows ? field.show(value) : "", field.problem?.(value, reader));
      return value;
    },
    write(writer, value) {
      field.set(writer.view, writer.at, value);
      writer.at += field.byteLength;
    },
    measure: () => field.byteLength,
    describe: (path, offset) => [{ path, type: field.type, kind: field.class, offset, byteLength: field.byteLength, ...field.options }],
  };
  return kind;
}

export interface IntegerOptions<T> extends FieldOptions {
  /** How the field is painted; numbers unless told. */
  as?: FieldClass;
  /** The values a strict reader accepts. */
  oneOf?: readonly T[];
  /** How the value is written for people. */
  show?: (value: T) => string;
  /** True for an acceptable value; `expects` says in words what is. */
  check?: (value: T, values: Record<string, unknown>) => boolean;
  expects?: string;
}

function outOfRange(field: string, value: string, allowed: string): Problem {
  return {
    text: allowed,
    raise: (structure, at) => new EngineError("VALUE_OUT_OF_RANGE", { structure, field, at, value, allowed }),
  };
}

type Order = "little-endian" | "big-endian";

function integer<T extends number | bigint>(
  name: string,
  byteLength: number,
  order: Order,
  get: (view: DataView, at: number, little: boolean) => T,
  set: (view: DataView, at: number, value: T, little: boolean) => void,
) {
  const little = order === "little-endian";
  const type = byteLength === 1 ? name : `${name} ${order}`;
  return (options: IntegerOptions<T> = {}): Kind<T> =>
    simple<T>({
      type,
      class: options.as ?? "number",
      options: { doc: options.doc, unit: options.unit },
      byteLength,
      get: (view, at) => get(view, at, little),
      set: (view, at, value) => set(view, at, value, little),
      show: (value) => options.show?.(value) ?? (options.unit ? `${value} ${options.unit}` : `${value}`),
      problem: (value, reader) => {
        if (options.oneOf && !options.oneOf.includes(value)) return outOfRange(type, `${value}`, `expected ${options.oneOf.join(" or ")}`);
        if (options.check && !options.check(value, reader.values))
          return outOfRange(type, `${value}`, options.expects ?? "outside its range");
        return undefined;
      },
    });
}

export const u8 = integer<number>(
  "u8",
  1,
  "little-endian",
  (v, at) => v.getUint8(at),
  (v, at, x) => v.setUint8(at, x),
);
export const i8 = integer<number>(
  "i8",
  1,
  "little-endian",
  (v, at) => v.getInt8(at),
  (v, at, x) => v.setInt8(at, x),
);
const u16Of = (order: Order) =>
  integer<number>(
    "u16",
    2,
    order,
    (v, at, l) => v.getUint16(at, l),
    (v, at, x, l) => v.setUint16(at, x, l),
  );
const i16Of = (order: Order) =>
  integer<number>(
    "i16",
    2,
    order,
    (v, at, l) => v.getInt16(at, l),
    (v, at, x, l) => v.setInt16(at, x, l),
  );
const u32Of = (order: Order) =>
  integer<number>(
    "u32",
    4,
    order,
    (v, at, l) => v.getUint32(at, l),
    (v, at, x, l) => v.setUint32(at, x, l),
  );
const i32Of = (order: Order) =>
  integer<number>(
    "i32",
    4,
    order,
    (v, at, l) => v.getInt32(at, l),
    (v, at, x, l) => v.setInt32(at, x, l),
  );
const u64Of = (order: Order) =>
  integer<bigint>(
    "u64",
    8,
    order,
    (v, at, l) => v.getBigUint64(at, l),
    (v, at, x, l) => v.setBigUint64(at, x, l),
  );
const i64Of = (order: Order) =>
  integer<bigint>(
    "i64",
    8,
    order,
    (v, at, l) => v.getBigInt64(at, l),
    (v, at, x, l) => v.setBigInt64(at, x, l),
  );
export const [u16, i16, u32, i32, u64, i64] = [u16Of, i16Of, u32Of, i32Of, u64Of, i64Of].map((of) => of("little-endian")) as unknown as [
  ReturnType<typeof u16Of>,
  ReturnType<typeof i16Of>,
  ReturnType<typeof u32Of>,
  ReturnType<typeof i32Of>,
  ReturnType<typeof u64Of>,
  ReturnType<typeof i64Of>,
];
export const [u16be, i16be, u32be, i32be, u64be, i64be] = [u16Of, i16Of, u32Of, i32Of, u64Of, i64Of].map((of) =>
  of("big-endian"),
) as unknown as [
  ReturnType<typeof u16Of>,
  ReturnType<typeof i16Of>,
  ReturnType<typeof u32Of>,
  ReturnType<typeof i32Of>,
  ReturnType<typeof u64Of>,
  ReturnType<typeof i64Of>,
];

const float =
  (name: string, byteLength: 4 | 8) =>
  (options: FieldOptions = {}): Kind<number> =>
    simple<number>({
      type: `${name} little-endian`,
      class: "number",
      options,
      byteLength,
      get: (view, at) => (byteLength === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true)),
      set: (view, at, value) => (byteLength === 4 ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true)),
      show: String,
    });
export const f32 = float("f32", 4);
export const f64 = float("f64", 8);

/** One byte: 0 is false, anything else true; 1 is written. */
export const bool8 = (options: FieldOptions = {}): Kind<boolean> =>
  simple<boolean>({
    type: "bool u8",
    class: "flags",
    options,
    byteLength: 1,
    get: (view, at) => view.getUint8(at) !== 0,
    set: (view, at, value) => view.setUint8(at, value ? 1 : 0),
    show: (value) => (value ? "yes" : "no"),
  });

export const guid = (options: FieldOptions = {}): Kind<string> =>
  simple<string>({
    type: "guid",
    class: "id",
    options,
    byteLength: 16,
    get: (view, at) => guidText(new Uint8Array(view.buffer, view.byteOffset + at, 16)),
    set: (view, at, value) => new Uint8Array(view.buffer, view.byteOffset + at, 16).set(guidBytes(value)),
    show: (value) => value,
  });

/** i64 count of 100 ns since 0001-01-01 UTC; 0 is never. */
export const ticks = (options: FieldOptions = {}): Kind<bigint> =>
  simple<bigint>({
    type: "ticks",
    class: "time",
    options,
    byteLength: 8,
    get: (view, at) => view.getBigInt64(at, true),
    set: (view, at, value) => view.setBigInt64(at, value, true),
    show: (value) => ticksText(value) ?? `${value}, no time a calendar holds`,
    problem: (value) => (ticksText(value) === undefined ? outOfRange("ticks", `${value}`, "no time a calendar holds") : undefined),
  });

export type NumberKind = Kind<number>;

/** An integer whose values have names. Unknown values are kept and, unless `open`, reported. */
export function enumeration(
  of: NumberKind,
  names: Readonly<Record<number, string>>,
  options: FieldOptions & { open?: boolean } = {},
): Kind<number> {
  return derived(of, {
    class: "flags",
    options,
    show: (value) => (names[value] === undefined ? `${value}` : `${value} · ${names[value]}`),
    problem: (value) =>
      names[value] === undefined && !options.open ? outOfRange("enum", `${value}`, "no value that is known") : undefined,
  });
}

/** An integer whose bits have names, by bit number. Unknown bits are kept and reported. */
export function flags(of: NumberKind, names: Readonly<Record<number, string>>, options: FieldOptions = {}): Kind<number> {
  const known = Object.keys(names).reduce((mask, bit) => mask + 2 ** Number(bit), 0);
  return derived(of, {
    class: "flags",
    options,
    show: (value) => {
      const set = Object.entries(names)
        .filter(([bit]) => (value >>> Number(bit)) & 1)
        .map(([, name]) => name);
      const unknown = (value & ~known) >>> 0;
      return [hexNumber(value), ...set, ...(unknown ? [`unknown ${hexNumber(unknown)}`] : [])].join(" · ");
    },
    problem: (value) =>
      (value & ~known) >>> 0 ? outOfRange("flags", hexNumber(value), `unknown bits ${hexNumber((value & ~known) >>> 0)}`) : undefined,
  });
}

function derived(
  of: NumberKind,
  field: { class: FieldClass; options: FieldOptions; show: (value: number) => string; problem: (value: number) => Problem | undefined },
): Kind<number> {
  const { get, byteLength } = of;
  if (!get || byteLength === undefined) throw new TypeError("only a plain integer has names for its values");
  const kind: Kind<number> = {
    ...of,
    class: field.class,
    options: { doc: field.options.doc, unit: field.options.unit },
    read(reader, path) {
      const start = take(reader, byteLength);
      const value = get(reader.view, start);
      if (reader.strict || reader.rows) report(reader, kind, path, start, reader.rows ? field.show(value) : "", field.problem(value));
      return value;
    },
    describe: (path, offset) => of.describe(path, offset).map((row) => ({ ...row, kind: field.class, ...kind.options })),
  };
  return kind;
}

/** Bytes that must be these. The value is the bytes as stored, so that a damaged constant encodes back unchanged. */
export function constant(expected: Uint8Array | string, options: FieldOptions = {}): Kind<Uint8Array> {
  const bytes = typeof expected === "string" ? new TextEncoder().encode(expected) : expected;
  const shown = (value: Uint8Array) => (value.every((byte) => byte >= 0x20 && byte < 0x7f) ? String.fromCharCode(...value) : toHex(value));
  return byteRun("constant", bytes.length, {
    ...options,
    as: "constant",
    show: shown,
    problem: (value) =>
      value.every((byte, index) => byte === bytes[index])
        ? undefined
        : {
            text: `expected ${shown(bytes)}`,
            raise: (structure, at) =>
              new EngineError("CONSTANT_MISMATCH", { structure, field: "magic", at, stored: shown(value), expected: shown(bytes) }),
          },
  });
}

interface RunOptions<T> extends FieldOptions {
  as?: FieldClass;
  show?: (value: T) => string;
  problem?: (value: T) => Problem | undefined;
}
/** How long a run is: a number, or from the values before it and the bytes left. */
export type RunLength = number | ((values: Record<string, unknown>, left: number) => number);

const lengthOf = (length: RunLength, values: Record<string, unknown>, left: number): number =>
  typeof length === "number" ? length : length(values, left);

function run<T>(
  type: string,
  length: RunLength,
  options: RunOptions<T> & {
    /** Gets the bytes where they lie; what it keeps of them it copies. */
    of: (bytes: Uint8Array) => T;
    bytesOf: (value: T) => Uint8Array;
    show: (value: T) => string;
    reserved?: boolean;
    as: FieldClass;
  },
): Kind<T> {
  const fixed = typeof length === "number" ? length : undefined;
  const get = (view: DataView, at: number): T => options.of(new Uint8Array(view.buffer, view.byteOffset + at, fixed));
  const kind: Kind<T> = {
    type: fixed === undefined ? type : `${type}[${fixed}]`,
    class: options.as,
    options: { doc: options.doc, unit: options.unit },
    byteLength: fixed,
    leastBytes: fixed ?? 0,
    ...(options.reserved && { reserved: true }),
    ...(fixed !== undefined && { get }),
    read(reader, path) {
      const wanted = lengthOf(length, reader.values, reader.end - reader.at);
      if (wanted < 0 || (!reader.strict && wanted > reader.end - reader.at)) {
        const room = Math.max(0, reader.end - reader.at);
        if (reader.strict)
          throw new EngineError("COUNT_EXCEEDS_SPACE", {
            structure: reader.structure,
            field: path,
            at: reader.base + BigInt(reader.at),
            count: wanted,
            room,
          });
        const start = take(reader, wanted < 0 ? 0 : room);
        const value = options.of(reader.root.subarray(start, reader.at));
        reader.rows?.push({
          path,
          start: reader.base + BigInt(start),
          end: reader.base + BigInt(reader.at),
          kind: kind.class,
          type: kind.type,
          text: options.show(value),
          problem: `${wanted} bytes are counted, ${room} are there`,
        });
        return value;
      }
      const start = take(reader, wanted);
      const value = options.of(reader.root.subarray(start, reader.at));
      if (reader.strict || reader.rows) report(reader, kind, path, start, reader.rows ? options.show(value) : "", options.problem?.(value));
      return value;
    },
    write(writer, value) {
      const bytes = options.bytesOf(value);
      const room = fixed ?? lengthOf(length, writer.values, writer.end - writer.at);
      if (bytes.length > room) throw new RangeError(`${bytes.length} bytes do not fit a ${kind.type} of ${room}`);
      writer.root.set(bytes, writer.at);
      writer.at += room;
    },
    measure: (value, values) =>
      typeof length === "number" ? length : options.reserved ? 0 : Math.max(options.bytesOf(value).length, safeLength(length, values)),
    describe: (path, offset) => [{ path, type: kind.type, kind: kind.class, offset, byteLength: fixed, ...kind.options }],
  };
  return kind;
}

/** A length that depends on the space left is 0 when nothing is known of that space. */
const safeLength = (length: (values: Record<string, unknown>, left: number) => number, values: Record<string, unknown>): number =>
  Math.max(0, length(values, 0));

const shortHex = (value: Uint8Array): string =>
  value.length > 32
    ? `${toHex(value.subarray(0, 32))}… ${value.length} bytes`
    : isAllZero(value) && value.length > 8
      ? `zero, ${value.length} bytes`
      : toHex(value);

function byteRun(type: string, length: RunLength, options: RunOptions<Uint8Array>): Kind<Uint8Array> {
  return run(type, length, {
    show: shortHex,
    ...options,
    as: options.as ?? "bytes",
    of: (bytes) => bytes.slice(),
    bytesOf: (value) => value,
  });
}

/** A run of raw bytes. Painted as bytes unless told (`id` for hashes of identity, `checksum` for digests and seals). */
export const bytes = (length: RunLength, options: RunOptions<Uint8Array> = {}): Kind<Uint8Array> => byteRun("bytes", length, options);

const utf8Problem = (value: StoredText): Problem | undefined =>
  value.isUtf8 ? undefined : outOfRange("text", toHex(value.content.subarray(0, 64)), "not valid UTF-8");

/** UTF-8 in a field of fixed width: ends at the first zero byte, zero padded. Bytes behind the zero are kept. */
export const text = (byteLength: number, options: FieldOptions = {}): Kind<StoredText> =>
  run("utf8", byteLength, {
    ...options,
    as: "text",
    of: (stored) => new StoredText(stored.slice()),
    bytesOf: (value) => value.bytes,
    show: (value) => value.text,
    problem: utf8Problem,
  });

/** UTF-8 whose length in bytes was read before it. */
export const countedText = (length: RunLength, options: FieldOptions = {}): Kind<StoredText> =>
  run("utf8", length, {
    ...options,
    as: "text",
    of: (stored) => new StoredText(stored.slice(), false),
    bytesOf: (value) => value.bytes,
    show: (value) => value.text,
    problem: utf8Problem,
  });

/** Bytes that should be zero. Their key is left out of the value where they are, and kept where not, so that nothing is lost. */
export const reserved = (length: RunLength, options: FieldOptions = {}): Kind<Uint8Array | undefined> =>
  run<Uint8Array | undefined>("reserved", length, {
    ...options,
    as: "reserved",
    reserved: true,
    of: (stored) => (isAllZero(stored) ? undefined : stored.slice()),
    bytesOf: (value) => value ?? new Uint8Array(0),
    show: (value) => (value === undefined ? "zero" : shortHex(value)),
    problem: (value) => (value === undefined ? undefined : outOfRange("reserved", shortHex(value), "not zero")),
  });

/** Reserved bytes up to where only `leave` bytes of the structure's space are left. */
export const reservedUntil = (leave: number, options: FieldOptions = {}): Kind<Uint8Array | undefined> =>
  reserved((_, left) => Math.max(0, left - leave), options);
