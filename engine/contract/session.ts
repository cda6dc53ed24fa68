import * as z from "zod/mini";
import type { RuleInfo } from "../findings/registry.ts";
import { textField } from "./common.ts";
import type { ChooseWhat } from "./files.ts";
import type { NewFileApi, NewPlace, NewVolumeLayout, NewVolumeRequest, VolumeChoices } from "./new-file.ts";
import type { VolumeApi, VolumeId } from "./volume.ts";

/** What a client is given first. Everything else is reached through it. */
export interface SessionApi {
  host(): Promise<HostInfo>;
  welcome(): Promise<Welcome>;
  /** The host's own dialog where it has one (`choosing` "dialog"): what was chosen may then be opened as a grant. Empty when cancelled. */
  choose(what?: ChooseWhat): Promise<SourceRow[]>;
  /** A folder below the host's root (`choosing` "folders"). PATH_OUTSIDE_ROOT, DEVICE_NOT_FOUND. */
  folder(path: string): Promise<Folder>;
  /** Opens read-only, or gives the handle of the volume that is open already from the same source. */
  open(request: OpenRequest): Promise<VolumeApi>;
  /** Opens a file that the page holds: the host asks for its bytes by range and keeps none. */
  openRemote(file: RemoteFile, name: string, byteLength: bigint): Promise<VolumeApi>;
  /** The host's own dialog for a file that is not there yet, with a name to begin with. Undefined when cancelled. */
  chooseNewFile(name: string): Promise<SourceRow | undefined>;
  /** What a new volume can be made of. */
  volumeChoices(): Promise<VolumeChoices>;
  /** The layout that a new volume would have; what stands against it is said in it. */
  layoutOfNew(request: NewVolumeRequest): Promise<NewVolumeLayout>;
  /** Plans a new volume; writes nothing. FILE_EXISTS, PATH_OUTSIDE_ROOT and what stands against it. */
  newVolume(request: NewVolumeRequest, place: NewPlace): Promise<NewFileApi>;
  /** Volumes open in this session, so that a reloaded page finds them again. */
  volumes(): Promise<VolumeRow[]>;
  /** Every rule that a volume is held against. */
  rules(): Promise<RuleInfo[]>;
  settings(): Promise<Settings>;
  changeSettings(change: Partial<Settings>): Promise<Settings>;
  changes(): Promise<ReadableStream<SessionEvent>>;
}

export interface HostInfo {
  kind: "desktop" | "browser";
  version: string;
  platform: string;
  choosing: "dialog" | "folders";
}

export interface SourceRow {
  /** Names the source to `open`; never a path. */
  id: string;
  name: string;
  /** The folder it lies in, for people. */
  folder: string;
  byteLength?: bigint | undefined;
  /** ms since 1970. */
  lastOpenedMs?: number | undefined;
  /** Why it cannot be opened now. */
  missing?: string | undefined;
}
export interface SampleRow extends SourceRow {
  /** One sentence on what can be seen in it. */
  about: string;
}
export interface Welcome {
  samples: SampleRow[];
  recent: SourceRow[];
  /** The volume to show at start, if the host was started on one. */
  initial?: VolumeId | undefined;
}

export interface Folder {
  /** Relative to the root, "" for the root itself. */
  path: string;
  parent?: string | undefined;
  entries: {
    name: string;
    path: string;
    kind: "folder" | "file" | "device" | "link";
    byteLength?: bigint | undefined;
    looksLikeVolume: boolean;
  }[];
  /** Entries left out beyond the limit. */
  more: number;
}

/** Bytes that the page hands over by range. */
export interface RemoteFile {
  read(start: bigint, byteLength: number): Promise<Uint8Array>;
}

export interface VolumeRow {
  id: VolumeId;
  name: string;
  folder: string;
  state: "sound" | "findings" | "damaged" | "opening";
  /** Whether changes wait in its queue. */
  isQueued: boolean;
}

export type SessionEvent =
  | { type: "volumes.changed"; volumes: VolumeRow[] }
  | { type: "settings.changed"; settings: Settings }
  /** A menu of the host was used, or a file was handed to the program. */
  | { type: "command.requested"; command: string }
  | { type: "volume.requested"; id: VolumeId };

export type Theme = "dark" | "light" | "system";
export interface Settings {
  theme: Theme;
  density: "comfortable" | "compact";
  /** dockview's own layouts by name, JSON text; "current" is restored at start. */
  layouts: { [name: string]: string };
  singleKeys: boolean;
  hexColumns: 8 | 16 | 32;
  verbosity: "bytes" | "fields" | "quiet";
}

export const openRequest = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sample"), id: textField }),
  z.object({ kind: z.literal("recent"), id: textField }),
  z.object({ kind: z.literal("grant"), id: textField }),
  z.object({ kind: z.literal("folder"), path: textField }),
  z.object({ kind: z.literal("open"), id: textField }),
]);
export type OpenRequest = z.infer<typeof openRequest>;

export const settingsChange = z.partial(
  z.object({
    theme: z.enum(["dark", "light", "system"]),
    density: z.enum(["comfortable", "compact"]),
    layouts: z.record(z.string().check(z.maxLength(64)), z.string().check(z.maxLength(262_144))),
    singleKeys: z.boolean(),
    hexColumns: z.union([z.literal(8), z.literal(16), z.literal(32)]),
    verbosity: z.enum(["bytes", "fields", "quiet"]),
  }),
);
export const folderRequest = textField;
export const remoteRequest = z.object({ name: textField, byteLength: z.bigint().check(z.gte(0n)) });
