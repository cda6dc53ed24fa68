import { createHash, randomUUID } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RpcTarget } from "capnweb";
import {
  type ChooseWhat,
  chooseRequest,
  type Folder,
  fileNameRequest,
  folderRequest,
  type HostInfo,
  type NewPlace,
  type NewVolumeLayout,
  type NewVolumeRequest,
  newPlaceRequest,
  newVolumeRequest,
  type OpenRequest,
  openRequest,
  type RemoteFile,
  remoteRequest,
  type SessionApi,
  type SessionEvent,
  type Settings,
  type SourceRow,
  settingsChange,
  type VolumeChoices,
  type VolumeRow,
  type Welcome,
} from "../contract/index.ts";
import { Bookmarks } from "./bookmarks.ts";
import { ClientFiles } from "./client-files.ts";
import { dataFolder } from "./data-folder.ts";
import { EngineError, RemoteDevice, rulesWithRepairs } from "./engine.ts";
import { Events } from "./events.ts";
import { listFolder, resolveBelow } from "./folders.ts";
import { layoutOfNew, NewVolumeHost, volumeChoices } from "./new-volume.ts";
import { type OpenSource, OpenVolume } from "./open-volume.ts";
import { imageOf, type NamedOverlay, OverlayShelf, overlayAt, overlayEnding } from "./overlay-shelf.ts";
import { openSource, readOverlay } from "./overlays.ts";
import { OverlaysHost } from "./overlays-host.ts";
import { parse } from "./requests.ts";
import { samples, unpackSample } from "./samples.ts";
import { SettingsStore } from "./settings.ts";
import { VolumeHost } from "./volume.ts";

export interface SessionOptions {
  kind: HostInfo["kind"];
  version: string;
  /** Folder below which pages may choose files; none where the host has dialogs. */
  root?: string | undefined;
  /** The host's own dialogs; they give the paths chosen. */
  chooseFiles?: ((what: NonNullable<ChooseWhat>) => Promise<string[]>) | undefined;
  chooseNewFile?: ((name: string) => Promise<string | undefined>) | undefined;
  dataFolder?: string | undefined;
  /** Hears of what is wrong with the settings. */
  report?: ((problem: string) => void) | undefined;
}

/** The session of a host process: its open volumes, grants and settings, shared by all clients. */
export class HostState {
  readonly options: SessionOptions;
  readonly folder: string;
  readonly settings: SettingsStore;
  readonly events = new Events<SessionEvent>();
  readonly volumes = new Map<string, OpenVolume>();
  readonly #grants = new Map<string, { path: string; isTarget: boolean }>();
  readonly #opening = new Map<string, Promise<OpenVolume>>();
  initial: string | undefined;

  constructor(options: SessionOptions) {
    this.options = options;
    this.folder = options.dataFolder ?? dataFolder();
    this.settings = new SettingsStore(this.folder, options.report ?? (() => {}));
  }

  /** Where bundled samples are unpacked to. */
  get samplesFolder(): string {
    return join(this.folder, "cache", "samples");
  }

  /** Lets clients open a path that the user chose in this process; as a target, lets them write to it. */
  grant(path: string, { isTarget = false }: { isTarget?: boolean } = {}): string {
    const id = randomUUID();
    this.#grants.set(id, { path, isTarget });
    return id;
  }

  /** What the user chose, to be read; as a target only what was chosen to be written to. HANDLE_UNKNOWN. */
  requireGrant(id: string, { isTarget = false }: { isTarget?: boolean } = {}): string {
    const granted = this.#grants.get(id);
    if (!granted || (isTarget && !granted.isTarget))
      throw new EngineError("HANDLE_UNKNOWN", { kind: isTarget ? "chosen place" : "chosen file", id });
    return granted.path;
  }

