import { catalogue, type ErrorCode, type ErrorData, type Words } from "./catalogue.ts";

/** A failure with a code and its data. The message is made from the catalogue, the one place that holds words. */
export class EngineError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly data: ErrorData<Code>;
  constructor(code: Code, data: ErrorData<Code>, options?: ErrorOptions) {
    super(sentence(explain(code, data)), options);
    this.name = "EngineError";
    this.code = code;
    this.data = data;
  }
}

/** The words for a code and its data, as the catalogue has them. */
export function explain<Code extends ErrorCode>(code: Code, data: ErrorData<Code>): Words {
  return (catalogue[code] as (data: ErrorData<Code>) => Words)(data);
}

const sentence = ({ what, where, next }: Words): string =>
  [what, where && `(${where})`].filter(Boolean).join(" ") + (next ? `. ${next}` : ".");

export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(catalogue, code);

/** True for an EngineError, of the given code if one is given. */
export function isEngineError<Code extends ErrorCode>(error: unknown, code?: Code): error is EngineError<Code> {
  return error instanceof EngineError && (code === undefined || error.code === code);
}

/** True for the rejection of something that was cancelled: not a failure. */
export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
