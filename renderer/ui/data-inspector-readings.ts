import { groupedNumber } from "./hex-address.ts";

export interface Reading {
  name: string;
  /** One value, or signed and unsigned. */
  values: readonly string[];
  /** Bytes it takes. */
  byteLength: number;
  /** The block number that the bytes give. */
  block?: bigint;
}

const ticksPerMs = 10_000n;
/** .NET ticks (100 ns since year 1) at 1970-01-01. */
const ticksAtEpoch = 621_355_968_000_000_000n;
/** Ticks of the last moment of year 9999. */
const mostTicks = 3_155_378_975_999_999_999n;

/** A count of .NET ticks as a UTC time with all seven decimals; the kind bits (63 and 62) are left out. Source: core reference, ticks. */
export function ticksText(stored: bigint): string {
  const ticks = BigInt.asUintN(62, stored);
  if (ticks > mostTicks) return "past year 9999";
  const since = ticks - ticksAtEpoch;
  const fraction = ((since % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const date = new Date(Number((since - fraction) / ticksPerMs));
  return `${date.toISOString().replace(/^\+00/, "").slice(0, 19).replace("T", " ")}.${fraction.toString().padStart(7, "0")}`;
}

/** 16 bytes as a guid: the first three groups little-endian, as .NET stores them, unless `littleEndian` is false. */
export function guidText(bytes: Uint8Array, littleEndian: boolean): string {
  const order = littleEndian ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] : [...Array(16).keys()];
  const digits = order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function floatText(value: number): string {
  if (Number.isFinite(value) && value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e15)) return value.toExponential(3);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(9)));
}

/** Every reading of the bytes that has enough of them; 64-bit values exact. */
export function readingsOf(bytes: Uint8Array, littleEndian: boolean): Reading[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readings: Reading[] = [];
  const add = (name: string, byteLength: number, read: () => readonly string[], block?: () => bigint) => {
    if (bytes.length >= byteLength) readings.push({ name, byteLength, values: read(), ...(block && { block: block() }) });
  };
  const both = (signed: bigint | number, unsigned: bigint | number) => [groupedNumber(signed), groupedNumber(unsigned)];
  add("i8 / u8", 1, () => both(view.getInt8(0), view.getUint8(0)));
  add("i16 / u16", 2, () => both(view.getInt16(0, littleEndian), view.getUint16(0, littleEndian)));
  add("i32 / u32", 4, () => both(view.getInt32(0, littleEndian), view.getUint32(0, littleEndian)));
  add("i64 / u64", 8, () => both(view.getBigInt64(0, littleEndian), view.getBigUint64(0, littleEndian)));
  add("f32", 4, () => [floatText(view.getFloat32(0, littleEndian))]);
  add("f64", 8, () => [floatText(view.getFloat64(0, littleEndian))]);
  add("ticks", 8, () => [ticksText(view.getBigUint64(0, littleEndian))]);
  add("guid", 16, () => [guidText(bytes, littleEndian)]);
  add("bits", 1, () => [
    [...bytes.subarray(0, 4)]
      .map((byte) =>
        byte
          .toString(2)
          .padStart(8, "0")
          .replace(/(?<=^.{4})/, " "),
      )
      .join(" "),
  ]);
  add(
    "as block",
    8,
    () => [`block ${groupedNumber(view.getBigUint64(0, littleEndian))}`],
    () => view.getBigUint64(0, littleEndian),
  );
  return readings;
}