  /** Opens a path read-only, through an overlay where one is named or where the path is one, and remembers it; gives the volume that is open already from the same file. */
  async openPath(path: string, { overlay }: { overlay?: NamedOverlay | undefined } = {}): Promise<OpenVolume> {
    const real = await realpathOf(path);
    if (overlay === undefined && real.endsWith(overlayEnding)) {
      const image = await imageOf(real);
      // An overlay that a page names must not lead out of the folder either.
      const { root } = this.options;
      const below = image === undefined || root === undefined ? image : await resolveBelow(root, image);
      if (below !== undefined) return this.openPath(below, { overlay: overlayAt(below, real) });
    }
    const isSample = dirname(real) === (await realpath(this.samplesFolder).catch(() => undefined));
    const key = overlay === undefined ? real : `${real}\n${overlay.path}\n${(await readOverlay(overlay.path)).identity.id}`;
    const opened = await this.open(key, async () => ({
      key,
      path: real,
      overlay,
      isSample,
      name: overlay === undefined ? basename(real) : `${basename(real)} · ${overlay.name}`,
      folder: dirname(real),
      device: await openSource({ path: real, overlay: overlay?.path }),
      dataFolder: this.folder,
      bookmarks: new Bookmarks(join(this.folder, "bookmarks", `${sourceId(real)}.json`), this.options.report),
    }));
    if (!isSample && !overlay) await this.settings.addRecent({ id: sourceId(real), path: real, lastOpenedMs: Date.now() });
    return opened;
  }

  /** Opens the image that the program was started with, through the overlay that was named, to be shown first. What `openPath` throws. */
  async openFirst(image: string, overlay?: string): Promise<OpenVolume> {
    const opened = await this.openPath(image, {
      overlay: overlay === undefined ? undefined : overlayAt(await realpathOf(image), await realpathOf(overlay)),
    });
    this.initial = opened.id;
    return opened;
  }

  /** The open volume of a source, opened once however often it is asked for. */
  async open(key: string, source: () => Promise<OpenSource>): Promise<OpenVolume> {
    for (const opened of this.volumes.values()) if (opened.source.key === key) return opened;
    const pending = this.#opening.get(key);
    if (pending) return pending;
    const opening = source().then((found) => OpenVolume.open(found, () => this.tellVolumes()));
    this.#opening.set(key, opening);
    try {
      const opened = await opening;
      this.volumes.set(opened.id, opened);
      this.tellVolumes();
      return opened;
    } finally {
      this.#opening.delete(key);
    }
  }

  rows(): VolumeRow[] {
    return [...this.volumes.values()].map((opened) => opened.row);
  }
  tellVolumes(): void {
    this.events.emit({ type: "volumes.changed", volumes: this.rows() });
  }

  async closeVolume(id: string): Promise<void> {
    const opened = this.volumes.get(id);
    if (!opened) return;
    this.volumes.delete(id);
    await opened.close();
    this.tellVolumes();
  }

  async close(): Promise<void> {
    this.events.close();
    await Promise.all([...this.volumes.keys()].map((id) => this.closeVolume(id)));
  }
}

const sourceId = (path: string): string => createHash("sha256").update(path).digest("hex").slice(0, 32);

const realpathOf = (path: string): Promise<string> =>
  realpath(path).catch((cause: unknown) => {
    throw new EngineError("DEVICE_NOT_FOUND", { path: basename(path) }, { cause });
  });

/** What one client is given first: every input is parsed, and no path is taken from a page but below the root. */
export class HostSession extends RpcTarget implements SessionApi {
  readonly #state: HostState;

  constructor(state: HostState) {
    super();
    this.#state = state;
  }

  async host(): Promise<HostInfo> {
    const { kind, version, root } = this.#state.options;
    return { kind, version, platform: process.platform, choosing: root === undefined ? "dialog" : "folders" };
  }

  async welcome(): Promise<Welcome> {
    const rows = samples.map(({ id, name, folder, byteLength, about }) => ({ id, name, folder, byteLength, about }));
    const recent = await this.#state.settings.recent();
    return {
      samples: rows,
      recent: await Promise.all(recent.map(({ id, path, lastOpenedMs }) => describeSource(id, path, lastOpenedMs))),
      initial: this.#state.initial,
    };
  }

