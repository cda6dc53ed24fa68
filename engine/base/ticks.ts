/** Ticks are 100 ns since 0001-01-01T00:00:00 UTC; 0 means never (format reference core, 0). */
const unixEpochTicks = 621_355_968_000_000_000n;
const lastTicks = 3_155_378_975_999_999_999n; // 9999-12-31T23:59:59.9999999

export const ticksToUnixMs = (ticks: bigint): number => Number((ticks - unixEpochTicks) / 10_000n);
export const unixMsToTicks = (ms: number): bigint => BigInt(Math.trunc(ms)) * 10_000n + unixEpochTicks;

/** Ticks of nanoseconds since 1970, cut to the 100 ns that a tick is. */
export const nsToTicks = (ns: bigint): bigint => ns / 100n + unixEpochTicks;

/** ISO 8601 in UTC with all seven fractional digits, "never" for 0, undefined for what no calendar holds. */
export function ticksText(ticks: bigint): string | undefined {
  if (ticks === 0n) return "never";
  if (ticks < 0n || ticks > lastTicks) return undefined;
  const seconds = ticks / 10_000_000n - unixEpochTicks / 10_000_000n;
  const fraction = (ticks % 10_000_000n).toString().padStart(7, "0");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Ticks of an ISO 8601 time with up to seven fractional digits; a time without zone is UTC. Throws a TypeError for other text. */
export function parseTicks(iso: string): bigint {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.(\d{1,7}))?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(iso.trim());
  if (!match) throw new TypeError("not an ISO 8601 time");
  const [, day, minutes = "00:00", seconds = ":00", fraction = "", zone = "Z"] = match;
  const ms = Date.parse(`${day}T${minutes}${seconds}${zone}`);
  if (Number.isNaN(ms)) throw new TypeError("not an ISO 8601 time");
  return unixMsToTicks(ms) + BigInt(fraction.padEnd(7, "0"));
}
