import { hexNumber } from "../../base/bytes.ts";
import type { Finding } from "../../findings/finding.ts";
import { defineRule } from "../../findings/registry.ts";
import { type BlockVerdict, fixedTags, type Volume } from "../../volume/volume.ts";
import type { RuleSet } from "./context.ts";

const unsealed = defineRule<{ block: bigint; tag: string }>({
  id: "trailer.unsealed",
  severity: "error",
  confidence: "certain",
  reference: "core reference 8.2, convention R3",
  states: "Blocks 0 to 9 carry a trailer.",
  title: ({ block }) => `Block ${block} has content and an all-zero trailer`,
  explanation: ({ block, tag }) =>
    `Block ${block} should carry a ${tag} trailer and carries none. The SDK's online operations rewrite blocks 0, 1 and 4 so; its own validator then refuses the volume.`,
  repair: { id: "trailer.seal", risk: "safe" },
});
const mismatch = defineRule<{ block: bigint; region: string; stored: string; computed: string }>({
  id: "trailer.mismatch",
  severity: "error",
  confidence: "certain",
  reference: "core reference 2.3",
  states: "The hash in a metadata block's trailer is the XXH64 of its payload.",
  title: ({ block, region }) => `Block ${block} (${region}) does not verify`,
  explanation: ({ stored, computed }) =>
    `Stored XXH64 ${stored}, computed ${computed}: payload or trailer were changed, or a write was torn.`,
  repair: { id: "trailer.restore", risk: "advisory" },
});
const stale = defineRule<{ block: bigint; stored: string; computed: string }>({
  id: "bmap.trailer-stale",
  severity: "error",
  confidence: "certain",
  reference: "core reference 3, 8.2",
  states: "The trailer of each bitmap block verifies.",
  title: ({ block }) => `The trailer of bitmap block ${block} is stale`,
  explanation: ({ stored, computed }) =>
    `Stored XXH64 ${stored}, computed ${computed}. The SDK's online region addition changes bits and keeps the old hash; a flipped bit looks the same.`,
  repair: { id: "bmap.rebuild", risk: "advisory" },
});
const misplaced = defineRule<{ block: bigint; tag: string; expected: string; region: string }>({
  id: "trailer.misplaced",
  severity: "error",
  confidence: "certain",
  reference: "convention R2",
  states: "A block that verifies carries the tag of its place.",
  title: ({ block, tag, expected }) => `Block ${block} is tagged ${tag}, its place asks for ${expected}`,
  explanation: ({ tag, region }) => `The trailer verifies, so this is a whole ${tag} block that was written into ${region}.`,
});
const fixedZero = defineRule<{ block: bigint; name: string }>({
  id: "trailer.never-written",
  severity: "error",
  confidence: "certain",
  reference: "core reference 1.1",
  states: "Blocks 0 to 9 and all bitmap blocks are written.",
  title: ({ block }) => `Block ${block} is all zero`,
  explanation: ({ block, name }) =>
    `Block ${block} should hold the ${name}. An all-zero block does not verify: it was never written, or it was wiped.`,
});
const firstZero = defineRule<{ region: string; block: bigint }>({
  id: "region.first-block-never-written",
  severity: "warning",
  confidence: "certain",
  reference: "core reference 1.4, 8.2; convention W4",
  states: "The first block of each region that the creator formats is written.",
  title: ({ region, block }) => `${region}: its first block (${block}) was never written`,
  explanation: ({ region }) =>
    `${region} is in the region tables, but its first block is all zero. The SDK's online addition leaves new regions so; its readers then refuse the region.`,
  repair: { id: "region.format", risk: "safe" },
});
const firstWiped = defineRule<{ region: string; block: bigint; next: bigint }>({
  id: "region.first-block-wiped",
  severity: "error",
  confidence: "likely",
  reference: "core reference 1.4",
  states: "A region that the creator leaves unwritten is written from its first block on.",
  title: ({ region, block }) => `${region}: its first block (${block}) is all zero, later ones are not`,
  explanation: ({ region, block, next }) =>
    `The creator leaves ${region} unwritten, and whoever fills it begins with its first block. Block ${next} has content, so block ${block} had too: it was wiped, or its write was lost.`,
});
const unread = defineRule<{ block: bigint; region: string }>({
  id: "region.block-unread",
  severity: "error",
  confidence: "certain",
  reference: "convention R2",
  states: "Every metadata block can be read.",
  title: ({ block, region }) => `Block ${block} (${region}) cannot be read`,
  explanation: ({ block }) => `The source failed to hand over block ${block}. What it holds is unknown.`,
});

