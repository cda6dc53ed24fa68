import { hexNumber } from "../../base/bytes.ts";
import { StoredText } from "../../base/stored-text.ts";
import { bytes, type FieldOptions, type Kind, u8, u32, u64 } from "../../base/struct/index.ts";

/** Bytes of a sector, whatever the device's logical block size (dm-remap reference, notation). */
export const sectorBytes = 512;

const hex32 = (value: number): string => hexNumber(value, 8);

/** A magic number, stored as u32 little-endian. */
export const magicNumber = (value: number): Kind<number> =>
  u32({ as: "constant", show: hex32, check: (stored) => stored === value, expects: `expected ${hex32(value)}` });

/** A u32 that is read as bits or as a value of eight hex digits. */
export const hexWord = (options: FieldOptions & { as?: "flags" | "checksum" | "id" } = {}): Kind<number> =>
  u32({ as: "flags", ...options, show: hex32 });

/** A u64 that identifies something; shown as sixteen hex digits. */
export const hash64 = (options: FieldOptions = {}): Kind<bigint> => u64({ ...options, as: "id", show: (value) => hexNumber(value, 16) });

const lastSecond = 253_402_300_799n;

/** A count of seconds since 1970 as ISO 8601 in UTC; undefined for what no calendar holds. */
export function unixSecondsText(seconds: bigint): string | undefined {
  return seconds > lastSecond ? undefined : new Date(Number(seconds) * 1000).toISOString().replace(".000", "");
}

/** Seconds since 1970; 0 where no time was set. */
export const unixSeconds = (options: FieldOptions = {}): Kind<bigint> =>
  u64({
    ...options,
    as: "time",
    show: (value) => (value === 0n ? "none" : (unixSecondsText(value) ?? `${value}, no time a calendar holds`)),
  });

/** Nanoseconds since 1970; 0 where no time was set. */
export const unixNanoseconds = (options: FieldOptions = {}): Kind<bigint> =>
  u64({
    ...options,
    as: "time",
    show(value) {
      if (value === 0n) return "none";
      const seconds = unixSecondsText(value / 1_000_000_000n);
      return `${seconds?.slice(0, -1)}.${(value % 1_000_000_000n).toString().padStart(9, "0")}Z`;
    },
  });

/** One byte that is 0 or 1. Other values are kept and reported. */
export const switch8 = (options: FieldOptions = {}): Kind<number> =>
  u8({
    ...options,
    as: "flags",
    show: (value) => (value === 0 ? "no" : value === 1 ? "yes" : `${value}`),
    check: (value) => value <= 1,
    expects: "expected 0 or 1",
  });

/** A raw uuid of sixteen bytes. */
export const rawUuid = (options: FieldOptions = {}): Kind<Uint8Array> => bytes(16, { ...options, as: "id" });

/** Text in a field of fixed width that is filled up with spaces and has no end mark (dm-remap reference 6). */
export const spacePaddedText = (byteLength: number, options: FieldOptions = {}): Kind<Uint8Array> =>
  bytes(byteLength, { ...options, as: "text", show: spacePadded });

/** What a space-padded field says, without its padding; bytes that are no UTF-8 as U+FFFD. */
export const spacePadded = (stored: Uint8Array): string => new StoredText(stored, false).text.replace(/^ +| +$/g, "");

/** The bytes of a space-padded field. Throws a RangeError for a text that does not fit. */
export function padWithSpaces(text: string, byteLength: number): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length > byteLength) throw new RangeError(`${encoded.length} bytes do not fit a field of ${byteLength}`);
  const padded = new Uint8Array(byteLength).fill(0x20);
  padded.set(encoded);
  return padded;
}
