import type { BlockDevice } from "./block-device.ts";
import { DeviceBase } from "./device-base.ts";
import { OverlayDevice } from "./overlay-device.ts";

/** What a device was asked to do, in order. */
export type DeviceEvent = { kind: "write"; start: bigint; bytes: Uint8Array } | { kind: "sync" } | { kind: "resize"; byteLength: bigint };

/** Passes everything on to the device below and notes what was written and when it was synced. */
export class RecordingDevice extends DeviceBase {
  readonly kind = "overlay";
  readonly writable = true;
  readonly events: DeviceEvent[] = [];
  readonly #below: BlockDevice;

  constructor(below: BlockDevice) {
    super(below.name);
    this.#below = below;
  }
  get byteLength(): bigint {
    return this.#below.byteLength;
  }
  protected readRun(start: bigint, into: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#below.read(start, into, signal);
  }
  protected async writeRun(start: bigint, bytes: Uint8Array): Promise<void> {
    this.events.push({ kind: "write", start, bytes: bytes.slice() });
    await this.#below.write(start, bytes);
  }
  protected override async syncRun(): Promise<void> {
    this.events.push({ kind: "sync" });
    await this.#below.sync();
  }
  override async resize(byteLength: bigint): Promise<void> {
    this.events.push({ kind: "resize", byteLength });
    await this.#below.resize(byteLength);
  }
}

/** What is on the medium after power failed once: what was synced, and of the rest whatever the medium kept. */
export interface CrashState {
  /** Which writes were kept, lost and torn: the same words for the same state. */
  label: string;
  /** Writes that are there for certain, in order: the same array for all states between two syncs. */
  synced: readonly { start: bigint; bytes: Uint8Array }[];
  /** Writes behind them that the medium kept, in order. */
  writes: readonly { start: bigint; bytes: Uint8Array }[];
  /** The length that was last asked for; undefined where none was. */
  byteLength: bigint | undefined;
}

/** A medium tears a write at its sectors' borders. */
const sectorBytes = 512;
/** So many unsynced writes are lost or kept in every combination; of more, combinations are drawn. */
const mostExhaustive = 12;

export interface CrashOptions {
  /** States that are given at most; fewer where there are no more. */
  most: number;
  seed: number;
}

/**
 * The states that power loss can leave, each once: synced writes are there, each unsynced write is lost, kept, or torn at a 512-byte
 * border. First every combination of lost and kept, then each write torn beside all kept and all lost, then both drawn by a fixed seed.
 * A change of length is taken as kept once it was asked for.
 */
export function* crashStates(events: readonly DeviceEvent[], { most, seed }: CrashOptions): Generator<CrashState> {
  const windows = syncWindows(events);
  const seen = new Set<string>();
  const random = randomBits(seed);
  const give = function* (state: CrashState): Generator<CrashState> {
    if (seen.has(state.label) || seen.size >= most) return;
    seen.add(state.label);
    yield state;
  };
  for (const window of windows) {
    const { unsynced } = window;
    if (unsynced.length <= mostExhaustive)
      for (let kept = 0; kept < 2 ** unsynced.length; kept++)
        yield* give(stateOf(window, (index) => ((kept >> index) & 1 ? "kept" : "lost")));
    else
      for (let issued = 0; issued <= unsynced.length; issued++) yield* give(stateOf(window, (index) => (index < issued ? "kept" : "lost")));
  }
  for (const window of windows) {
    for (const [torn, write] of window.unsynced.entries()) {
      for (const cut of borders(write)) {
        for (const rest of ["lost", "kept"] as const) yield* give(stateOf(window, (index) => (index === torn ? cut : rest)));
        yield* give(stateOf(window, (index) => (index === torn ? cut : index < torn ? "kept" : "lost")));
      }
    }
  }
  const drawable = windows.filter(({ unsynced }) => unsynced.length > 1);
  for (let tries = 0; drawable.length > 0 && seen.size < most && tries < most * 4; tries++) {
    const window = drawable[tries % drawable.length];
    if (!window) return;
    yield* give(
      stateOf(window, (index) => {
        const drawn = random() % 4;
        const cuts = drawn === 3 ? borders(window.unsynced[index]) : [];
        return cuts.length > 0 ? (cuts[random() % cuts.length] ?? "kept") : drawn === 1 ? "lost" : "kept";
      }),
    );
  }
}

