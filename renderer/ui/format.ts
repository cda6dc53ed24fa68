const thin = "\u2009";

/** Whole numbers in thin-space groups of three: exact whatever the size. */
export function formatCount(value: bigint | number): string {
  return `${value}`.replace(/\B(?=(\d{3})+(?!\d))/g, thin);
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A size with three figures; put the exact bytes into the tooltip. */
export function formatBytes(bytes: bigint): string {
  let unit = 0;
  let value = Number(bytes);
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? formatNoun(bytes, "byte") : `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${units[unit]}`;
}

/** `0x` and lower-case hex, grouped by four digits from eight digits on. */
export function formatAddress(value: bigint | number): string {
  const digits = value.toString(16);
  return digits.length < 8 ? `0x${digits}` : `0x${digits.replace(/\B(?=([0-9a-f]{4})+(?![0-9a-f]))/g, thin)}`;
}

/** A range of blocks, both ends included: `1 561–1 624 (64)`. */
export function formatBlocks(start: bigint, count: bigint): string {
  return count <= 1n ? formatCount(start) : `${formatCount(start)}–${formatCount(start + count - 1n)} (${formatCount(count)})`;
}

/** `3 errors`, `1 error`. */
export const formatNoun = (count: number | bigint, noun: string): string =>
  `${formatCount(count)} ${noun}${BigInt(count) === 1n ? "" : "s"}`;

export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Text from an image with control and bidirectional characters made visible. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
