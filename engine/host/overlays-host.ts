import { RpcTarget } from "capnweb";
import {
  type BlockChange,
  compareRequest,
  type DifferenceApi,
  type DifferenceRow,
  type DifferenceView,
  imageId,
  newOverlayRequest,
  type OverlayRow,
  type OverlaysApi,
  overlayIdRequest,
  planRowsRequest,
  slotRequest,
  type VolumeApi,
} from "../contract/index.ts";
import { EngineError, unixMsToTicks } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import { compareStates, type StateComparison } from "./overlay-compare.ts";
import type { OverlayShelf } from "./overlay-shelf.ts";
import { planCommit } from "./overlays.ts";
import { PlanHost } from "./plan.ts";
import { parse } from "./requests.ts";
import { compareBlock } from "./source-difference.ts";

/** A client's handle on the overlays of the image of one open volume. */
export class OverlaysHost extends RpcTarget implements OverlaysApi {
  readonly #opened: OpenVolume;
  readonly #shelf: OverlayShelf;
  readonly #handle: (opened: OpenVolume) => VolumeApi;
  readonly #openImage: (path: string) => Promise<OpenVolume>;

  constructor(
    opened: OpenVolume,
    shelf: OverlayShelf,
    { handle, openImage }: { handle: (opened: OpenVolume) => VolumeApi; openImage: (path: string) => Promise<OpenVolume> },
  ) {
    super();
    this.#opened = opened;
    this.#shelf = shelf;
    this.#handle = handle;
    this.#openImage = openImage;
  }

  /** The image's path. VOLUME_READ_ONLY where it has none. */
  get #image(): string {
    const { path } = this.#opened.source;
    if (path === undefined) throw new EngineError("VOLUME_READ_ONLY", { reason: "its bytes are the page's" });
    return path;
  }

  async rows(): Promise<OverlayRow[]> {
    return this.#shelf.rows(this.#image, this.#opened.source.overlay?.id);
  }
  async open(id?: string): Promise<VolumeApi> {
    return this.#handle(await this.#shelf.open(this.#image, parse(newOverlayRequest, "open", id)));
  }
  async image(): Promise<VolumeApi> {
    return this.#handle(await this.#openImage(this.#image));
  }

  async planCommit(id: string): Promise<PlanHost> {
    const path = await this.#shelf.resolve(this.#image, parse(overlayIdRequest, "planCommit", id));
    const opened = this.#opened;
    if (opened.source.overlay)
      throw new EngineError("REQUEST_INVALID", { call: "planCommit", problem: "a commit is planned on the image, not on an overlay" });
    const { plan, close } = await planCommit(opened.stored.volume, path, { now: unixMsToTicks(Date.now()) });
    return new PlanHost(opened, plan, { close });
  }

  async drop(id: string): Promise<void> {
    await this.#shelf.drop(this.#image, parse(overlayIdRequest, "drop", id));
  }

  async compare(before: string, after: string): Promise<DifferenceApi> {
    const asked = parse(compareRequest, "compare", { before, after });
    const pathOf = async (id: string) => (id === imageId ? undefined : this.#shelf.resolve(this.#image, id));
    return new DifferenceHost(await compareStates(this.#image, { before: await pathOf(asked.before), after: await pathOf(asked.after) }));
  }
}

/** A client's handle on two states of an image. */
class DifferenceHost extends RpcTarget implements DifferenceApi {
  readonly #compared: StateComparison;

  constructor(compared: StateComparison) {
    super();
    this.#compared = compared;
  }

  async view(): Promise<DifferenceView> {
    const { difference, base } = this.#compared;
    return {
      changedBlocks: difference.changedBlocks,
      rowCount: difference.runs.length,
      byteLength: difference.byteLength,
      notes: [base.before, base.after].flatMap((state) => {
        if (!state) return [];
        if ("changed" in state)
          return [`The image was changed since the overlay was made, at block ${state.changed}: it cannot be committed.`];
        return state.held > 0 ? [`The image holds ${state.held} of the overlay's changes already.`] : [];
      }),
    };
  }

  async rows(start: number, count: number): Promise<DifferenceRow[]> {
    const asked = parse(planRowsRequest, "rows", { start, count });
    const { before, after, difference } = this.#compared;
    const size = BigInt(difference.blockBytes);
    return Promise.all(
      difference.runs.slice(asked.start, asked.start + asked.count).map(async ({ block, blockCount, structure, region }) => {
        const range = { start: block * size, end: (block + blockCount) * size };
        const row = { block, blockCount, structure, region, range };
        if (blockCount > 1n) return row;
        const hashes = await compareBlock(before, after, block);
        return { ...row, before: hashes.before.slice(0, 8), after: hashes.after.slice(0, 8) };
      }),
    );
  }

  async change(row: number): Promise<BlockChange> {
    const run = this.#compared.difference.runs[parse(slotRequest, "change", row)];
    if (!run) throw new EngineError("REQUEST_INVALID", { call: "change", problem: "there is no such row" });
    const { structure, differingBytes, fields, more } = await compareBlock(this.#compared.before, this.#compared.after, run.block);
    return { block: run.block, structure, differingBytes, fields, more };
  }

  /** The client has let go of it. */
  [Symbol.dispose](): void {
    void this.#compared.close();
  }
}
