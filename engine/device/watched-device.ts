import { ReadOnlyDevice } from "./read-only-device.ts";

/** Another device, for reading, that remembers the first read that failed: even where a later one succeeds, or someone carries on without it. */
export class WatchedDevice extends ReadOnlyDevice {
  #failure: unknown;

  /** What the first failing read threw; undefined while all succeed. */
  get failure(): unknown {
    return this.#failure;
  }

  protected override async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    try {
      return await super.readRun(start, into, signal);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }
}
