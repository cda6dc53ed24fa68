import { createHash } from "node:crypto";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { OverlayRow } from "../contract/index.ts";
import { EngineError, isEngineError, OverlayFile, openFileDevice } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import { createOverlay, dropOverlay, readOverlay } from "./overlays.ts";

/** An overlay as a session knows it. */
export interface NamedOverlay {
  id: string;
  path: string;
  /** What it is called beside its image. */
  name: string;
}
/** The overlay at a path, beside its image. */
export const overlayAt = (image: string, path: string): NamedOverlay => ({ id: idOf(path), path, name: nameOf(image, path) });

/** What of the session the overlays need. */
export interface ShelfOwner {
  readonly folder: string;
  readonly volumes: ReadonlyMap<string, OpenVolume>;
  openPath(path: string, options?: { overlay?: NamedOverlay }): Promise<OpenVolume>;
  closeVolume(id: string): Promise<void>;
}

export const overlayEnding = ".bsoverlay";
const mostFiles = 200;
const idOf = (path: string): string => createHash("sha256").update(path).digest("hex").slice(0, 32);

/** Finds the overlays of an image, in the data folder and beside it, so that clients can name them without naming a path. */
export class OverlayShelf {
  readonly #owner: ShelfOwner;

  constructor(owner: ShelfOwner) {
    this.#owner = owner;
  }

  get #folder(): string {
    return join(this.#owner.folder, "overlays");
  }

  /** Paths of the overlays that were made over the image. */
  async #paths(image: string): Promise<string[]> {
    const found: string[] = [];
    for (const folder of new Set([this.#folder, dirname(image)])) {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "EACCES") return [];
        throw error;
      });
      for (const name of names.filter((each) => each.endsWith(overlayEnding)).slice(0, mostFiles)) {
        // A link beside the image could lead anywhere.
        const path = await realpath(join(folder, name)).catch(() => undefined);
        if (path !== undefined && dirname(path) === (await realpath(folder)) && (await imageOf(path)) === image) found.push(path);
      }
    }
    // One that was opened as a file may lie anywhere.
    for (const { source } of this.#owner.volumes.values())
      if (source.path === image && source.overlay && !found.includes(source.overlay.path)) found.push(source.overlay.path);
    return found;
  }

  /** The path of an overlay of the image. HANDLE_UNKNOWN. */
  async resolve(image: string, id: string): Promise<string> {
    const path = (await this.#paths(image)).find((each) => idOf(each) === id);
    if (path === undefined) throw new EngineError("HANDLE_UNKNOWN", { kind: "overlay", id });
    return path;
  }

  async rows(image: string, current: string | undefined): Promise<OverlayRow[]> {
    return Promise.all(
      (await this.#paths(image)).map(async (path): Promise<OverlayRow> => {
        const { id, name } = overlayAt(image, path);
        const row = { id, name, folder: dirname(path), current: id === current };
        try {
          const { byteLength, changes } = await readOverlay(path);
          const sentences = changes.flatMap((change, index) =>
            JSON.stringify(change.sentences) === JSON.stringify(changes[index - 1]?.sentences) ? [] : [change.sentences[0] ?? change.title],
          );
          return { ...row, byteLength, changes: sentences };
        } catch (error) {
          if (!isEngineError(error)) throw error;
          return { ...row, byteLength: 0n, changes: [], problem: error.message };
        }
      }),
    );
  }

  /** Opens the image through one of its overlays, or through a new one. */
  async open(image: string, id: string | undefined): Promise<OpenVolume> {
    const path = id === undefined ? await this.#create(image) : await this.resolve(image, id);
    return this.#owner.openPath(image, { overlay: overlayAt(image, path) });
  }

  async #create(image: string): Promise<string> {
    for (let number = 1; ; number++) {
      const path = join(this.#folder, `${basename(image).slice(0, 80)} overlay ${number}${overlayEnding}`);
      try {
        await createOverlay(image, path);
        return await realpath(path);
      } catch (error) {
        if (!isEngineError(error) || error.code !== "FILE_EXISTS" || number >= mostFiles) throw error;
      }
    }
  }

  /** Throws an overlay away; what is open through it is closed first. */
  async drop(image: string, id: string): Promise<void> {
    const path = await this.resolve(image, id);
    for (const opened of this.#owner.volumes.values())
      if (opened.source.overlay?.path === path) {
        await this.#owner.closeVolume(opened.id);
        break;
      }
    await dropOverlay(path);
  }
}

/** What an overlay is called beside its image. */
function nameOf(image: string, path: string): string {
  const name = basename(path, overlayEnding);
  const prefix = `${basename(image).slice(0, 80)} `;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** The image that an overlay was made over; undefined for a file that is no overlay, or cannot be read. */
export async function imageOf(path: string): Promise<string | undefined> {
  try {
    const device = await openFileDevice(path);
    try {
      const { image } = (await OverlayFile.identify(device)).identity;
      return await realpath(image).catch(() => image);
    } finally {
      await device.close();
    }
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}
