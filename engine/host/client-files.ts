import { lstat, stat } from "node:fs/promises";
import type { NewPlace } from "../contract/index.ts";
import { refuseExisting } from "./copy-volume.ts";
import { EngineError } from "./engine.ts";
import { newFileBelow, resolveBelow } from "./folders.ts";
import type { OpenVolume } from "./open-volume.ts";

/** What of the session decides which files its clients may name. */
export interface FileOwner {
  readonly options: { root?: string | undefined };
  requireGrant(id: string, use?: { isTarget?: boolean }): string;
  openPath(path: string): Promise<OpenVolume>;
}

/** Files as clients name them: paths below the folder that the host was given, or ids of what the user chose in a dialog of this process. */
export class ClientFiles {
  readonly #owner: FileOwner;

  constructor(owner: FileOwner) {
    this.#owner = owner;
  }

  /** The path of a file or folder that is there. PATH_OUTSIDE_ROOT, HANDLE_UNKNOWN, DEVICE_NOT_FOUND. */
  async resolve(path: string): Promise<string> {
    const { root } = this.#owner.options;
    return root === undefined ? this.#owner.requireGrant(path) : resolveBelow(root, path);
  }

  /** The path of a file that is not there yet. PATH_OUTSIDE_ROOT, HANDLE_UNKNOWN, DEVICE_NOT_FOUND, FILE_EXISTS. */
  async resolveNew(place: NewPlace): Promise<string> {
    const { root } = this.#owner.options;
    if (place.kind === "folder" && root === undefined) throw new EngineError("PATH_OUTSIDE_ROOT", { path: place.path });
    const path =
      place.kind === "grant"
        ? this.#owner.requireGrant(place.id, { isTarget: true })
        : await newFileBelow(root ?? "", place.path, place.name);
    await refuseExisting(path);
    return path;
  }

  /** The folder that files go to, which is made where it is missing: one that is there, or a name in it. TARGET_UNUSABLE and what `resolve` throws. */
  async resolveTarget(path: string, name: string): Promise<string> {
    const { root } = this.#owner.options;
    const folder = root === undefined ? this.#owner.requireGrant(path, { isTarget: true }) : await resolveBelow(root, path);
    const found = await stat(folder).catch((cause: unknown) => {
      throw new EngineError("DEVICE_NOT_FOUND", { path }, { cause });
    });
    if (!found.isDirectory()) throw new EngineError("TARGET_UNUSABLE", { path, reason: "it is no folder" });
    if (name === "") return folder;
    const inside = await newFileBelow(root ?? folder, root === undefined ? "" : path, name);
    const there = await lstat(inside).catch(() => undefined);
    if (there && !there.isDirectory()) throw new EngineError("TARGET_UNUSABLE", { path: inside, reason: "a file or link is in the way" });
    return inside;
  }

  /** Opens a file that was just made for a client. */
  open(path: string): Promise<OpenVolume> {
    return this.#owner.openPath(path);
  }
}
