import { RpcTarget } from "capnweb";
import { create } from "zustand";
import type {
  HostInfo,
  OpenRequest,
  RemoteFile,
  SessionApi,
  SessionEvent,
  Settings,
  VolumeApi,
  VolumeId,
  VolumeRow,
  Welcome,
} from "../../engine/contract/index.ts";
import { ConnectionError, type ConnectionProblem, connect, desktop } from "../client/connect.ts";
import { select, useSelection } from "./selection.ts";
import { follow } from "./streams.ts";
import { runTask } from "./tasks.ts";
import { forgetVolume, watchVolume } from "./volume-data.ts";

/** A volume that this window shows in a tab. */
export interface OpenVolume {
  id: VolumeId;
  name: string;
  api: VolumeApi;
}

interface SessionState {
  connection: "connecting" | "open" | ConnectionProblem;
  host: HostInfo | undefined;
  rows: readonly VolumeRow[];
  open: readonly OpenVolume[];
  /** The shown volume; undefined for the welcome screen. */
  activeId: VolumeId | undefined;
  welcome: Welcome | undefined;
  settings: Settings | undefined;
}

export const useSession = create<SessionState>()(() => ({
  connection: "connecting",
  host: undefined,
  rows: [],
  open: [],
  activeId: undefined,
  welcome: undefined,
  settings: undefined,
}));

let session: SessionApi | undefined;
let onCommand: (command: string) => void = () => {};

/** The connected session. Throws a TypeError before there is one. */
export function requireSession(): SessionApi {
  if (!session) throw new TypeError("there is no session yet");
  return session;
}

export const activeVolume = (state: SessionState): OpenVolume | undefined => state.open.find((volume) => volume.id === state.activeId);

/** Connects to the host and shows what is open there. `command` runs a command that the host's own menu asks for. */
export async function startSession(command: (name: string) => void): Promise<void> {
  onCommand = command;
  try {
    session = await connect(() => useSession.setState({ connection: "lost" }));
    const [host, welcome, settings, rows] = await Promise.all([session.host(), session.welcome(), session.settings(), session.volumes()]);
    useSession.setState({ host, welcome, settings, rows });
    void follow(await session.changes(), take);
    for (const row of rows) await show({ kind: "open", id: row.id }, false);
    const first = welcome.initial ?? rows[0]?.id;
    useSession.setState({ connection: "open", ...(first !== undefined && { activeId: first }) });
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    useSession.setState({ connection: error.problem });
  }
}

async function take(event: SessionEvent): Promise<void> {
  if (event.type === "volumes.changed") {
    const ids = new Set(event.volumes.map((row) => row.id));
    useSession.setState((state) => {
      const open = state.open.filter((volume) => ids.has(volume.id));
      return {
        rows: event.volumes,
        open,
        activeId: state.activeId !== undefined && ids.has(state.activeId) ? state.activeId : open[0]?.id,
      };
    });
  } else if (event.type === "settings.changed") useSession.setState({ settings: event.settings });
  else if (event.type === "volume.requested") await show({ kind: "open", id: event.id });
  else onCommand(event.command);
}

/** Opens a source and shows it in a tab. */
export const openVolume = (request: OpenRequest): Promise<OpenVolume | undefined> => show(request);

async function show(request: OpenRequest, activate = true): Promise<OpenVolume | undefined> {
  const api = await runTask("Open", () => requireSession().open(request));
  return api && addTab(api, activate);
}

/** Shows an open volume in a tab. */
export async function addTab(api: VolumeApi, activate: boolean): Promise<OpenVolume> {
  const overview = await api.overview();
  const known = useSession.getState().open.find((volume) => volume.id === overview.id);
  const volume = known ?? { id: overview.id, name: overview.name, api };
  if (!known) {
    useSession.setState((state) => ({ open: [...state.open, volume] }));
    watchVolume(volume.id, api, overview);
    if (overview.fileBlocks > 0n) select({ volumeId: volume.id, range: { start: 0n, end: BigInt(overview.blockBytes) } });
  }
  if (activate) useSession.setState({ activeId: volume.id });
  return volume;
}

/** Lets the host's own dialog choose, where it has one; opens what was chosen. */
export async function chooseAndOpen(): Promise<void> {
  const chosen = await runTask("Choose", () => requireSession().choose());
  for (const source of chosen ?? []) await openVolume({ kind: "grant", id: source.id });
}

/** A file of the page, whose bytes the host asks for by range. */
class DroppedFile extends RpcTarget implements RemoteFile {
  readonly #file: File;
  constructor(file: File) {
    super();
    this.#file = file;
  }
  async read(start: bigint, byteLength: number): Promise<Uint8Array> {
    return new Uint8Array(await this.#file.slice(Number(start), Number(start) + byteLength).arrayBuffer());
  }
}

/** Opens dropped files read-only: by grant on the desktop, in the browser as devices whose bytes stay here. */
export async function openDropped(files: File[]): Promise<void> {
  const bridge = desktop();
  if (bridge) {
    for (const id of await bridge.grantFiles(files)) await openVolume({ kind: "grant", id });
    return;
  }
  for (const file of files) {
    const api = await runTask("Open", () => requireSession().openRemote(new DroppedFile(file), file.name, BigInt(file.size)));
    if (api) await addTab(api, true);
  }
}

export const activateVolume = (activeId: VolumeId | undefined) => useSession.setState({ activeId });

/** Shows the volume before or behind the shown one. */
export function stepVolume(step: 1 | -1): void {
  const { open, activeId } = useSession.getState();
  const index = open.findIndex((volume) => volume.id === activeId);
  const next = open[(index + step + open.length) % open.length];
  if (next) activateVolume(next.id);
}

export async function closeVolume(id: VolumeId): Promise<void> {
  const volume = useSession.getState().open.find((each) => each.id === id);
  if (!volume) return;
  await runTask("Close", () => volume.api.close());
  forgetVolume(id);
  useSession.setState((state) => {
    const open = state.open.filter((each) => each.id !== id);
    return { open, activeId: state.activeId === id ? open.at(-1)?.id : state.activeId };
  });
}

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const settings = await runTask("Settings", () => requireSession().changeSettings(change));
  if (settings) useSession.setState({ settings });
}

/** Asks for the samples and recent files anew. */
export async function refreshWelcome(): Promise<void> {
  const welcome = await runTask("Read", () => requireSession().welcome());
  if (welcome) useSession.setState({ welcome });
}

/** A folder that the host may open files from. */
export const listFolder = (path: string) => runTask("Read folder", () => requireSession().folder(path));

/** All rules that volumes are held against. */
export const listRules = () => runTask("Read rules", () => requireSession().rules());

/** Selects what encloses the selection: the structure of a field, the block, the region, the volume. */
export async function selectEnclosing(volume: OpenVolume): Promise<void> {
  const range = useSelection.getState().byVolume[volume.id]?.range;
  if (!range) return;
  const description = await runTask("Describe", () => volume.api.describe(range));
  const place = description?.trail.findLast(({ range: wider }) => wider.end - wider.start > range.end - range.start);
  if (place) select({ volumeId: volume.id, range: place.range });
}
