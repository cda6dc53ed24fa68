import type { StoredText } from "../base/stored-text.ts";
import { EngineError } from "../errors/engine-error.ts";

/** Device names of Windows, alone or before a dot, whatever their case. */
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|:|$)/i;
const windowsOnly = /[<>:"|?*]/;
const mostNameBytes = 255;

/**
 * A name from an image as a name outside: no separator, no control character, never `.` or `..`, no device of Windows. What may not stand
 * is written as %XX of its bytes, and `reason` says why. NAME_NOT_STORABLE where nothing is left or the result is too long.
 */
export function outsideName(stored: StoredText, isWindows: boolean): { name: string; reason?: string } {
  const { text, content } = stored;
  const reasons: string[] = [];
  if (content.length === 0) throw new EngineError("NAME_NOT_STORABLE", { name: text, problem: "it is empty" });
  let name = stored.isUtf8 ? text : fromBytes(content);
  if (!stored.isUtf8) reasons.push("the stored name is not UTF-8");
  const encode = (pattern: RegExp, reason: string) => {
    const encoded = name.replace(pattern, percent);
    if (encoded !== name) reasons.push(reason);
    name = encoded;
  };
  encode(/[/\\]/g, "it holds a separator");
  encode(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "it holds control characters");
  // Lone halves of surrogate pairs have no bytes.
  encode(/\p{Cs}/gu, "it holds a broken character");
  if (name === "." || name === "..") encode(/\./g, "it would lead to another folder");
  if (deviceName.test(name)) encode(/^./, "it is a device of Windows");
  if (isWindows) {
    encode(new RegExp(windowsOnly, "g"), "it holds a character that Windows reserves");
    encode(/[. ]+$/, "Windows cuts its end off");
  }
  if (new TextEncoder().encode(name).length > mostNameBytes)
    throw new EngineError("NAME_NOT_STORABLE", { name: text, problem: "without reserved characters it is longer than 255 bytes" });
  return reasons.length > 0 ? { name, reason: reasons.join(", ") } : { name };
}

const percent = (text: string): string => [...new TextEncoder().encode(text)].map(percentByte).join("");
const percentByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
const fromBytes = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : percentByte(byte))).join("");
