import { type ErrorCode, type ErrorData, type Words } from "./catalogue.ts";
/** A failure with a code and its data. The message is made from the catalogue, the one place that holds words. */
export declare class EngineError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly data: ErrorData<Code>;
  constructor(code: Code, data: ErrorData<Code>, options?: ErrorOptions);
}
/** The words for a code and its data, as the catalogue has them. */
export declare function explain<Code extends ErrorCode>(code: Code, data: ErrorData<Code>): Words;
export declare const isErrorCode: (code: unknown) => code is ErrorCode;
/** True for an EngineError, of the given code if one is given. */
export declare function isEngineError<Code extends ErrorCode>(error: unknown, code?: Code): error is EngineError<Code>;
/** True for the rejection of something that was cancelled: not a failure. */
export declare const isAbort: (error: unknown) => boolean;