interface Window {
  name: number;
  synced: { start: bigint; bytes: Uint8Array }[];
  unsynced: { start: bigint; bytes: Uint8Array }[];
  byteLength: bigint | undefined;
}

/** For each sync, and for the end, what was synced before and what waits for it. */
function syncWindows(events: readonly DeviceEvent[]): Window[] {
  const windows: Window[] = [];
  let synced: Window["synced"] = [];
  let unsynced: Window["unsynced"] = [];
  let byteLength: bigint | undefined;
  for (const event of [...events, { kind: "sync" } as const]) {
    if (event.kind === "write") unsynced.push(event);
    if (event.kind === "resize") byteLength = event.byteLength;
    if (event.kind !== "sync" || unsynced.length === 0) continue;
    windows.push({ name: windows.length, synced, unsynced, byteLength });
    synced = [...synced, ...unsynced];
    unsynced = [];
  }
  windows.push({ name: windows.length, synced, unsynced: [], byteLength });
  return windows;
}

/** Sector borders inside a write, as bytes of it that were kept. */
function borders(write: { start: bigint; bytes: Uint8Array } | undefined): number[] {
  if (!write) return [];
  const cuts: number[] = [];
  for (let at = sectorBytes - Number(write.start % BigInt(sectorBytes)); at < write.bytes.length; at += sectorBytes) cuts.push(at);
  return cuts;
}

type Fate = "kept" | "lost" | number;

function stateOf({ name, synced, unsynced, byteLength }: Window, fateOf: (index: number) => Fate): CrashState {
  const writes: { start: bigint; bytes: Uint8Array }[] = [];
  const words: string[] = [];
  for (const [index, write] of unsynced.entries()) {
    const fate = fateOf(index);
    if (fate === "lost") words.push("-");
    else {
      words.push(fate === "kept" ? "+" : `${fate}`);
      writes.push(fate === "kept" ? write : { start: write.start, bytes: write.bytes.subarray(0, fate) });
    }
  }
  return { label: `${name}:${words.join(" ")}`, synced, writes, byteLength };
}

/** A device as a crash left it, over the content at the start. */
export const crashedDevice = (before: BlockDevice, state: CrashState): Promise<OverlayDevice> => new CrashedDevices(before).device(state);

/** Devices as crashes left them, over one content at the start. What was synced is put upon it once for all states that share it. */
export class CrashedDevices {
  readonly #before: BlockDevice;
  readonly #synced = new Map<CrashState["synced"], BlockDevice>();

  constructor(before: BlockDevice) {
    this.#before = before;
  }

  async device({ synced, writes, byteLength }: CrashState): Promise<OverlayDevice> {
    let base = this.#synced.get(synced);
    if (!base) {
      base = await layerWith(this.#before, synced);
      this.#synced.set(synced, base);
    }
    const device = await layerWith(base, writes);
    if (byteLength !== undefined) await device.resize(byteLength);
    return device;
  }
}

/** A layer with writes in it, as long as they need. */
async function layerWith(below: BlockDevice, writes: CrashState["writes"]): Promise<OverlayDevice> {
  const device = new OverlayDevice(below);
  for (const { start, bytes } of writes) {
    const end = start + BigInt(bytes.length);
    if (end > device.byteLength) await device.resize(end);
    await device.write(start, bytes);
  }
  return device;
}

/** Numbers from a seed, the same each time: xorshift. */
function randomBits(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