const names = ["superblock", "region pointer table", "extended metadata", "integrity anchor"];
/** Regions that the creator leaves unwritten. Core reference 1.4. */
const leftUnwritten = new Set(["POLV", "ENCR", "STRE", "WORM", "COLR"]);

/** Every stored metadata block against what its place asks for. */
export const sealingRules: RuleSet = async ({ volume, report, signal }) => {
  for (let block = 0n; block < BigInt(fixedTags.length) && block < volume.fileBlocks; block++) {
    const verdict = volume.judge(block, volume.head[Number(block)]?.bytes);
    const name = block === 8n ? "region directory" : block === 9n ? "region directory's header" : (names[Number(block % 4n)] ?? "");
    const repair = headRepair(volume, Number(block));
    const mending = (finding: Finding): void => report(finding.rule === unsealed.id ? finding : { ...finding, repair });
    if (verdict.state === "never-written") mending(fixedZero({ block, name }, { block }));
    else judgeStored(verdict, mending, volume.blockBytes);
  }
  for (const region of volume.ownRegions) {
    if (region.startBlock < 10n || region.blockCount <= 0n || region.name === "DataRegion") continue;
    const stream = region.kind === "MWAL" || region.kind === "DWAL";
    const end = stream ? region.startBlock + 1n : region.startBlock + region.blockCount;
    let next = region.startBlock;
    const zeroRun = (upTo: bigint, isFollowed: boolean) => {
      // Bitmap blocks are all written by the creator; elsewhere only the first block is.
      if (region.kind === "BMAP") {
        for (let block = next; block < upTo && block < next + 1000n; block++)
          report({
            ...fixedZero({ block, name: "allocation bitmap" }, { region: region.tag, slot: region.slot, block }),
            repair: { id: "bmap.rebuild", risk: "advisory" },
          });
      } else if (next === region.startBlock && upTo > next) {
        const place = { region: region.tag, slot: region.slot, block: next };
        if (!leftUnwritten.has(region.kind)) report(firstZero({ region: region.name, block: next }, place));
        else if (isFollowed) report(firstWiped({ region: region.name, block: next, next: upTo }, place));
      }
    };
    await volume.reader.walk(
      region.startBlock,
      end,
      (block, bytes) => {
        const verdict = volume.judge(block, bytes);
        if (verdict.state === "never-written") return;
        if (block > next) zeroRun(block, true);
        next = block + 1n;
        // Where regions overlap the block is judged once, for the smaller one.
        if (verdict.region?.slot === region.slot) judgeStored(verdict, report, volume.blockBytes);
      },
      signal,
    );
    const last = end < volume.fileBlocks ? end : volume.fileBlocks;
    if (next < last) zeroRun(last, false);
  }
};

/** How a damaged block of the head is mended: from its copy where that one verifies; the directory from the pointer table. Operations reference 15.3. */
function headRepair(volume: Volume, block: number): Finding["repair"] {
  if (block >= 8) return { id: "rd.rewrite", risk: "advisory" };
  if (!volume.head[(block + 4) % 8]?.trailer.verified && block % 4 !== 1) return undefined;
  return { id: block < 4 ? "supb.rewrite-primary" : "supb.rewrite-mirror", risk: "advisory" };
}

function judgeStored(
  { block, state, region, expectedTag, trailer }: BlockVerdict,
  report: Parameters<RuleSet>[0]["report"],
  blockBytes: number,
): void {
  const name = region?.name ?? "superblock group";
  const place = { region: region?.tag, slot: region?.slot, block };
  const trailerPlace = { ...place, byteOffset: (block + 1n) * BigInt(blockBytes) - 16n, byteLength: 16 };
  if (state === "unread") report(unread({ block, region: name }, place));
  if (!trailer) return;
  const hashes = { stored: hexNumber(trailer.xxHash64Checksum, 16), computed: hexNumber(trailer.computed, 16) };
  if (state === "unsealed" || (state === "damaged" && trailer.zero && block < 10n))
    report(unsealed({ block, tag: expectedTag ?? "" }, trailerPlace));
  else if (state === "damaged" && region?.kind === "BMAP") report(stale({ block, ...hashes }, trailerPlace));
  else if (state === "damaged") {
    const finding = mismatch({ block, region: name, ...hashes }, place);
    const holdsDescriptor = region?.kind === "INOD" && block === region.startBlock;
    report(holdsDescriptor ? { ...finding, repair: { id: "inod.restore-descriptor", risk: "advisory" } } : finding);
  } else if (state === "misplaced") report(misplaced({ block, tag: trailer.tag, expected: expectedTag ?? "", region: name }, trailerPlace));
}
