import { type MvccVersion, mvccCodec } from "../../../format/regions/mvcc.ts";
import { type ZmapContent, type ZoneMapEntry, zmapCodec } from "../../../format/regions/zmap.ts";
import { writtenBlocks } from "../../../testing/golden-region.ts";
import { describeRules } from "../../../testing/rule-cases.ts";
import { regionFinding } from "./index.ts";

const zone = (index: number): ZoneMapEntry => ({
  ...{ minValue: -5n, maxValue: 5n, nullCount: 1, rowCount: 10, extentStartBlock: BigInt(200 + 4 * index), extentBlockCount: 4 },
});
const zones = (counts: number[]): ZmapContent => ({
  entryCounts: counts,
  entries: Array.from({ length: counts.reduce((sum, count) => sum + count, 0) }, (_, index) => zone(index)),
});
const inMap =
  (change: Partial<ZoneMapEntry> = {}, blocks: (blocks: Uint8Array[]) => void = () => undefined, counts = [12]) =>
  (): string[] => {
    const content = zones(counts);
    Object.assign(content.entries[3] ?? {}, change);
    const written = zmapCodec.write(content, 512);
    blocks(written);
    const region = writtenBlocks(written);
    return zmapCodec
      .read(region, { totalBlocks: 1280n })
      .problems.map((problem) => regionFinding(problem, region, { region: "DATA" }).rule);
  };

describeRules("zone map indexes", {
  subjects: ["zmap"],
  sound: inMap(),
  cases: [
    { rule: "zmap.entry-count", found: inMap({}, ([first]) => first?.set([13], 0)) },
    { rule: "zmap.values-unordered", found: inMap({ minValue: 6n }) },
    { rule: "zmap.null-count", found: inMap({ nullCount: 11 }) },
    { rule: "zmap.null-count", found: inMap({ nullCount: -1 }) },
    { rule: "zmap.extent-range", found: inMap({ extentStartBlock: 1279n }) },
    { rule: "zmap.extent-duplicate", found: inMap({ extentStartBlock: 200n }) },
    { rule: "zmap.sdk-loads-first", found: inMap({}, undefined, [12, 3]) },
    { rule: "zmap.reserved-not-zero", found: inMap({}, ([first]) => first?.set([1], 4 + 3 * 40 + 37)) },
  ],
});

/** Three versions of inode 7, each behind the one before. */
const inStore =
  (change: Partial<MvccVersion> = {}, blocks: (blocks: Uint8Array[]) => void = () => undefined) =>
  (): string[] => {
    const versions = [0, 1, 2].map(
      (index): MvccVersion => ({
        ...{
          block: BigInt(1099 + index),
          transactionId: BigInt(100 + index),
          inodeNumber: 7n,
          dataLength: 18,
          dataSha256: "",
          checksumOk: true,
        },
        previousVersionBlock: index === 0 ? 0n : BigInt(1098 + index),
      }),
    );
    Object.assign(versions[0] ?? {}, change);
    const written = mvccCodec.write({ versions }, 4096, { data: versions.map(() => new Uint8Array(18).fill(3)) });
    blocks(written);
    const region = writtenBlocks(written, 8);
    return mvccCodec.read(region).problems.map((problem) => regionFinding(problem, region, { region: "DATA" }).rule);
  };

describeRules("version stores", {
  subjects: ["mvcc"],
  sound: inStore(),
  cases: [
    { rule: "mvcc.length-range", found: inStore({}, ([first]) => first?.set([0xff, 0xff], 24)) },
    { rule: "mvcc.checksum", found: inStore({}, ([first]) => first?.set([4], 30)) },
    {
      rule: "mvcc.chain-cycle",
      found: inStore({ previousVersionBlock: 1101n }),
      also: { "mvcc.transaction-order": "somewhere in a circle a transaction is not later" },
    },
    { rule: "mvcc.chain-outside", found: inStore({ previousVersionBlock: 5n }) },
    { rule: "mvcc.inode-differs", found: inStore({ inodeNumber: 8n }) },
    { rule: "mvcc.transaction-order", found: inStore({ transactionId: 101n }) },
    { rule: "mvcc.slack-not-zero", found: inStore({}, ([first]) => first?.set([1], 4095)) },
  ],
});
