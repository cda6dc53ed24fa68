const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Two lower-case hex digits of a byte. */
export const hexByte = (byte: number | undefined): string => hexDigits[byte ?? 0] ?? "00";

/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexDigits[byte];
  return text;
}

/** Bytes of an even run of hex digits; white space between them is passed over. Throws a TypeError for anything else. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new TypeError("not an even run of hex digits");
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

/** `0x` and lower-case hex, grouped by four digits from eight digits on when `grouped`. */
export function hexNumber(value: bigint | number, minDigits = 1): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16).padStart(minDigits, "0")}`;
}

export function isAllZero(bytes: Uint8Array): boolean {
  const head = Math.min(bytes.length, -bytes.byteOffset & 3);
  const wordCount = (bytes.length - head) >> 2;
  const words = new Int32Array(bytes.buffer, wordCount > 0 ? bytes.byteOffset + head : 0, wordCount);
  for (let index = 0; index < head; index++) if (bytes[index] !== 0) return false;
  for (let index = 0; index < wordCount; index++) if (words[index] !== 0) return false;
  for (let index = head + wordCount * 4; index < bytes.length; index++) if (bytes[index] !== 0) return false;
  return true;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // Words are compared where they begin at the same places in both.
  const isEven = ((a.byteOffset | b.byteOffset) & 3) === 0;
  const wordCount = isEven ? a.length >> 2 : 0;
  if (wordCount > 0) {
    const words = new Int32Array(a.buffer, a.byteOffset, wordCount);
    const others = new Int32Array(b.buffer, b.byteOffset, wordCount);
    for (let index = 0; index < wordCount; index++) if (words[index] !== others[index]) return false;
  }
  for (let index = wordCount * 4; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Below, at or above 0: by unsigned bytes, the shorter first where one begins the other. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
