import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Lens, VolumeEvent, VolumeRow } from "../contract/index.ts";
import { RebuildHistory } from "../volume/rebuild-pace.ts";
import { Bookmarks } from "./bookmarks.ts";
import { runCheck } from "./check-run.ts";
import { dataFolder } from "./data-folder.ts";
import {
  AllocationBitmap,
  type BlockDevice,
  EngineError,
  equalBytes,
  type Finding,
  type Image,
  type ImagePlace,
  isAbort,
  openImageDevice,
  type RemapDevice,
  readOnlyReason,
  type Volume,
} from "./engine.ts";
import { Events } from "./events.ts";
import { countFindings } from "./finding-counts.ts";
import { canReplay, lookThrough } from "./lens.ts";
import { VolumeMap } from "./map.ts";
import { assertBase } from "./overlays.ts";
import { VolumeQueue } from "./queue.ts";
import { RegionContents } from "./region-content.ts";
import { imageAfterReplay } from "./replayed-image.ts";
import { SnapshotTrees } from "./snapshots.ts";
import type { Report } from "./task.ts";

export interface OpenSource {
  key: string;
  name: string;
  folder: string;
  device: BlockDevice;
  path?: string | undefined;
  /** The overlay that the path is seen and changed through. */
  overlay?: { id: string; path: string } | undefined;
  /** A bundled sample: its unpacked copy is shared by all and stays as it is. */
  isSample?: boolean;
  /** Where its bookmarks are kept; for as long as it is open where there is none. */
  bookmarks?: Bookmarks;
  /** Where its queue and undo bundles are kept; a source without a path has neither. */
  dataFolder?: string | undefined;
}

