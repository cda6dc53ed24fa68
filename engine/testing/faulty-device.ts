import type { BlockDevice } from "../device/block-device.ts";
import { DeviceBase } from "../device/device-base.ts";
import { EngineError } from "../errors/engine-error.ts";

export type FaultKind = "read" | "write" | "short-write" | "sync";

/** A device whose n-th call of a kind fails, once or from then on. A short write leaves half of its bytes behind before it fails. */
export class FaultyDevice extends DeviceBase {
  readonly kind = "overlay";
  readonly writable = true;
  calls = 0;
  readonly #below: BlockDevice;
  readonly #fault: { kind: FaultKind; nth: number; forever: boolean };

  constructor(below: BlockDevice, fault: { kind: FaultKind; nth: number; forever: boolean }) {
    super(below.name);
    this.#below = below;
    this.#fault = fault;
  }
  get byteLength(): bigint {
    return this.#below.byteLength;
  }
  #fails(kind: "read" | "write" | "sync"): boolean {
    if (this.#fault.kind !== kind && !(kind === "write" && this.#fault.kind === "short-write")) return false;
    this.calls++;
    return this.#fault.forever ? this.calls >= this.#fault.nth : this.calls === this.#fault.nth;
  }
  protected async readRun(start: bigint, into: Uint8Array): Promise<number> {
    if (this.#fails("read"))
      throw new EngineError("DEVICE_READ_FAILED", { path: this.name, at: start, byteLength: into.length, reason: "EIO" });
    return this.#below.read(start, into);
  }
  protected async writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    if (this.#fails("write")) {
      if (this.#fault.kind === "short-write") await this.#below.write(start, bytes.subarray(0, bytes.length >> 1));
      throw new EngineError("DEVICE_WRITE_FAILED", { path: this.name, at: start, byteLength: bytes.length, reason: "ENOSPC" });
    }
    await this.#below.write(start, bytes);
  }
  protected override async syncRun(): Promise<void> {
    if (this.#fails("sync")) throw new EngineError("DEVICE_SYNC_FAILED", { path: this.name, reason: "EIO" });
    await this.#below.sync();
  }
  override async resize(byteLength: bigint): Promise<void> {
    await this.#below.resize(byteLength);
  }
}
