const factors: Readonly<Record<string, bigint>> = { "": 1n, kib: 1n << 10n, mib: 1n << 20n, gib: 1n << 30n, tib: 1n << 40n };

/** A number as people write it: decimal, `0x…`, digits grouped by `_`; with KiB to TiB where `units` is set. Undefined for other text. */
export function parseNumber(text: string, { units = false }: { units?: boolean } = {}): bigint | undefined {
  const match = /^(0x[0-9a-f]+|[0-9][0-9_]*)\s*([kmgt]ib)?$/i.exec(text.trim());
  if (!match?.[1] || (match[2] && !units)) return undefined;
  return BigInt(match[1].replaceAll("_", "")) * (factors[(match[2] ?? "").toLowerCase()] ?? 1n);
}

const sizes = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A size with three figures: "4.00 GiB"; whole bytes below 1 KiB. */
export function formatSize(bytes: bigint): string {
  let unit = 0;
  let value = Number(bytes);
  while (Math.abs(value) >= 1024 && unit < sizes.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return bytes === 1n ? "1 byte" : `${bytes} bytes`;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${sizes[unit]}`;
}

/** Text from an image with control and bidirectional characters made visible. */
export const visibleText = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