  async choose(what?: ChooseWhat): Promise<SourceRow[]> {
    const asked = parse(chooseRequest, "choose", what);
    const paths = (await this.#state.options.chooseFiles?.(asked)) ?? [];
    return Promise.all(paths.map((path) => describeSource(this.#state.grant(path, { isTarget: asked === "target" }), path)));
  }

  async chooseNewFile(name: string): Promise<SourceRow | undefined> {
    const path = await this.#state.options.chooseNewFile?.(parse(fileNameRequest, "chooseNewFile", name));
    return path === undefined
      ? undefined
      : { id: this.#state.grant(path, { isTarget: true }), name: basename(path), folder: dirname(path) };
  }

  async volumeChoices(): Promise<VolumeChoices> {
    return volumeChoices();
  }
  async layoutOfNew(request: NewVolumeRequest): Promise<NewVolumeLayout> {
    return layoutOfNew(parse(newVolumeRequest, "layoutOfNew", request));
  }
  async newVolume(request: NewVolumeRequest, place: NewPlace): Promise<NewVolumeHost> {
    const asked = parse(newVolumeRequest, "newVolume", request);
    const files = new ClientFiles(this.#state);
    return new NewVolumeHost(await files.resolveNew(parse(newPlaceRequest, "newVolume", place)), asked, files);
  }

  async folder(path: string): Promise<Folder> {
    return listFolder(this.#requireRoot(path), parse(folderRequest, "folder", path));
  }

  #requireRoot(path: string): string {
    const { root } = this.#state.options;
    if (root === undefined) throw new EngineError("PATH_OUTSIDE_ROOT", { path: String(path) });
    return root;
  }

  async open(request: OpenRequest): Promise<VolumeHost> {
    const asked = parse(openRequest, "open", request);
    return this.#handle(await this.#find(asked));
  }

  async #find(asked: OpenRequest): Promise<OpenVolume> {
    const state = this.#state;
    if (asked.kind === "folder") return state.openPath(await resolveBelow(this.#requireRoot(asked.path), asked.path));
    if (asked.kind === "sample") return state.openPath(await unpackSample(asked.id, state.samplesFolder));
    if (asked.kind === "grant") return state.openPath(state.requireGrant(asked.id));
    if (asked.kind === "recent") {
      const recent = (await state.settings.recent()).find((each) => each.id === asked.id);
      if (!recent) throw new EngineError("HANDLE_UNKNOWN", { kind: "recent file", id: asked.id });
      return state.openPath(state.options.root === undefined ? recent.path : await resolveBelow(state.options.root, recent.path));
    }
    const opened = state.volumes.get(asked.id);
    if (!opened) throw new EngineError("HANDLE_UNKNOWN", { kind: "volume", id: asked.id });
    return opened;
  }

  #handle(opened: OpenVolume): VolumeHost {
    const state = this.#state;
    const overlaysOf = (of: OpenVolume) =>
      new OverlaysHost(of, new OverlayShelf(state), {
        handle: (each) => this.#handle(each),
        openImage: (path) => state.openPath(path),
      });
    return new VolumeHost(opened, () => state.closeVolume(opened.id), new ClientFiles(state), overlaysOf);
  }

  async openRemote(file: RemoteFile, name: string, byteLength: bigint): Promise<VolumeHost> {
    const asked = parse(remoteRequest, "openRemote", { name, byteLength });
    // The stub of an argument ends with the call; the copy lives as long as the device.
    const held = (file as RemoteFile & { dup?: () => RemoteFile & Disposable }).dup?.();
    const source = held ?? file;
    const device = new RemoteDevice(source, asked.name, asked.byteLength, () => held?.[Symbol.dispose]());
    return this.#handle(
      await this.#state.open(`remote:${randomUUID()}`, async () => ({ key: randomUUID(), name: asked.name, folder: "this page", device })),
    );
  }

  async volumes() {
    return this.#state.rows();
  }
  async rules() {
    return rulesWithRepairs();
  }
  async settings() {
    return this.#state.settings.read();
  }
  async changeSettings(change: Partial<Settings>): Promise<Settings> {
    const settings = await this.#state.settings.change(parse(settingsChange, "changeSettings", change));
    this.#state.events.emit({ type: "settings.changed", settings });
    return settings;
  }
  async changes() {
    return this.#state.events.stream();
  }
}

async function describeSource(id: string, path: string, lastOpenedMs?: number): Promise<SourceRow> {
  const row: SourceRow = { id, name: basename(path), folder: dirname(path), lastOpenedMs };
  try {
    const found = await stat(path);
    return found.isFile() ? { ...row, byteLength: BigInt(found.size) } : row;
  } catch (error) {
    return { ...row, missing: (error as NodeJS.ErrnoException).code === "ENOENT" ? "It is no longer there." : "It cannot be read." };
  }
}
