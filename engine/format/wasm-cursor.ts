const valueTypes: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  112: "funcref",
  111: "externref",
};
const functionForm = 0x60;
const mostParameters = 1000;
const mostNamed = 24;
const listed = (types: readonly string[]): string =>
  types.length <= mostNamed ? types.join(", ") : `${types.slice(0, mostNamed).join(", ")}, … ${types.length} in all`;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Walks a part of a WASM binary. The first thing that is not well formed is kept as `problem`, and every read behind it gives
 * nothing; `unknown` names what is well formed as far as can be seen and newer than this reader. Source: WebAssembly core
 * specification, binary format, "Values" and "Types".
 */
export class WasmCursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  problem: { at: number; text: string } | undefined;
  unknown: string | undefined;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  fail(at: number, text: string): void {
    this.problem ??= { at, text };
  }

  byte(): number {
    if (this.problem) return 0;
    if (this.at >= this.end) {
      this.fail(this.at, "it ends within a section");
      return 0;
    }
    return this.bytes[this.at++] ?? 0;
  }

  /** A number of up to 32 bits. */
  u32(): number {
    const start = this.at;
    let value = 0;
    for (let index = 0; index < 5; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80 && value < 2 ** 32) return value;
    }
    this.fail(start, "a number of more than 32 bits");
    return 0;
  }

  #u64(): bigint {
    const start = this.at;
    let value = 0n;
    for (let index = 0n; index < 10n; index++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << (7n * index);
      if (byte < 0x80 && value >> 64n === 0n) return value;
    }
    this.fail(start, "a number of more than 64 bits");
    return 0n;
  }

  /** A count of things that take at least one byte each: more than there are bytes left is a problem, so that it bounds what is read. */
  count(most: number): number {
    const start = this.at;
    const count = this.u32();
    if (count > this.end - this.at) this.fail(start, `a count of ${count}, ${this.end - this.at} bytes are left`);
    else if (count > most) this.fail(start, `a count of ${count}; engines take ${most}`);
    return this.problem ? 0 : count;
  }

  name(): string {
    const start = this.at;
    const byteLength = this.u32();
    if (this.problem) return "";
    if (byteLength > this.end - this.at) {
      this.fail(start, `a name of ${byteLength} bytes, ${this.end - this.at} are left`);
      return "";
    }
    const bytes = this.bytes.subarray(this.at, this.at + byteLength);
    this.at += byteLength;
    try {
      return utf8.decode(bytes);
    } catch {
      // The decoder only says that it is not UTF-8; the standard asks for it.
      this.fail(start, "a name that is not UTF-8");
      return "";
    }
  }

  valueType(): string {
    const code = this.byte();
    const known = valueTypes[code];
    if (known === undefined && !this.problem) this.unknown ??= `a type 0x${code.toString(16)} that is not known here`;
    return known ?? "?";
  }

  /** A type of functions in words: "(i32, i64) → i32". */
  functionType(): string {
    const form = this.byte();
    if (form !== functionForm) {
      if (!this.problem) this.unknown ??= `a form of type 0x${form.toString(16)} that is not known here`;
      return "";
    }
    const list = () => Array.from({ length: this.count(mostParameters) }, () => this.valueType());
    const [parameters, results] = [list(), list()];
    const given = results.length === 0 ? "nothing" : results.length === 1 ? results[0] : `(${listed(results)})`;
    return `(${listed(parameters)}) → ${given}`;
  }

  /** "1 page", "1 to 16 pages", "from 1 page". */
  limits(unit: string): string {
    const start = this.at;
    const flags = this.byte();
    if (flags > 7) this.fail(start, `limits of kind ${flags}`);
    const number = () => ((flags & 4) !== 0 ? this.#u64() : this.u32());
    const least = number();
    const most = (flags & 1) !== 0 ? number() : undefined;
    const words = most === undefined ? `from ${least} ${unit}` : `${least} to ${most} ${unit}`;
    return `${words}${(flags & 2) !== 0 ? ", shared" : ""}`;
  }
}
