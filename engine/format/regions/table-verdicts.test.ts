import { describe, expect, it } from "vitest";
import { toJson } from "../../base/json.ts";
import { goldenBytes, goldenJson } from "../../testing/golden.ts";
import { type RegionBlocks, type RegionDecoder, regionCodecs } from "./index.ts";
import { distinctKeys } from "./tagi-judge.ts";
import { loadAsSdk, reachNodes } from "./tagi-tree.ts";
import { xrefCodecOf } from "./xref.ts";

interface Row {
  region: string;
  reader: string;
  golden: string;
  blocks: number;
  case: string;
  blockOrder?: number[];
  zeroBlocks?: number[];
  patches?: { block: number; offset: number; hex: string }[];
  truncateTo?: number;
  blockCount?: number;
  blockSize?: number;
  sdk: string;
  sameAsUndamaged: boolean;
}

const regions = new Set(["TAGI", "CLOG", "DICT", "XREF", "STRE", "WORM", "CMVT", "ALOG", "ANON"]);
/** Rows on what a caller hands over (a buffer that is too short, a block count that is not the buffer's) say nothing of a volume. */
const isOfVolume = ({ region, blocks, blockCount = blocks, blockSize, truncateTo = blocks * 4096 }: Row): boolean =>
  blockSize === undefined && blockCount >= 1 && (region === "TAGI" ? truncateTo === blocks * 4096 : truncateTo === blockCount * 4096);
const rows: Row[] = goldenJson("reader-verdicts-other").rows.filter((row: Row) => regions.has(row.region) && isOfVolume(row));

const decoders: Readonly<Record<string, RegionDecoder>> = {
  "CrossVdeReferenceRegion.Deserialize": xrefCodecOf("references"),
  "VdeSeparationManager.Deserialize": xrefCodecOf("separation"),
  "VdeFederationRegion.Deserialize": xrefCodecOf("federation"),
};

const images = new Map<string, Uint8Array>();
function imageOf(name: string): Uint8Array {
  const image = images.get(name) ?? goldenBytes(name);
  images.set(name, image);
  return image;
}

/** The blocks that a row hands to the reader. */
function blocksOfRow(row: Row): RegionBlocks {
  const { expect: golden } = goldenJson(row.golden);
  const blockBytes: number = golden.superblock.blockSize;
  const { startBlock } = golden.regions.find((region: { tag: string }) => region.tag === row.region);
  const image = imageOf(row.golden);
  const stored = Array.from({ length: row.blocks }, (_, index) =>
    image.slice((startBlock + index) * blockBytes, (startBlock + index + 1) * blockBytes),
  );
  const blocks = row.blockOrder ? row.blockOrder.map((index) => (stored[index] ?? new Uint8Array(0)).slice()) : stored;
  for (const index of row.zeroBlocks ?? []) blocks[index]?.fill(0);
  for (const { block, offset, hex } of row.patches ?? []) blocks[block]?.set(Buffer.from(hex, "hex"), offset);
  const blockCount = Math.min(row.blockCount ?? row.blocks, blocks.length);
  return { blockBytes, blockCount, startBlock: BigInt(startBlock), block: (index) => (index < blockCount ? blocks[index] : undefined) };
}

/** What the SDK's reader sees by our codec: its exception, or the content as it sees it. */
function sdkView(row: Row): unknown {
  const codec = decoders[row.reader] ?? regionCodecs.get(row.region);
  const { content, sdkReads } = codec?.read(blocksOfRow(row)) ?? {};
  return toJson(sdkReads ?? content ?? null);
}

const tables = rows.filter(({ region }) => region !== "TAGI");

describe.each([...new Set(tables.map(({ reader }) => reader))])("damage before %s", (reader) => {
  const own = tables.filter((row) => row.reader === reader);
  const undamaged = own.find((row) => row.case === "undamaged");
  it.each(own)("$case", (row) => {
    const view = sdkView(row);
    if (row.sdk.startsWith("ok")) expect(typeof view).toBe("object");
    else expect(view).toBe(row.sdk);
    expect(JSON.stringify(view) === JSON.stringify(undamaged && sdkView(undamaged))).toBe(row.sameAsUndamaged);
  });
  it("is the same to the codec where it is the same to the SDK", () => {
    const byMark = new Map<string, Set<string>>();
    for (const row of own) {
      const mark = /records sha256 (\w+)/.exec(row.sdk)?.[1];
      if (mark === undefined) continue;
      const lists = Object.values(sdkView(row) as Record<string, unknown>).filter(Array.isArray);
      byMark.set(mark, (byMark.get(mark) ?? new Set()).add(JSON.stringify(lists)));
    }
    for (const [mark, views] of byMark) expect(views.size, mark).toBe(1);
    expect(new Set([...byMark.values()].flatMap((views) => [...views])).size).toBe(byMark.size);
  });
});

describe("damage before the tag index", () => {
  it.each(rows.filter(({ region }) => region === "TAGI"))("$golden: $case", (row) => {
    const sdk = loadAsSdk(blocksOfRow(row));
    if (!row.sdk.startsWith("ok")) {
      expect(sdk).toBe(row.sdk);
      return;
    }
    if (typeof sdk === "string") throw new TypeError(sdk);
    const sound = rows.find(({ golden, case: name }) => golden === row.golden && name === "undamaged");
    const keys = sound ? distinctKeys(reachNodes(blocksOfRow(sound))) : [];
    const answers = keys.map((key) => sdk.lookupAll(key));
    const hits = answers.find((answer) => typeof answer === "string") ?? answers.filter((answer) => answer.length > 0).length;
    const said = `entryCount ${sdk.entryCount}, iterate ${sdk.iterate()}, lookup hits ${hits}, requiredBlocks ${sdk.requiredBlocks}, generation ${sdk.generation}`;
    expect(`ok: ${said}`).toBe(row.sdk);
  });
});