/** A volume of the session: shared by all clients, looked at once a second while one of them watches. */
export class OpenVolume {
  readonly id = randomUUID();
  readonly source: OpenSource;
  readonly events = new Events<VolumeEvent>();
  readonly contents = new RegionContents(this);
  readonly snapshots = new SnapshotTrees(this);
  readonly rebuilds = new RebuildHistory();
  readonly queue = new VolumeQueue(this);
  /** What is stored: every change is planned on it. */
  stored: Image;
  readonly bookmarks: Bookmarks;
  /** What the panels show of it. */
  image: Image;
  lens: Lens = "stored";
  findings: readonly Finding[];
  checked: "running" | "done" | "not-run" = "not-run";
  checkProblem: string | undefined;
  /** Whether the user lets this volume be changed, and how much was written to it since it was opened. */
  readonly #changes = { enabled: false, bytesWritten: 0n };
  readonly #stop = new AbortController();
  readonly #onChange: () => void;
  readonly #watch: NodeJS.Timeout;
  #map: VolumeMap | undefined;
  #identity = "";
  #isLooking = false;
  /** How many changes are being written now. */
  #writers = 0;
  #storedFindings: Promise<readonly Finding[]> | undefined;
  #checking: AbortController | undefined;
  /** The lens that was asked for; undefined while the one that is fit is shown. */
  #wanted: Lens | undefined;
  /** Why the lens that was meant is not the one that is shown. */
  #lensProblem: Error | undefined;
  /** Images are changed one after the other. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(source: OpenSource, stored: Image, onChange: () => void) {
    this.source = source;
    this.stored = stored;
    this.image = stored;
    this.findings = stored.volume.findings;
    this.bookmarks = source.bookmarks ?? new Bookmarks();
    this.#onChange = onChange;
    this.#watch = setInterval(() => void this.#poll(), 1000);
    this.#watch.unref();
  }
  static async open(source: OpenSource, onChange: () => void): Promise<OpenVolume> {
    try {
      const opened = new OpenVolume(source, await openImageDevice(source.device, { name: source.name }), onChange);
      opened.#identity = await identityOf(source.device);
      await opened.queue.load();
      await opened.#look();
      opened.check(opened.#stop.signal, () => {}).catch((error: unknown) => opened.#noteCheck(error));
      return opened;
    } catch (error) {
      await source.device.close();
      throw error;
    }
  }
  get volume(): Volume {
    return this.image.volume;
  }
  /** dm-remap metadata, where the source carries it; the volume is then the device in sectors. */
  get remap(): RemapDevice | undefined {
    return this.image.remap;
  }
  /** The lenses that the volume can be shown through now. */
  get lenses(): Lens[] {
    const replay: Lens[] = canReplay(this.stored.volume) ? ["replay"] : [];
    return ["stored", ...replay, ...(this.queue.length > 0 ? ["queue" as const] : [])];
  }
  get row(): VolumeRow {
    const { error, warning } = countFindings(this.findings);
    // What is shown as after replay still has to be replayed.
    const hasFindings = warning > 0 || this.lens === "replay";
    const state = this.checked === "running" ? "opening" : error > 0 ? "damaged" : hasFindings ? "findings" : "sound";
    return { id: this.id, name: this.source.name, folder: this.source.folder, state, isQueued: this.queue.length > 0 };
  }
  get writeState(): { enabled: boolean; bytesWritten: bigint; lockedReason: string | undefined } {
    const lockedReason =
      this.source.path === undefined
        ? "its bytes are the page's"
        : this.source.isSample && !this.source.overlay
          ? "it is the bundled sample; open a copy of it"
          : this.stored.remap
            ? "changing dm-remap metadata is not offered here"
            : readOnlyReason(this.stored.volume);
    // In an overlay nothing needs to be allowed: the image below is only read.
    const enabled = (this.#changes.enabled || this.source.overlay !== undefined) && lockedReason === undefined;
    return { ...this.#changes, enabled, lockedReason };
  }
  /** VOLUME_READ_ONLY where it may never be changed. */
  enableChanges(enabled: boolean): void {
    const { lockedReason } = this.writeState;
    if (enabled && lockedReason !== undefined) throw new EngineError("VOLUME_READ_ONLY", { reason: lockedReason });
    this.#changes.enabled = enabled;
    this.events.emit({ type: "findings.changed" });
  }
  /** Where its bytes are; undefined where no path leads to them. */
  get place(): ImagePlace | undefined {
    const { path, overlay } = this.source;
    return path === undefined ? undefined : { path, overlay: overlay?.path };
  }
  /** The place to write to. VOLUME_READ_ONLY where changes are not enabled. */
  requireWritable(): ImagePlace {
    const { enabled, lockedReason } = this.writeState;
    const { place } = this;
    if (!enabled || place === undefined)
      throw new EngineError("VOLUME_READ_ONLY", { reason: lockedReason ?? "changes are not enabled for it" });
    return place;
  }
  /** Where undo bundles of its changes go. */
  get undoFolder(): string {
    return join(this.source.dataFolder ?? dataFolder(), "undo");
  }
  /** Counts what was written to the source; what went to an overlay did not. */
  countWritten(bytes: bigint): void {
    if (this.source.overlay === undefined) this.#changes.bytesWritten += bytes;
  }
  /** Does not look at the source while it is being written, and reads it anew afterwards. */
  async whileWriting<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#writers++;
    try {
      return await act();
    } finally {
      this.#writers--;
      await this.noteWritten(0n);
    }
  }
  /** Tells that the queue changed; what is shown of it follows. */
  noteQueue(): void {
    this.events.emit({ type: "queue.changed" });
    this.#onChange();
    if (this.lens === "queue" && this.#writers === 0) this.#lookAnew().catch((error: unknown) => this.#noteCheck(error));
  }
  /** Counts what was written and reads the volume anew. */
  async noteWritten(bytes: bigint): Promise<void> {
    this.countWritten(bytes);
    this.#identity = await identityOf(this.source.device);
    await this.#reopen();
  }
  get bitmap(): AllocationBitmap | undefined {
    return AllocationBitmap.of(this.volume);
  }
  /** Where a thread of its own can read what is shown. */
  get #placeOfShown(): ImagePlace | undefined {
    return this.lens === "stored" ? this.place : undefined;
  }
  get map(): VolumeMap {
    this.#map ??= new VolumeMap(this.volume, this.#placeOfShown, () => this.events.emit({ type: "map.changed" }));
    return this.#map;
  }
  /** Holds the volume against all rules; a run that is under way is stopped, since it may judge what is no longer there. */
  check(signal: AbortSignal, report: Report): Promise<readonly Finding[]> {
    const run = this.#check(signal, report);
    if (this.lens === "stored") this.#storedFindings = run;
    return run;
  }
  async #check(signal: AbortSignal, report: Report): Promise<readonly Finding[]> {
    this.#checking?.abort();
    const own = new AbortController();
    this.#checking = own;
    this.checked = "running";
    try {
      const options = { signal: AbortSignal.any([signal, own.signal, this.#stop.signal]), onProgress: report };
      const { name } = this.source;
      const findings = await runCheck(this.image, { name, place: this.place, lens: this.lens }, options);
      own.signal.throwIfAborted();
      this.findings = findings;
      this.checked = "done";
      this.checkProblem = undefined;
      return findings;
    } finally {
      if (this.#checking === own) {
        this.#checking = undefined;
        if (this.checked === "running") this.checked = "not-run";
        this.events.emit({ type: "findings.changed" });
        this.#onChange();
      }
    }
  }
  /** What is found in the stored volume, whatever the panels show. */
  async storedFindings(): Promise<readonly Finding[]> {
    const about = { name: this.source.name, place: this.place, lens: "stored" as const };
    const run = () => runCheck(this.stored, about, { signal: this.#stop.signal, onProgress: () => {} });
    this.#storedFindings ??= run();
    try {
      return await this.#storedFindings;
    } catch {
      // That run was stopped by another one, or failed: one of its own says what is wrong.
      this.#storedFindings = run();
      return this.#storedFindings;
    }
  }
  #noteCheck(error: unknown): void {
    if (isAbort(error)) return;
    this.checkProblem = error instanceof Error ? error.message : String(error);
    this.events.emit({ type: "findings.changed" });
  }
  async #poll(): Promise<void> {
    if (this.#isLooking || this.#writers > 0 || !this.events.isWatched) return;
    this.#isLooking = true;
    try {
      const identity = await identityOf(this.source.device);
      if (identity === this.#identity) return;
      this.#identity = identity;
      await this.#reopen();
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.events.emit({ type: "source.lost", reason: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#isLooking = false;
    }
  }
  /** Shows the volume through another lens, or through the one that is fit. REQUEST_INVALID for one that is not offered. */
  async show(lens: Lens | undefined): Promise<void> {
    if (lens !== undefined && !this.lenses.includes(lens))
      throw new EngineError("REQUEST_INVALID", { call: "show", problem: `the volume cannot be shown as ${lens}` });
    this.#wanted = lens;
    await this.#lookAnew();
    if (lens !== undefined && this.#lensProblem) throw this.#lensProblem;
  }
  /** Makes the image that is shown anew, and begins to check it. */
  async #lookAnew(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#look();
      await this.#tellImage();
    });
    this.check(this.#stop.signal, () => {}).catch((error: unknown) => this.#noteCheck(error));
  }
  async #reopen(): Promise<void> {
    await this.#inTurn(async () => {
      await assertBase(this.source.device);
      this.stored = await openImageDevice(this.source.device, { name: this.source.name, signal: this.#stop.signal });
      this.#storedFindings = undefined;
      await this.queue.load();
      await this.#look();
      await this.#tellImage();
    });
    await this.check(this.#stop.signal, () => {}).catch((error: unknown) => this.#noteCheck(error));
  }
  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {}); // Told by the turn itself; the next one begins anew.
    return turn;
  }
  /** Makes the image that is shown. */
  async #look(): Promise<void> {
    const { signal } = this.#stop;
    if (this.#wanted !== undefined && !this.lenses.includes(this.#wanted)) this.#wanted = undefined;
    const { lens, image, problem } = await lookThrough(this.stored, this.#wanted, (asked) =>
      asked === "queue" ? this.queue.image() : imageAfterReplay(this.stored, signal),
    );
    this.#lensProblem = problem;
    this.lens = lens;
    this.image = image;
    this.findings = image.volume.findings;
  }
  /** Forgets what was worked out from the image before, and tells everyone. */
  async #tellImage(): Promise<void> {
    this.contents.clear();
    this.snapshots.clear();
    const map = this.#map;
    this.#map = undefined;
    await map?.close();
    this.events.emit({ type: "source.changed", byteLength: this.source.device.byteLength });
    this.events.emit({ type: "map.changed" });
  }
  /** One that seems damaged is read a second time before it is judged. */
  async readBlock(block: bigint): Promise<Uint8Array> {
    const bytes = await this.volume.requireBlock(block);
    if (this.volume.judge(block, bytes).state !== "damaged") return bytes;
    const again = await this.volume.requireBlock(block);
    return equalBytes(bytes, again) ? bytes : again;
  }
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#stop.abort();
    this.events.close();
    await this.#map?.close();
    await this.source.device.close();
  }
}
async function identityOf(device: BlockDevice): Promise<string> {
  const { byteLength, modifiedNs, source } = await device.identify();
  return `${source} ${byteLength} ${modifiedNs}`;
}
