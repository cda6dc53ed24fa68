/** Lower-case hex without separators. */
export declare function toHex(bytes: Uint8Array): string;
/** Bytes of an even run of hex digits; white space between them is passed over. Throws a TypeError for anything else. */
export declare function fromHex(text: string): Uint8Array;
/** `0x` and lower-case hex, grouped by four digits from eight digits on when `grouped`. */
export declare function hexNumber(value: bigint | number, minDigits?: number): string;
export declare function isAllZero(bytes: Uint8Array): boolean;
export declare function equalBytes(a: Uint8Array, b: Uint8Array): boolean;
export declare function concatBytes(parts: readonly Uint8Array[]): Uint8Array;
export declare const viewOf: (bytes: Uint8Array) => DataView;
