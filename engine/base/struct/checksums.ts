import { EngineError } from "../../errors/engine-error.ts";
import { concatBytes, hexNumber, toHex } from "../bytes.ts";
import { checksum } from "../checksum.ts";
import { report, take } from "./fields.ts";
import type { FieldOptions, Kind, Problem } from "./kind.ts";

export interface ChecksumOptions extends FieldOptions {
  /** The bytes it covers, indexes into what was handed to the outermost structure; `at` is the checksum's own place, `from` where its structure begins. */
  over: (at: number, from: number) => [start: number, end: number];
  /** A second run of covered bytes, where others lie between. `values` are those before the checksum. */
  andOver?: (at: number, values: Record<string, unknown>) => [start: number, end: number];
}

/** The bytes that a checksum covers, in one run. */
function coveredRun(root: Uint8Array, options: ChecksumOptions, first: number, end: number, at: number, values: Record<string, unknown>) {
  const run = root.subarray(first, end);
  return options.andOver ? concatBytes([run, root.subarray(...options.andOver(at, values))]) : run;
}

function summed<T>(
  type: string,
  byteLength: number,
  options: ChecksumOptions,
  field: {
    get: (view: DataView, at: number) => T;
    set: (view: DataView, at: number, value: T) => void;
    /** `own` is where the checksum itself stands in what it covers; it lies inside only where the format says so. */
    compute: (covered: Uint8Array, own: number) => T;
    show: (value: T) => string;
    number: (value: T) => bigint;
  },
): Kind<T> {
  const kind: Kind<T> = {
    type,
    class: "checksum",
    options: { doc: options.doc },
    byteLength,
    leastBytes: byteLength,
    get: field.get,
    read(reader, path) {
      const start = take(reader, byteLength);
      const value = field.get(reader.view, start);
      if (reader.strict || reader.rows) {
        const [first, end] = options.over(start, reader.structStart);
        const computed = field.compute(coveredRun(reader.root, options, first, end, start, reader.values), start - first);
        const problem: Problem | undefined =
          field.show(computed) === field.show(value)
            ? undefined
            : {
                text: `computed ${field.show(computed)}`,
                raise: (structure, at) =>
                  new EngineError("CHECKSUM_MISMATCH", { structure, at, stored: field.number(value), computed: field.number(computed) }),
              };
        report(reader, kind, path, start, field.show(value), problem);
        const row = reader.rows?.at(-1);
        if (row) row.computed = field.show(computed);
      }
      return value;
    },
    write(writer, value) {
      const at = writer.at;
      const from = writer.structStart;
      const { values } = writer;
      writer.at += byteLength;
      if (writer.checksums === "keep" && value !== undefined) field.set(writer.view, at, value);
      else
        writer.afterwards.push(() => {
          const [first, end] = options.over(at, from);
          field.set(writer.view, at, field.compute(coveredRun(writer.root, options, first, end, at, values), at - first));
        });
    },
    measure: () => byteLength,
    describe: (path, offset) => [{ path, type, kind: "checksum", offset, byteLength, ...kind.options }],
  };
  return kind;
}

/** XXH64, seed 0, little-endian. Filled in when encoding unless checksums are kept. */
export const xxh64 = (options: ChecksumOptions): Kind<bigint> =>
  summed<bigint>("XXH64 little-endian", 8, options, {
    get: (view, at) => view.getBigUint64(at, true),
    set: (view, at, value) => view.setBigUint64(at, value, true),
    compute: (covered) => checksum.xxh64(covered),
    show: (value) => hexNumber(value, 16),
    number: (value) => value,
  });

/** The first `byteLength` bytes of a SHA-256. */
export const sha256 = (byteLength: number, options: ChecksumOptions): Kind<Uint8Array> =>
  summed<Uint8Array>(`SHA-256[${byteLength}]`, byteLength, options, {
    get: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, byteLength).slice(),
    set: (view, at, value) => new Uint8Array(view.buffer, view.byteOffset + at, byteLength).set(value.subarray(0, byteLength)),
    compute: (covered) => checksum.sha256(covered).slice(0, byteLength),
    show: toHex,
    number: (value) => BigInt(`0x${toHex(value) || "0"}`),
  });

export interface KernelCrc32Options extends ChecksumOptions {
  /** How its own four bytes count where they lie in what it covers: not at all, or as zeros. */
  own?: "left-out" | "as-zero";
}

/** The kernel's CRC-32, little-endian (dm-remap reference 2). */
export const kernelCrc32 = ({ own = "left-out", ...options }: KernelCrc32Options): Kind<number> =>
  summed<number>("CRC-32 (kernel) little-endian", 4, options, {
    get: (view, at) => view.getUint32(at, true),
    set: (view, at, value) => view.setUint32(at, value, true),
    compute(covered, at) {
      if (at < 0 || at >= covered.length) return checksum.kernelCrc32(covered);
      const before = checksum.kernelCrc32(covered.subarray(0, at));
      const through = own === "as-zero" ? checksum.kernelCrc32(new Uint8Array(4), before) : before;
      return checksum.kernelCrc32(covered.subarray(at + 4), through);
    },
    show: (value) => hexNumber(value, 8),
    number: (value) => BigInt(value),
  });
