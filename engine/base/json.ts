import { toHex } from "./bytes.ts";
import { StoredText } from "./stored-text.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A decoded value in the notation of the documents: bigints as numbers where exact, else decimal strings; byte runs as hex;
 * text that is not UTF-8 under `nameHex`. Keys with an undefined value are left out.
 */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof StoredText) return value.text;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") throw new TypeError(`${typeof value} has no notation in a document`);
  const document: { [key: string]: Json } = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    if (field instanceof StoredText && !field.isUtf8) document[`${key}Hex`] = toHex(field.content);
    else document[key] = toJson(field);
  }
  return document;
}
