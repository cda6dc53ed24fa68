export interface DeviceIdentity {
  byteLength: bigint;
  /** Last change of the content, nanoseconds since 1970; undefined where the source has no such time. */
  modifiedNs?: bigint | undefined;
  /** Tells two sources apart that bear the same name, such as `device:inode`. */
  source?: string | undefined;
}

/** A run of bytes that is stored, or a hole that reads as zeros. */
export interface DeviceExtent {
  start: bigint;
  end: bigint;
  hole: boolean;
}

/**
 * What a volume is read from and written to. Offsets and lengths are bytes from the start of the device.
 * Every adapter passes the conformance suite in `engine/testing`.
 */
export interface BlockDevice {
  readonly kind: "file" | "block-device" | "memory" | "sparse" | "remote" | "window" | "overlay";
  /** How the device is called in messages; never used to open anything. */
  readonly name: string;
  readonly byteLength: bigint;
  readonly writable: boolean;
  /** Bytes that were written through this handle so far. */
  readonly bytesWritten: bigint;
  /**
   * Fills `into` from `start` and resolves to the number of bytes read: fewer than asked only at the end of the device, 0 past it.
   * DEVICE_READ_FAILED, DEVICE_CLOSED, or an AbortError.
   */
  read(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number>;
  /** Writes all of `bytes` at `start`. DEVICE_READ_ONLY, DEVICE_OUT_OF_RANGE, DEVICE_WRITE_FAILED, DEVICE_CLOSED. */
  write(start: bigint, bytes: Uint8Array): Promise<void>;
  /** Resolves once all that was written is on the medium. DEVICE_SYNC_FAILED, DEVICE_CLOSED. */
  sync(): Promise<void>;
  /** Sets the length. DEVICE_READ_ONLY, DEVICE_NOT_SUPPORTED for a device of fixed size. */
  resize(byteLength: bigint): Promise<void>;
  /** Stored runs and holes from `start` to `end`, in order and without gaps; one stored run where the source cannot tell. */
  extents(start: bigint, end: bigint): AsyncIterable<DeviceExtent>;
  /** Looks at the source again: its length and times may have changed under us. `byteLength` follows. */
  identify(): Promise<DeviceIdentity>;
  /** Gives everything back to the system; closing twice is fine. */
  close(): Promise<void>;
}

/** The bytes from `start` up to `byteLength` of them: fewer at the end of the device. */
export async function readUpTo(device: BlockDevice, start: bigint, byteLength: number, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  const count = await device.read(start, bytes, signal);
  return count === byteLength ? bytes : bytes.subarray(0, count);
}
