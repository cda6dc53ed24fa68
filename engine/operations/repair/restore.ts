import { breathe } from "../../base/breathe.ts";
import { checksum } from "../../base/checksum.ts";
import {
  hasModule,
  inodeLayoutBlock,
  isKnownTag,
  judgeTrailer,
  modules,
  planInodeLayout,
  sealBlock,
  type TrailerVerdict,
  trailerBytes,
} from "../../format/core/index.ts";
import type { Mending, Repair } from "./mending.ts";

/** A block that is looked at bit by bit; longer ones would take minutes. */
const mostBlockBytes = 16_384;
/** Blocks that are looked at in one pass: each may take tenths of a second. */
const mostLooked = 128;
const mostFlippedHashBits = 1;

/** What a block held, proved by its stored hash, and how that was found out. */
interface Restored {
  payload: Uint8Array;
  words: string;
}

/**
 * Brings blocks back whose stored hash proves what they held: nothing yet, the layout descriptor of this manifest, or what stands there but
 * for one bit. The hash has 64 bits, so that no other content fits it. Core reference 2.3, operations reference 3.6.
 */
export const restoreRepair: Repair = {
  ids: ["trailer.restore", "inod.restore-descriptor"],
  mend: async (mending) => {
    const { volume, edit, findings, context, say, warn, postpone } = mending;
    let isChanged = false;
    let looked = 0;
    let left = 0n;
    for (const finding of findings) {
      const { block, blockCount = 1n } = finding;
      if (block === undefined) continue;
      for (let at = block; at < block + blockCount; at++) {
        if (edit.room < 1) {
          postpone(finding);
          break;
        }
        if (looked >= mostLooked) {
          left += block + blockCount - at;
          break;
        }
        const bytes = await edit.block(at);
        const trailer = judgeTrailer(bytes);
        // Records that lie one behind the other run through trailers.
        const isRecord = context.inodes?.placement === "flat" && volume.regionOf(at)?.slot === context.inodes.region.slot;
        if (trailer.verified || isRecord) continue;
        looked++;
        const isDescriptor = context.inodes?.region.startBlock === at;
        const restored = (isDescriptor ? findDescriptor(mending, bytes, trailer) : undefined) ?? (await findPayload(bytes, trailer));
        // The block becomes what it was, its generation too: all blocks of a structure carry one.
        const tag = isKnownTag(trailer.tag) ? trailer.tag : isDescriptor ? "INOD" : (volume.regionOf(at)?.tag ?? trailer.tag);
        const generation = trailer.zero ? 1 : trailer.generationNumber;
        if (!restored) warn(`Block ${at} stays damaged: its stored hash fits nothing that it could have held.`);
        else {
          await edit.put(at, sealBlock(restored.payload, tag, generation), "Bring the block back");
          say(`Bring block ${at} back: ${restored.words}.`);
          isChanged = true;
        }
      }
    }
    if (left > 0n) warn(`${left} damaged blocks more are not looked at: the first ${mostLooked} are, each bit by bit.`);
    return isChanged;
  },
};

/** What a payload may have been by its stored hash alone. */
export async function findPayload(
  block: Uint8Array,
  { xxHash64Checksum: stored, computed }: TrailerVerdict,
): Promise<Restored | undefined> {
  const payload = block.subarray(0, -trailerBytes);
  if (countBits(stored ^ computed) <= mostFlippedHashBits) return { payload: block, words: "one bit of its stored hash was changed" };
  if (checksum.xxh64(new Uint8Array(payload.length)) === stored)
    return { payload: new Uint8Array(block.length), words: "its stored hash proves that it was empty" };
  if (block.length > mostBlockBytes) return undefined;
  const tried = block.slice();
  const triedPayload = tried.subarray(0, -trailerBytes);
  for (let at = 0; at < payload.length; at++) {
    if (at % 1024 === 0) await breathe();
    for (let bit = 0; bit < 8; bit++) {
      tried[at] = (block[at] ?? 0) ^ (1 << bit);
      if (checksum.xxh64(triedPayload) === stored)
        return { payload: tried, words: `its stored hash proves that bit ${bit} of byte ${at} was changed` };
    }
    tried[at] = block[at] ?? 0;
  }
  return undefined;
}

function countBits(word: bigint): number {
  let count = 0;
  for (let rest = word; rest > 0n; rest &= rest - 1n) count++;
  return count;
}

/**
 * The first block of the inode table where its stored hash proves what it held, or where what it holds is the descriptor of this manifest
 * and its trailer alone is lost. The SDK ORs bitmap bits into that block when the bitmap is full. Operations reference 3.6.
 */
function findDescriptor(
  { volume, edit }: Mending,
  block: Uint8Array,
  { xxHash64Checksum: stored, computed }: TrailerVerdict,
): Restored | undefined {
  const manifest = edit.superblock.moduleManifest;
  const candidates = [manifest, volume.superblock?.moduleManifest ?? manifest].flatMap((bits) => [
    bits,
    ...modules.filter(({ id }) => hasModule(bits, id)).map(({ id }) => (bits & ~(1 << id)) >>> 0),
  ]);
  for (const candidate of candidates) {
    const trailer = { blockTypeTag: 0, generationNumber: 0, xxHash64Checksum: 0n };
    const payload = inodeLayoutBlock.encode({ layoutDescriptor: planInodeLayout(candidate), trailer }, { byteLength: block.length });
    const hash = judgeTrailer(payload).computed;
    if (hash === stored) return { payload, words: "its stored hash proves that it held the inode layout descriptor" };
    if (hash === computed && candidate === manifest)
      return { payload, words: "it holds the inode layout that the manifest gives, and its trailer alone is lost" };
  }
  return undefined;
}
