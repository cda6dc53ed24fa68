import { create } from "zustand";
import type { BlockView, ByteRun, VolumeApi, VolumeId } from "../../engine/contract/index.ts";
import { runHostTask, runTask } from "./tasks.ts";

/** A block as it was read: what lies in it, and which of its bytes are holes or could not be read. */
export interface ReadBlock {
  view: BlockView;
  holes: ByteRun["holes"];
  unread: ByteRun["unread"];
}
interface HexState {
  blocks: { readonly [volume: VolumeId]: ReadonlyMap<bigint, ReadBlock> };
  /** Why a block could not be asked for, by block. */
  failures: { readonly [volume: VolumeId]: ReadonlyMap<bigint, string> };
}
const noBlocks: ReadonlyMap<bigint, ReadBlock> = new Map();
const noFailures: ReadonlyMap<bigint, string> = new Map();
/** Blocks kept for each volume: more than any window shows. */
const mostBlocks = 96;

export const useHex = create<HexState>()(() => ({ blocks: {}, failures: {} }));
export const selectBlocks = (id: VolumeId) => (state: HexState) => state.blocks[id] ?? noBlocks;
export const selectFailures = (id: VolumeId) => (state: HexState) => state.failures[id] ?? noFailures;

type BlockReader = { id: VolumeId; api: Pick<VolumeApi, "block" | "bytes"> };
const underWay = new Map<VolumeId, Set<bigint>>();

/** Reads the blocks that are not here yet; each shows as it arrives, the oldest make room. */
export async function readBlocks(volume: BlockReader, wanted: readonly bigint[], blockBytes: number): Promise<void> {
  const asked = underWay.get(volume.id) ?? new Set();
  underWay.set(volume.id, asked);
  const { blocks, failures } = useHex.getState();
  const missing = wanted.filter((block) => !asked.has(block) && !blocks[volume.id]?.has(block) && !failures[volume.id]?.has(block));
  await Promise.all(missing.map((block) => readBlock(volume, block, blockBytes, asked)));
}

async function readBlock(volume: BlockReader, block: bigint, blockBytes: number, asked: Set<bigint>): Promise<void> {
  asked.add(block);
  try {
    const [view, run] = await Promise.all([volume.api.block(block), volume.api.bytes(block * BigInt(blockBytes), blockBytes)]);
    useHex.setState((state) => {
      const kept = [...(state.blocks[volume.id] ?? noBlocks)].slice(1 - mostBlocks);
      const blocks = new Map([...kept, [block, { view, holes: run.holes, unread: run.unread }] as const]);
      return { blocks: { ...state.blocks, [volume.id]: blocks } };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    useHex.setState((state) => {
      const failed = new Map(state.failures[volume.id] ?? noFailures).set(block, reason);
      return { failures: { ...state.failures, [volume.id]: failed } };
    });
  } finally {
    asked.delete(block);
  }
}

/** Forgets what was read of a volume, so that a changed source is read again. */
export function forgetBlocks(id: VolumeId): void {
  useHex.setState(({ blocks, failures }) => ({ blocks: { ...blocks, [id]: noBlocks }, failures: { ...failures, [id]: noFailures } }));
}

/** Where the pattern lies, from `from` on: the first hit, or nothing where there is none. `pattern` is hex bytes where it reads as such pairs. */
export async function findBytes(
  volume: { api: Pick<VolumeApi, "search"> },
  pattern: string,
  from: bigint,
): Promise<{ start: bigint; end: bigint } | undefined> {
  const as = /^(?:[0-9a-f?]{2}\s*)+$/i.test(pattern) ? "bytes" : "text";
  const found = await runHostTask("Find", () => volume.api.search({ pattern, as, start: from, limit: 1 }));
  const hit = found?.hits[0];
  return hit && { start: hit.start, end: hit.start + BigInt(hit.byteLength) };
}

/** The last hit before `before`; undefined where there is none. */
export async function findBytesBefore(
  volume: { api: Pick<VolumeApi, "search"> },
  pattern: string,
  before: bigint,
): Promise<{ start: bigint; end: bigint } | undefined> {
  const as = /^(?:[0-9a-f?]{2}\s*)+$/i.test(pattern) ? "bytes" : "text";
  const found = await runHostTask("Find", () => volume.api.search({ pattern, as, end: before, limit: 10_000 }));
  const hit = found?.hits.at(-1);
  return hit && { start: hit.start, end: hit.start + BigInt(hit.byteLength) };
}

/** The place that an expression names; undefined where it names none, which is then shown. */
export const locate = (volume: { api: Pick<VolumeApi, "locate"> }, expression: string) =>
  runTask("Go to", () => volume.api.locate(expression));
