import { create } from "zustand";
import type { BlockView, ByteRun, VolumeApi, VolumeId } from "../../engine/contract/index.ts";

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
