import { EngineError } from "../errors/engine-error.ts";
import { DeviceBase } from "./device-base.ts";

/** Hands over up to `byteLength` bytes from `start`. */
export interface RemoteBytes {
  read(start: bigint, byteLength: number): Promise<Uint8Array>;
}

const pageBytes = 65_536;
const mostPages = 256;

/** A file that somebody else holds and hands over by range; at most 16 MiB of it are kept. Read-only, of fixed size. */
export class RemoteDevice extends DeviceBase {
  readonly kind = "remote";
  readonly writable = false;
  readonly byteLength: bigint;
  readonly #source: RemoteBytes;
  readonly #pages = new Map<bigint, Promise<Uint8Array>>();
  readonly #release: () => void;

  constructor(source: RemoteBytes, name: string, byteLength: bigint, release: () => void = () => {}) {
    super(name);
    this.#source = source;
    this.byteLength = byteLength;
    this.#release = release;
  }

  protected async readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    for (let at = 0; at < into.length; ) {
      signal?.throwIfAborted();
      const position = start + BigInt(at);
      const page = position / BigInt(pageBytes);
      const inPage = Number(position % BigInt(pageBytes));
      const stored = await this.#page(page);
      const piece = stored.subarray(inPage, inPage + into.length - at);
      if (piece.length === 0) return at;
      into.set(piece, at);
      at += piece.length;
    }
    return into.length;
  }

  #page(page: bigint): Promise<Uint8Array> {
    const known = this.#pages.get(page);
    if (known) {
      this.#pages.delete(page);
      this.#pages.set(page, known);
      return known;
    }
    const fetched = this.#fetch(page * BigInt(pageBytes));
    this.#pages.set(page, fetched);
    fetched.catch(() => this.#pages.delete(page));
    if (this.#pages.size > mostPages) {
      const oldest = this.#pages.keys().next().value;
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    return fetched;
  }

  async #fetch(start: bigint): Promise<Uint8Array> {
    const left = this.byteLength - start;
    const byteLength = left < BigInt(pageBytes) ? Number(left) : pageBytes;
    try {
      const bytes = await this.#source.read(start, byteLength);
      return new Uint8Array(bytes).subarray(0, byteLength);
    } catch (cause) {
      throw new EngineError(
        "DEVICE_READ_FAILED",
        { path: this.name, at: start, byteLength, reason: "the page that holds the file did not hand it over" },
        { cause },
      );
    }
  }

  protected async writeRun(): Promise<void> {
    this.assertWritable();
  }

  protected override async closeRun(): Promise<void> {
    this.#pages.clear();
    this.#release();
  }
}
