const thin = "\u2009";

/** `0x` address in lower case, at least eight digits, grouped by four: "0000 0040". */
export function groupedAddress(byte: bigint): string {
  const digits = byte.toString(16);
  return digits.padStart(Math.max(8, Math.ceil(digits.length / 4) * 4), "0").replace(/(?!^)(?=(?:.{4})+$)/g, " ");
}

/** Block and offset in it: "1041 + 0x020". */
export const blockAddress = (byte: bigint, blockBytes: number): string =>
  `${byte / BigInt(blockBytes)} + 0x${(byte % BigInt(blockBytes)).toString(16).padStart(3, "0")}`;

/** Groups of three digits, apart by a thin space. */
export const groupedNumber = (value: bigint | number): string => value.toString().replace(/\B(?=(?:\d{3})+$)/g, thin);

/** The byte as two hex digits. */
export const hexByte = (byte: number): string => byte.toString(16).padStart(2, "0");

/** The byte as text: printable ASCII, a middle dot for all else. */
export const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·");
