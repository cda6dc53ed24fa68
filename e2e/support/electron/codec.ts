/** Values that the structured clone algorithm knows, as JSON text. */
export interface Codec {
  encode(value: unknown): string;
  decode(text: string): unknown;
}

/**
 * Makes the codec. Used in Node and, by its source text, in a page: so it stands alone. `clone` refuses what cannot be cloned, with its
 * platform's own DataCloneError.
 */
export function createCodec(clone: (value: unknown) => unknown): Codec {
  const toText = (bytes: Uint8Array): string => {
    let text = "";
    for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
    return btoa(text);
  };
  const toBytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  const pack = (value: unknown): unknown => {
    if (value === undefined) return { t: "undefined" };
    if (typeof value === "bigint") return { t: "bigint", v: String(value) };
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
      return { t: "number", v: Object.is(value, -0) ? "-0" : String(value) };
    if (value === null || typeof value !== "object") return value;
    if (value instanceof Date) return { t: "date", v: value.getTime() };
    if (value instanceof Error) return { t: "error", v: [value.name, value.message] };
    if (value instanceof ArrayBuffer) return { t: "buffer", v: toText(new Uint8Array(value)) };
    if (ArrayBuffer.isView(value)) return { t: "bytes", v: toText(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    if (Array.isArray(value)) return value.map(pack);
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new TypeError(`the stand-in does not carry ${value.constructor.name}`);
    return { t: "object", v: Object.entries(value).map(([key, each]) => [key, pack(each)]) };
  };
  const unpack = (packed: unknown): unknown => {
    if (packed === null || typeof packed !== "object") return packed;
    if (Array.isArray(packed)) return packed.map(unpack);
    const { t, v } = packed as { t: string; v: never };
    switch (t) {
      case "undefined":
        return undefined;
      case "bigint":
        return BigInt(v);
      case "number":
        return Number(v);
      case "date":
        return new Date(v);
      case "error":
        return Object.assign(new Error(v[1]), { name: v[0] });
      case "buffer":
        return toBytes(v).buffer;
      case "bytes":
        return toBytes(v);
      default:
        return Object.fromEntries((v as [string, unknown][]).map(([key, each]) => [key, unpack(each)]));
    }
  };
  return { encode: (value) => JSON.stringify(pack(clone(value))), decode: (text) => unpack(JSON.parse(text)) };
}
