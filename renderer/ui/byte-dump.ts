const perRow = 16;

/** Bytes as rows of offset, hex and characters, as a listing that can be copied. */
export function hexDump(bytes: Uint8Array, start: bigint): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += perRow) {
    const row = bytes.subarray(at, at + perRow);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const left = hex.slice(0, 8).join(" ").padEnd(23);
    const right = hex.slice(8).join(" ").padEnd(23);
    const characters = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${(start + BigInt(at)).toString(16).padStart(8, "0")}  ${left}  ${right}  ${characters}`);
  }
  return lines.join("\n");
}

/** Bytes as text in UTF-8, with line ends and tabs kept, and control and bidirectional characters made visible. */
export const textDump = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes)
    .replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Whether bytes are likelier to be read as text: UTF-8, cut anywhere, with few control characters. */
export function isLikelyText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  let strange = 0;
  for (const character of text) if (/[\uFFFD]|[^\P{C}\n\r\t]/u.test(character)) strange++;
  return strange * 50 < text.length;
}
