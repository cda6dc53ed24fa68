/** Text as a field holds it: the bytes are kept, so that it encodes back exactly whatever they are. */
export declare class StoredText {
  readonly bytes: Uint8Array;
  /** Whether the first zero byte ends the text (a field of fixed width) or not (a counted one). */
  readonly zeroEnds: boolean;
  constructor(bytes: Uint8Array, zeroEnds?: boolean);
  /** UTF-8 bytes of `text`, cut at `byteLength` and zero padded to it; without `byteLength` a counted text. */
  static of(text: string, byteLength?: number): StoredText;
  /** The bytes of the text alone. */
  get content(): Uint8Array;
  get isUtf8(): boolean;
  /** The text; broken UTF-8 as U+FFFD. */
  get text(): string;
  equals(other: StoredText): boolean;
}
