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

/** `3 errors`, `1 error`; `many` is for nouns that take more than an s. */
export const formatNoun = (count: number | bigint, noun: string, many = `${noun}s`): string =>
  `${formatCount(count)} ${BigInt(count) === 1n ? noun : many}`;

export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Text from an image with control and bidirectional characters made visible. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

const unixEpochTicks = 621_355_968_000_000_000n;
const lastTicks = 3_155_378_975_999_999_999n;

/** A stored time (100 ns since 0001-01-01 UTC) in local time with its offset, UTC and the ticks in the title; what no calendar holds as ticks. */
export function formatTicks(ticks: bigint): { text: string; title: string } {
  if (ticks === 0n) return { text: "never", title: "0 ticks" };
  if (ticks < 0n || ticks > lastTicks) return { text: `${ticks} ticks`, title: "no time that a calendar holds" };
  const date = new Date(Number((ticks - unixEpochTicks) / 10_000n));
  const two = (value: number) => `${Math.abs(value)}`.padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const zone = `${offset < 0 ? "−" : "+"}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
  return {
    text: `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`,
    title: `${date.toISOString().slice(0, 19)}.${(ticks % 10_000_000n).toString().padStart(7, "0")}Z · ${ticks} ticks`,
  };
}

/** A sentence with its whole numbers of four digits and more in groups; words that merely hold digits stay as they are. */
export const groupDigits = (sentence: string): string =>
  sentence.replace(/(?<![\w.-])\d{4,}(?![\w-])/g, (digits) => formatCount(BigInt(digits)));

/** A span of time as a range: `0.1 to 0.2 s`. */
export function formatSpan(leastMs: number, mostMs: number): string {
  if (mostMs >= 120_000) return `${formatDuration(leastMs)} to ${formatDuration(mostMs)}`;
  const [least, most] = [timeText(leastMs), timeText(mostMs)];
  if (least.text === most.text && least.unit === most.unit) return `about ${most.text} ${most.unit}`;
  return `${least.text}${least.unit === most.unit ? "" : ` ${least.unit}`} to ${most.text} ${most.unit}`;
}
function timeText(ms: number): { text: string; unit: "ms" | "s" } {
  const unit = ms >= 100 ? "s" : "ms";
  const value = unit === "s" ? ms / 1000 : ms;
  return { text: value.toFixed(value >= 10 ? 0 : 1), unit };
}
