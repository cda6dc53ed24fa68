import { EngineError } from "../../errors/engine-error.ts";
import { isAllZero, toHex, viewOf } from "../bytes.ts";
import type { Annotation, FieldInfo, FieldOptions, Kind, Reader, ValueOf, Writer } from "./kind.ts";

type Fields = Record<string, Kind<never> | Kind<unknown>>;
type OptionalKeys<F> = { [Key in keyof F]: undefined extends ValueOf<F[Key]> ? Key : never }[keyof F];
type Simplify<T> = { [Key in keyof T]: T[Key] } & {};

/** The value of a structure: reserved bytes are there only where they are not zero. */
export type StructValue<F> = Simplify<
  { -readonly [Key in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[Key]> } & {
    -readonly [Key in OptionalKeys<F>]?: ValueOf<F[Key]>;
  }
>;

export interface EncodeOptions {
  /** Bytes of the whole, for structures that fill a block. Default: what the values take. */
  byteLength?: number;
  /** `renew` (default) computes checksums, `keep` writes the ones in the value. */
  checksums?: "renew" | "keep";
}

export interface Struct<T> extends Kind<T> {
  readonly name: string;
  /** Strict: constants, checksums and ranges must hold. TRUNCATED, CONSTANT_MISMATCH, CHECKSUM_MISMATCH, VALUE_OUT_OF_RANGE, COUNT_EXCEEDS_SPACE. */
  decode(bytes: Uint8Array, at?: bigint): T;
  /** Tolerant: the values as stored, whatever they are; counts are cut to what fits. TRUNCATED alone. */
  parse(bytes: Uint8Array, at?: bigint): T;
  /** Exact: `encode(parse(bytes), { byteLength, checksums: "keep" })` gives the same bytes. */
  encode(value: T, options?: EncodeOptions): Uint8Array;
  /** Never throws; covers every byte exactly once, what no field claims as slack. */
  annotate(bytes: Uint8Array, at?: bigint): Annotation[];
  /** The machine-readable list of fields. */
  readonly fields: readonly FieldInfo[];
}

export type Decoded<S> = S extends Kind<infer T> ? T : never;

function reader(name: string, bytes: Uint8Array, base: bigint, strict: boolean, rows?: Annotation[]): Reader {
  return {
    root: bytes,
    view: viewOf(bytes),
    base,
    structure: name,
    strict,
    at: 0,
    end: bytes.length,
    values: {},
    structStart: 0,
    rows,
    path: "",
  };
}

/** Declares a structure once; codec, hex overlay, inspector and description derive from it. Fields follow each other without padding. */
export function struct<const F extends Fields>(name: string, fields: F, options: FieldOptions = {}): Struct<StructValue<F>> {
  type Value = StructValue<F>;
  const entries = Object.entries(fields) as [string, Kind<unknown>][];
  const total = entries.reduce<number | undefined>(
    (sum, [, kind]) => (sum === undefined || kind.byteLength === undefined ? undefined : sum + kind.byteLength),
    0,
  );

  const [keys, kinds] = [entries.map(([key]) => key), entries.map(([, kind]) => kind)];
  const get = getterOf(keys, kinds) as ((view: DataView, at: number) => Value) | undefined;
  /** Tolerant and without annotations: values alone, of which there may be very many. */
  const readValues = (at: Reader): Value => {
    if (get && total !== undefined && at.at + total <= at.end) {
      at.at += total;
      return get(at.view, at.at - total);
    }
    const { values: outer, structStart } = at;
    const values: Record<string, unknown> = {};
    at.values = values;
    at.structStart = at.at;
    for (const [index, kind] of kinds.entries()) {
      const value = kind.read(at, "");
      if (value !== undefined) values[keys[index] as string] = value;
    }
    at.values = outer;
    at.structStart = structStart;
    return values as Value;
  };
  const read = (at: Reader, path: string): Value => {
    if (!at.strict && !at.rows) return readValues(at);
    const { values: outer, structStart } = at;
    const values: Record<string, unknown> = {};
    at.values = values;
    at.structStart = at.at;
    for (const [key, kind] of entries) {
      const value = kind.read(at, path ? `${path}.${key}` : key);
      if (value !== undefined) values[key] = value;
    }
    at.values = outer;
    at.structStart = structStart;
    return values as Value;
  };
  const write = (at: Writer, value: Value): void => {
    const { values: outer, structStart } = at;
    at.values = value as Record<string, unknown>;
    at.structStart = at.at;
    for (const [key, kind] of entries) kind.write(at, (value as Record<string, unknown>)[key]);
    at.values = outer;
    at.structStart = structStart;
  };
  const describe = (path: string, offset: number | undefined): FieldInfo[] => {
    let at = offset;
    return entries.flatMap(([key, kind]) => {
      const rows = kind.describe(path ? `${path}.${key}` : key, at);
      at = at === undefined || kind.byteLength === undefined ? undefined : at + kind.byteLength;
      return rows;
    });
  };
  const measure = (value: Value): number =>
    entries.reduce((sum, [key, kind]) => sum + kind.measure((value as Record<string, unknown>)[key], value as Record<string, unknown>), 0);

  return {
    name,
    type: name,
    class: "bytes",
    options,
    byteLength: total,
    get,
    leastBytes: entries.reduce((sum, [, kind]) => sum + kind.leastBytes, 0),
    read,
    write,
    measure,
    describe,
    decode: (bytes, at = 0n) => read(reader(name, bytes, at, true), ""),
    parse: (bytes, at = 0n) => read(reader(name, bytes, at, false), ""),
    encode(value, { byteLength = measure(value), checksums = "renew" } = {}) {
      const root = new Uint8Array(byteLength);
      const afterwards: (() => void)[] = [];
      write({ root, view: viewOf(root), at: 0, end: byteLength, values: {}, structStart: 0, checksums, afterwards }, value);
      for (const seal of afterwards) seal();
      return root;
    },
    annotate(bytes, at = 0n) {
      const rows: Annotation[] = [];
      const from = reader(name, bytes, at, false, rows);
      let problem: string | undefined;
      try {
        read(from, "");
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        problem = `cut off: ${bytes.length} bytes are there`;
      }
      if (from.at < bytes.length) rows.push(slack(bytes, at, from.at, problem));
      else if (problem) rows.push({ ...slack(bytes, at, bytes.length, problem), path: "end" });
      return rows;
    },
    get fields() {
      return describe("", 0);
    },
  };
}

/** Reads fields of fixed lengths one behind the other; undefined where one is not, or needs the values before it. */
function getterOf(
  keys: readonly string[],
  kinds: readonly Kind<unknown>[],
): ((view: DataView, at: number) => Record<string, unknown>) | undefined {
  const fields: { key: string; offset: number; get: (view: DataView, at: number) => unknown }[] = [];
  let offset = 0;
  for (const [index, { get, byteLength }] of kinds.entries()) {
    if (!get || byteLength === undefined) return undefined;
    fields.push({ key: keys[index] as string, offset, get });
    offset += byteLength;
  }
  return (view, at) => {
    const values: Record<string, unknown> = {};
    for (const field of fields) {
      const value = field.get(view, at + field.offset);
      if (value !== undefined) values[field.key] = value;
    }
    return values;
  };
}

function slack(bytes: Uint8Array, base: bigint, from: number, problem: string | undefined): Annotation {
  const rest = bytes.subarray(from);
  return {
    path: "slack",
    start: base + BigInt(from),
    end: base + BigInt(bytes.length),
    kind: "reserved",
    type: `bytes[${rest.length}]`,
    text: isAllZero(rest) ? "zero" : `${toHex(rest.subarray(0, 16))}${rest.length > 16 ? "…" : ""}`,
    ...(problem && { problem }),
  };
}

/** How many elements: a number, or from the values before it and the bytes left. */
export type Count = number | ((values: Record<string, unknown>, left: number) => number | bigint);

export interface ArrayOptions extends FieldOptions {
  /** Bytes of the structure's space that are not the elements': its trailer. */
  leave?: number;
}

/** `count` elements one after the other. A count that does not fit is an error when strict, and cut to what fits otherwise. */
export function array<T>(of: Kind<T>, count: Count, { leave = 0, ...options }: ArrayOptions = {}): Kind<T[]> {
  const fixed = typeof count === "number" && of.byteLength !== undefined ? count * of.byteLength : undefined;
  const getAll = (view: DataView, at: number, length: number): T[] => {
    const [get, byteLength] = [of.get as (view: DataView, at: number) => T, of.byteLength as number];
    const elements: T[] = [];
    for (let index = 0; index < length; index++) elements.push(get(view, at + index * byteLength));
    return elements;
  };
  const hasGetter = of.get !== undefined && of.byteLength !== undefined;
  const kind: Kind<T[]> = {
    ...(hasGetter && fixed !== undefined && { get: (view: DataView, at: number) => getAll(view, at, count as number) }),
    type: `${of.type}[${typeof count === "number" ? count : ""}]`,
    class: of.class,
    options,
    byteLength: fixed,
    leastBytes: typeof count === "number" ? count * of.leastBytes : 0,
    read(at, path) {
      const left = Math.max(0, at.end - at.at - leave);
      const wanted = typeof count === "number" ? count : count(at.values, left);
      const room = Math.floor(left / Math.max(1, of.leastBytes));
      const fits = wanted >= 0 && wanted <= room;
      if (!fits && at.strict)
        throw new EngineError("COUNT_EXCEEDS_SPACE", {
          structure: at.structure,
          field: path,
          at: at.base + BigInt(at.at),
          count: wanted,
          room,
        });
      const elements: T[] = [];
      const length = fits ? Number(wanted) : wanted < 0 ? 0 : room;
      if (!at.strict && !at.rows && hasGetter) {
        at.at += length * (of.byteLength ?? 0);
        return getAll(at.view, at.at - length * (of.byteLength ?? 0), length);
      }
      for (let index = 0; index < length; index++) elements.push(of.read(at, `${path}[${index}]`));
      return elements;
    },
    write(at, value) {
      for (const element of value) of.write(at, element);
    },
    measure: (value, values) => value.reduce((sum, element) => sum + of.measure(element, values), 0),
    describe: (path, offset) => [
      { path, type: kind.type, kind: of.class, offset, byteLength: fixed, ...options },
      ...of.describe(`${path}[]`, undefined),
    ],
  };
  return kind;
}
