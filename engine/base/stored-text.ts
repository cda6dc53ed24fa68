import { equalBytes } from "./bytes.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const replacingUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const utf8 = new TextEncoder();

/** Text as a field holds it: the bytes are kept, so that it encodes back exactly whatever they are. */
export class StoredText {
  readonly bytes: Uint8Array;
  /** Whether the first zero byte ends the text (a field of fixed width) or not (a counted one). */
  readonly zeroEnds: boolean;
  constructor(bytes: Uint8Array, zeroEnds = true) {
    this.bytes = bytes;
    this.zeroEnds = zeroEnds;
  }
  /** UTF-8 bytes of `text`, cut at `byteLength` and zero padded to it; without `byteLength` a counted text. */
  static of(text: string, byteLength?: number): StoredText {
    const encoded = utf8.encode(text);
    if (byteLength === undefined) return new StoredText(encoded, false);
    const bytes = new Uint8Array(byteLength);
    bytes.set(encoded.subarray(0, byteLength));
    return new StoredText(bytes);
  }
  /** The bytes of the text alone. */
  get content(): Uint8Array {
    const end = this.zeroEnds ? this.bytes.indexOf(0) : -1;
    return end < 0 ? this.bytes : this.bytes.subarray(0, end);
  }
  get isUtf8(): boolean {
    try {
      strictUtf8.decode(this.content);
      return true;
    } catch {
      return false;
    }
  }
  /** The text; broken UTF-8 as U+FFFD. */
  get text(): string {
    return replacingUtf8.decode(this.content);
  }
  equals(other: StoredText): boolean {
    return equalBytes(this.bytes, other.bytes);
  }
}
