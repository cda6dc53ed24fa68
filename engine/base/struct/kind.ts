/** What the hex view paints a field as, and the inspector groups by. */
export type FieldClass = "number" | "pointer" | "id" | "time" | "text" | "flags" | "checksum" | "constant" | "bytes" | "reserved";

/** One field as the hex view, the inspector and the CLI show it. `start` and `end` (excluded) are bytes of the device. */
export interface Annotation {
  path: string;
  start: bigint;
  end: bigint;
  kind: FieldClass;
  /** The field's type in words: `u32 little-endian`, `guid`. */
  type: string;
  /** The value, for people. */
  text: string;
  problem?: string | undefined;
  /** Of a checksum: what the covered bytes give, written as `text` is. */
  computed?: string | undefined;
  doc?: string | undefined;
}

/** One row of a structure's machine-readable description. `offset` and `byteLength` are missing where they depend on values. */
export interface FieldInfo {
  path: string;
  type: string;
  kind: FieldClass;
  offset?: number | undefined;
  byteLength?: number | undefined;
  unit?: string | undefined;
  doc?: string | undefined;
}

/** What a field says about itself beyond its type. */
export interface FieldOptions {
  doc?: string | undefined;
  unit?: string | undefined;
}

/** A violation found while reading: strict decoding throws it, annotation writes it beside the field. */
export interface Problem {
  text: string;
  /** Makes the coded error; `structure` and the byte of the device are known to the reader only. */
  raise: (structure: string, at: bigint) => Error;
}

/** Where a reader stands. `root` is everything handed to the outermost structure, `base` the device byte of `root[0]`. */
export interface Reader {
  readonly root: Uint8Array;
  readonly view: DataView;
  readonly base: bigint;
  readonly structure: string;
  /** Strict readers throw on the first problem; tolerant ones go on. */
  readonly strict: boolean;
  /** Where the next field begins, an index into `root`. */
  at: number;
  /** End of the space of the structure being read. */
  end: number;
  /** Values of the structure being read, so far. */
  values: Record<string, unknown>;
  /** Where the structure being read begins, an index into `root`. */
  structStart: number;
  /** Gathers annotations; undefined when only the value is wanted. */
  rows: Annotation[] | undefined;
  /** Path of the structure being read, with a trailing dot, or empty. */
  path: string;
}

export interface Writer {
  readonly root: Uint8Array;
  readonly view: DataView;
  at: number;
  end: number;
  values: Record<string, unknown>;
  /** Where the structure being written begins. */
  structStart: number;
  readonly checksums: "renew" | "keep";
  /** Run once all fields are written, innermost structure first. */
  readonly afterwards: (() => void)[];
}

/** A type of field: reads, writes, describes itself. */
export interface Kind<T> {
  readonly type: string;
  readonly class: FieldClass;
  readonly options: FieldOptions;
  /** Bytes it takes, where that does not depend on values. */
  readonly byteLength: number | undefined;
  /** Fewest bytes it can take. Bounds counts read from disk. */
  readonly leastBytes: number;
  /** The value at a place where its `byteLength` bytes are, whatever it is; on kinds of a fixed length that need nothing else. */
  readonly get?: ((view: DataView, at: number) => T) | undefined;
  /** Reads the value at `reader.at` and moves on; adds its annotations under `path`. */
  read(reader: Reader, path: string): T;
  write(writer: Writer, value: T): void;
  /** Bytes that `value` takes, given the values before it and the space left. */
  measure(value: T, values: Record<string, unknown>): number;
  /** Rows of the description; `offset` is undefined behind a field of variable length. */
  describe(path: string, offset: number | undefined): FieldInfo[];
  /** Reserved bytes carry no value: the key is left out where they are zero, and may be left out when encoding. */
  readonly reserved?: boolean;
}

export type ValueOf<K> = K extends Kind<infer T> ? T : never;
