import * as z from "zod/mini";
/** Work that takes time. Dropping the handle does not cancel it; `cancel` does, and `result` then rejects with an AbortError. */
export interface TaskApi<Result> {
  /** The latest progress at once, then each change, thinned by the host; ends with the task. */
  progress(): Promise<ReadableStream<Progress>>;
  result(): Promise<Result>;
  cancel(): Promise<void>;
}
export interface Progress {
  /** What is being done, in words: "Counting the bitmap". */
  phase: string;
  done: number;
  /** Missing where it is not known. */
  total?: number | undefined;
  unit: "blocks" | "bytes" | "rules" | "files" | "entries";
  /** Units per second over the last seconds, and since the start. */
  rate?: number | undefined;
  averageRate?: number | undefined;
  elapsedMs: number;
}
/** A run of bytes of the volume. Blocks and bytes are counted from the volume's own start. */
export interface ByteRange {
  start: bigint;
  end: bigint;
}
export declare const blockField: z.ZodMiniBigInt<bigint>;
export declare const countField: z.ZodMiniInt;
export declare const textField: z.ZodMiniString<string>;
