export type Json =
  | null
  | boolean
  | number
  | string
  | Json[]
  | {
      [key: string]: Json;
    };
/**
 * A decoded value in the notation of the documents: bigints as numbers where exact, else decimal strings; byte runs as hex;
 * text that is not UTF-8 under `nameHex`. Keys with an undefined value are left out.
 */
export declare function toJson(value: unknown): Json;
