import * as z from "zod/mini";
import type { RuleInfo } from "../findings/registry.ts";
import type { VolumeApi, VolumeId } from "./volume.ts";
/** What a client is given first. Everything else is reached through it. */
export interface SessionApi {
  host(): Promise<HostInfo>;
  welcome(): Promise<Welcome>;
  /** The host's own dialog where it has one (`choosing` "dialog"): what was chosen may then be opened as a grant. Empty when cancelled. */
  choose(): Promise<SourceRow[]>;
  /** A folder below the host's root (`choosing` "folders"). PATH_OUTSIDE_ROOT, DEVICE_NOT_FOUND. */
  folder(path: string): Promise<Folder>;
  /** Opens read-only, or gives the handle of the volume that is open already from the same source. */
  open(request: OpenRequest): Promise<VolumeApi>;
  /** Opens a file that the page holds: the host asks for its bytes by range and keeps none. */
  openRemote(file: RemoteFile, name: string, byteLength: bigint): Promise<VolumeApi>;
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
    kind: "folder" | "file" | "device";
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
}
export type SessionEvent =
  | {
      type: "volumes.changed";
      volumes: VolumeRow[];
    }
  | {
      type: "settings.changed";
      settings: Settings;
    }
  /** A menu of the host was used, or a file was handed to the program. */
  | {
      type: "command.requested";
      command: string;
    }
  | {
      type: "volume.requested";
      id: VolumeId;
    };
export type Theme = "dark" | "light" | "system";
export interface Settings {
  theme: Theme;
  density: "comfortable" | "compact";
  /** dockview's own layouts by name, JSON text; "current" is restored at start. */
  layouts: {
    [name: string]: string;
  };
  singleKeys: boolean;
  hexColumns: 8 | 16 | 32;
  verbosity: "bytes" | "fields" | "quiet";
}
export declare const openRequest: z.ZodMiniDiscriminatedUnion<
  [
    z.ZodMiniObject<
      {
        kind: z.ZodMiniLiteral<"sample">;
        id: z.ZodMiniString<string>;
      },
      z.core.$strip
    >,
    z.ZodMiniObject<
      {
        kind: z.ZodMiniLiteral<"recent">;
        id: z.ZodMiniString<string>;
      },
      z.core.$strip
    >,
    z.ZodMiniObject<
      {
        kind: z.ZodMiniLiteral<"grant">;
        id: z.ZodMiniString<string>;
      },
      z.core.$strip
    >,
    z.ZodMiniObject<
      {
        kind: z.ZodMiniLiteral<"folder">;
        path: z.ZodMiniString<string>;
      },
      z.core.$strip
    >,
    z.ZodMiniObject<
      {
        kind: z.ZodMiniLiteral<"open">;
        id: z.ZodMiniString<string>;
      },
      z.core.$strip
    >,
  ],
  "kind"
>;
export type OpenRequest = z.infer<typeof openRequest>;
export declare const settingsChange: z.ZodMiniObject<
  {
    theme: z.ZodMiniOptional<
      z.ZodMiniEnum<{
        dark: "dark";
        light: "light";
        system: "system";
      }>
    >;
    density: z.ZodMiniOptional<
      z.ZodMiniEnum<{
        comfortable: "comfortable";
        compact: "compact";
      }>
    >;
    layouts: z.ZodMiniOptional<z.ZodMiniRecord<z.ZodMiniString<string>, z.ZodMiniString<string>>>;
    singleKeys: z.ZodMiniOptional<z.ZodMiniBoolean<boolean>>;
    hexColumns: z.ZodMiniOptional<z.ZodMiniUnion<readonly [z.ZodMiniLiteral<8>, z.ZodMiniLiteral<16>, z.ZodMiniLiteral<32>]>>;
    verbosity: z.ZodMiniOptional<
      z.ZodMiniEnum<{
        bytes: "bytes";
        fields: "fields";
        quiet: "quiet";
      }>
    >;
  },
  z.core.$strip
>;
export declare const folderRequest: z.ZodMiniString<string>;
export declare const remoteRequest: z.ZodMiniObject<
  {
    name: z.ZodMiniString<string>;
    byteLength: z.ZodMiniBigInt<bigint>;
  },
  z.core.$strip
>;
