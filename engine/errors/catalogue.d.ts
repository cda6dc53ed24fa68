export interface Words {
  /** What happened. */
  what: string;
  /** Where, in bytes and blocks. */
  where?: string | undefined;
  /** What the user can do. */
  next?: string | undefined;
}
/** Every code with its words. A code is never renamed or reused; tests and callers match codes, never words. */
export declare const catalogue: {
  TRUNCATED: (d: { structure: string; at: bigint; needed: number; present: number }) => {
    what: string;
    where: string;
    next: string;
  };
  CONSTANT_MISMATCH: (d: { structure: string; field: string; at: bigint; stored: string; expected: string }) => {
    what: string;
    where: string;
    next: string;
  };
  CHECKSUM_MISMATCH: (d: { structure: string; at: bigint; stored: bigint; computed: bigint }) => {
    what: string;
    where: string;
    next: string;
  };
  VALUE_OUT_OF_RANGE: (d: { structure: string; field: string; at: bigint; value: string; allowed: string }) => {
    what: string;
    where: string;
    next: string;
  };
  COUNT_EXCEEDS_SPACE: (d: { structure: string; field: string; at: bigint; count: bigint | number; room: number }) => {
    what: string;
    where: string;
    next: string;
  };
  DEVICE_NOT_FOUND: (d: { path: string }) => {
    what: string;
    next: string;
  };
  DEVICE_ACCESS_DENIED: (d: { path: string; writing: boolean }) => {
    what: string;
    next: string;
  };
  DEVICE_NOT_SUPPORTED: (d: { path: string; reason: string }) => {
    what: string;
    next: string;
  };
  DEVICE_LOCKED: (d: { path: string; owner?: string }) => {
    what: string;
    next: string;
  };
  DEVICE_READ_FAILED: (d: { path: string; at: bigint; byteLength: number; reason: string }) => {
    what: string;
    where: string;
    next: string;
  };
  DEVICE_WRITE_FAILED: (d: { path: string; at: bigint; byteLength: number; reason: string }) => {
    what: string;
    where: string;
    next: string;
  };
  DEVICE_SYNC_FAILED: (d: { path: string; reason: string }) => {
    what: string;
    next: string;
  };
  DEVICE_READ_ONLY: (d: { path: string }) => {
    what: string;
    next: string;
  };
  DEVICE_OUT_OF_RANGE: (d: { path: string; at: bigint; byteLength: number; deviceBytes: bigint }) => {
    what: string;
    where: string;
  };
  DEVICE_CLOSED: (d: { path: string }) => {
    what: string;
    next: string;
  };
  NOT_A_VOLUME: (d: { path: string; found: string }) => {
    what: string;
    where: string;
    next: string;
  };
  BLOCK_OUT_OF_RANGE: (d: { block: bigint; count: bigint; blocks: bigint }) => {
    what: string;
    where: string;
    next: string;
  };
  REGION_NOT_FOUND: (d: { region: string; available: string }) => {
    what: string;
    next: string;
  };
  INODE_NOT_FOUND: (d: { inode: bigint }) => {
    what: string;
  };
  FILE_EXISTS: (d: { path: string }) => {
    what: string;
    next: string;
  };
  VOLUME_TOO_SMALL: (d: { blocks: bigint; needed: bigint; blockBytes: number }) => {
    what: string;
    next: string;
  };
  VOLUME_TOO_LARGE: (d: { blocks: bigint; most: bigint }) => {
    what: string;
    next: string;
  };
  BLOCK_SIZE_UNSUPPORTED: (d: { blockBytes: bigint | number }) => {
    what: string;
    next: string;
  };
  MODULE_UNKNOWN: (d: { module: string }) => {
    what: string;
    next: string;
  };
  MODULE_NOT_STORABLE: (d: { module: string; id: number }) => {
    what: string;
    next: string;
  };
  MODULE_LEVEL_OUT_OF_RANGE: (d: { module: string; level: number }) => {
    what: string;
    next: string;
  };
  LABEL_TOO_LONG: (d: { bytes: number; most: number }) => {
    what: string;
    next: string;
  };
  REQUEST_INVALID: (d: { call: string; problem: string }) => {
    what: string;
  };
  PATH_OUTSIDE_ROOT: (d: { path: string }) => {
    what: string;
    next: string;
  };
  HANDLE_UNKNOWN: (d: { kind: string; id: string }) => {
    what: string;
    next: string;
  };
  EXPRESSION_NOT_UNDERSTOOD: (d: { text: string; at: number; expected: string }) => {
    what: string;
    where: string;
    next: string;
  };
  PATTERN_NOT_UNDERSTOOD: (d: { text: string }) => {
    what: string;
    next: string;
  };
};
export type ErrorCode = keyof typeof catalogue;
export type ErrorData<Code extends ErrorCode> = Parameters<(typeof catalogue)[Code]>[0];
