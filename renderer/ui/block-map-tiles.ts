import { type Arrangement, placeTile, tileCells, tileSide } from "./block-map-curve.ts";
import { type Band, type Colour, freeAlpha, type TilePicture, type TileRequest } from "./block-map-tile.ts";
import { cellsAt, orderAt } from "./block-map-view.ts";

export interface TileSource {
  totalBlocks: number;
  tile(level: number, index: number): Promise<{ cells: Uint8Array; counted: boolean }>;
  /** Colours of the cells of a tile, in order. */
  bands(level: number, index: number): Band[];
  colours: { free: Colour; ground: Colour; freeHidden: boolean };
  failed(error: unknown): void;
}
export interface Tile {
  picture: OffscreenCanvas;
  counted: boolean;
  /** Cells in which nothing is allocated, by place in the picture. */
  free: Uint8Array;
}

/** Tiles kept at once: 64 MiB of pixels at most, whatever the volume holds. */
const mostTiles = 256;
/** Tiles asked for at once. */
const mostAsked = 8;

/** Pictures of tiles, painted in a worker and kept while they are in use. `ready` is called as each arrives. */
export class TileCache {
  readonly #worker = new Worker(new URL("./block-map-worker.ts", import.meta.url), { type: "module" });
  readonly #tiles = new Map<string, Tile>();
  readonly #asked = new Map<string, AbortController>();
  /** Not asked for again until the source changes. */
  readonly #failed = new Set<string>();
  readonly #painted = new Map<number, (pixels: TilePicture["pixels"]) => void>();
  readonly #source: TileSource;
  readonly #arrangement: Arrangement;
  readonly #ready: () => void;
  #next = 0;

  constructor(source: TileSource, arrangement: Arrangement, ready: () => void) {
    this.#source = source;
    this.#arrangement = arrangement;
    this.#ready = ready;
    this.#worker.addEventListener("message", ({ data }: MessageEvent<TilePicture>) => {
      this.#painted.get(data.id)?.(data.pixels);
      this.#painted.delete(data.id);
    });
  }

  /** The tile if it is here; `ask` has it fetched and painted where it is not. */
  get(level: number, index: number, ask: boolean): Tile | undefined {
    const key = `${level} ${index}`;
    const tile = this.#tiles.get(key);
    if (tile) {
      this.#tiles.delete(key);
      this.#tiles.set(key, tile);
    } else if (ask && !this.#asked.has(key) && !this.#failed.has(key) && this.#asked.size < mostAsked) this.#fetch(key, level, index);
    return tile;
  }

  /** Ends the worker; tiles under way are forgotten. */
  dispose(): void {
    this.#worker.terminate();
    for (const asked of this.#asked.values()) asked.abort();
  }

  #fetch(key: string, level: number, index: number): void {
    const asked = new AbortController();
    this.#asked.set(key, asked);
    this.#paint(level, index).then(
      (tile) => {
        if (asked.signal.aborted) return;
        this.#asked.delete(key);
        this.#tiles.set(key, tile);
        const [oldest] = this.#tiles.keys();
        if (this.#tiles.size > mostTiles && oldest !== undefined) this.#tiles.delete(oldest);
        this.#ready();
      },
      (error: unknown) => {
        if (asked.signal.aborted) return;
        this.#asked.delete(key);
        this.#failed.add(key);
        this.#source.failed(error);
      },
    );
  }

  async #paint(level: number, index: number): Promise<Tile> {
    const { cells, counted } = await this.#source.tile(level, index);
    const id = this.#next++;
    const request: TileRequest = {
      id,
      cells,
      present: Math.max(0, Math.min(tileCells, cellsAt(this.#source, level) - index * tileCells)),
      counted,
      table: placeTile(this.#arrangement, orderAt(this.#source, level), index).table,
      bands: this.#source.bands(level, index),
      ...this.#source.colours,
    };
    const pixels = await new Promise<TilePicture["pixels"]>((resolve) => {
      this.#painted.set(id, resolve);
      this.#worker.postMessage(request);
    });
    const picture = new OffscreenCanvas(tileSide, tileSide);
    picture.getContext("2d")?.putImageData(new ImageData(pixels, tileSide, tileSide), 0, 0);
    const free = Uint8Array.from({ length: tileCells }, (_, place) => (pixels[place * 4 + 3] === freeAlpha ? 1 : 0));
    return { picture, counted, free };
  }
}
