import { describe, expect, it } from "vitest";
import { MemoryDevice } from "../device/memory-device.ts";
import type { Finding } from "../findings/finding.ts";
import { applyCreateVolume, planCreateVolume } from "../operations/create-volume.ts";
import { goldenBytes, goldenDevice, goldenJson, goldenKeys, goldenNames } from "../testing/golden.ts";
import { creationProfiles } from "../volume/creation-profiles.ts";
import { openVolume } from "../volume/open.ts";
import { checkVolume } from "./check.ts";

/** Wordings of the goldens and the rules that stand for them; # is the tag that the wording begins with. */
const topics: readonly [wording: RegExp, rules: string][] = [
  [/^ALOG: a used block is all zero/, "alog.block-damaged"],
  [/^ALOG: hash chain broken/, "alog.chain-broken"],
  [/^ALOG: NextSequenceNumber differs/, "alog.next-sequence-differs"],
  [/^ALOG: at least 86 free bytes/, "alog.sdk-misreads"],
  [/^CMVT: trailer tag wrong/, "cmvt.block-foreign"],
  [/^CMVT: at least 132 free bytes/, "cmvt.sdk-misreads"],
  [/^XREF: at least 1 free bytes/, "xref.sdk-misreads"],
  [/^XREF: last used block has no trailer/, "xref.block-damaged"],
  [/^TAGI: leaf chain has a cycle/, "tagi.chain-cycle"],
  [/^TAGI: leaf chain does not reach/, "tagi.chain-differs"],
  [/^TAGI: checksum of block/, "tagi.block-damaged"],
  [/^TAGI: bloom filter overlaps/, "tagi.filter-overlaps-trailer"],
  [/^TAGI: internal node overflows/, "tagi.internal-overflow"],
  [/^TAGI: leaf overflows/, "tagi.leaf-overflow"],
  [/^STRE: checksum wrong/, "stre.block-damaged"],
  [/^MLOG: last used block has no trailer/, "mlog.block-unsealed"],
  [/^MLOG: slack bytes/, "mlog.slack-not-zero"],
  [/^MLOG: content not recognised/, "mlog.not-recognised"],
  [/^(MLOG|INTE): (trailer|checksum) of block/, "mlog.block-damaged inte.block-damaged"],
  [/^INTE: stale blocks/, "inte.stale-blocks"],
  [/^INTE: count negative/, "inte.count-negative"],
  [/^OPJR: a used block is all zero/, "opjr.block-damaged"],
  [/^OPJR: header counters/, "opjr.active-differs opjr.oldest-differs opjr.newest-differs"],
  [/^OPJR: TotalOperations differs/, "opjr.total-differs"],
  [/^ZNSM: several rows for one zone/, "znsm.zone-duplicate"],
  [/^BTRE: separator keys without a leaf entry/, "btre.separator-without-entry btre.key-unreachable"],
  [/^CLOG: checksum of block/, "clog.block-damaged"],
  [/^CLOG: duplicate GroupId/, "clog.id-duplicate"],
  [/^CLOG: generation differs/, "clog.generations-differ"],
  [/^CLOG: stale blocks/, "clog.stale-blocks"],
  [/^CLOG: slack bytes/, "clog.slack-not-zero"],
  [/^ANON: count exceeds/, "anon.blocks-exceed-region"],
  [/^first blocks of DICT/, "slot.past-file"],
  [/^foreign data in POLV/, "polv.block-damaged"],
  [/^48 data blocks referenced by inodes/, "inod.extent-in-region"],
  [/^header seal stale/, "seal.header-stale"],
  [/^metadata chain hash stale/, "seal.chain-stale"],
  [/^block \d+: zero trailer$/, "trailer.unsealed"],
  [/^blocks? [\d-]+: all zero$/, "trailer.never-written"],
  [
    /^(BMAP block|block \d+|bitmap block \d+|INOD block): trailer (does not verify|hash does not match)$/,
    "trailer.mismatch bmap.trailer-stale claim.scratch-block",
  ],
  [/^block \d+: torn write at byte/, "trailer.mismatch"],
  [/^(block 5: mirror pointer table differs|primary and mirror superblock groups differ)/, "rpt.mirror-behind supb.mirror-differs"],
  [/^block 4: mirror superblock differs/, "supb.mirror-differs"],
  [/^(stored inode layout descriptor differs)/, "inod.layout-differs"],
  [
    /^region directory and (region )?pointer table differ( in UsedBlocks|: slot of .*)?$/,
    "rpt.tables-differ rpt.used-blocks-differ rd.unreadable",
  ],
  [/^region pointer table and region directory differ/, "rpt.tables-differ"],
  [/^DATA slot overlaps region/, "region.inside-data"],
  [/^regions (overlap: |.* overlap at)/, "region.overlap region.inside-data"],
  [/first block never written$/, "region.first-block-never-written wal.header-missing"],
  [/^data log header missing$/, "wal.header-missing"],
  [/^metadata log: committed transaction (not fully applied|without completion)/, "mwal.pending-committed"],
  [/^metadata log: uncommitted/, "mwal.uncommitted"],
  [/^metadata log: transaction complete but header/, "mwal.header-behind"],
  [/^metadata log: committed transaction larger/, "mwal.overrun"],
  [/^metadata log: header block damaged/, "wal.header-damaged"],
  [/^metadata log: TailOffset outside/, "wal.header"],
  [/^block 2: begins with an inode layout descriptor/, "claim.descriptor-in-block-2"],
  [/^block 7: padding-claim scratch record/, "claim.scratch-block"],
  [/^superblock InodeSize differs from the stored/, "inod.size-differs"],
  [/^(superblock InodeSize differs from the one of the manifest|InodeSize (304 )?does not match the manifest)/, "supb.inode-size"],
  [/^layout descriptor: InodeSize differs/, "inod.size-differs"],
  [/^layout descriptor: (modules|entries)/, "inod.descriptor"],
  [/^FreeBlocks (is -?\d+, the bitmap|differs)/, "bmap.free-blocks"],
  [/^(FreeBlocks|TotalAllocatedBlocks) (negative|greater)/, "supb.counter"],
  [/^ExpectedFileSize is not/, "supb.counter"],
  [/^created after modified/, "supb.times"],
  [/^file longer than/, "file.longer"],
  [/^file shorter than/, "file.shorter"],
  [/^file length differs/, "file.longer file.shorter"],
  [/^file length not a multiple/, "file.uneven-length"],
  [/^data past the end of the data region/, "data.past-region"],
  [/^region(s)? .*(ends?|end) past the end of the file$/, "slot.past-file"],
  [/^regions? (.* )?(ends? past TotalBlocks|is outside the volume|starts before block 0|has no blocks)/, "slot.range"],
  [/^\w+ region (ends past TotalBlocks|starts before block 0|has no blocks)/, "slot.range"],
  [/^\w+ slot: UsedBlocks/, "slot.used-blocks"],
  [/^no data region/, "region.no-data-region"],
  [/^(allocation bitmap marks blocks past|\d+ bits set at or past|bitmap bit set past)/, "bmap.past-end"],
  [/of its blocks are free in the bitmap$/, "bmap.metadata-free"],
  [/^metadata blocks? ([\d-]+ )?marked free/, "bmap.metadata-free"],
  [/allocated (blocks belong to no region|but owned by nothing)/, "bmap.unowned"],
  [/^allocated data not marked/, "bmap.extent-free data.past-region bmap.free-blocks"],
  [/^slots differ from the creator/, "layout.differs"],
  [/^slot tagged DATA is a module region/, "region.data-tag"],
  [/^primary superblock group damaged, mirror good/, "trailer.mismatch trailer.never-written supb.mirror-used"],
  [/^mirror superblock group damaged, primary good/, "trailer.mismatch trailer.never-written"],
  [/^(mirror superblock group older|primary superblock group older|the SDK reads the older)/, "supb.mirror-differs supb.mirror-used"],
  [/^neither superblock group complete/, "supb.groups-mixed"],
  [/^(no superblock survives|superblock can be rebuilt)/, "supb.none-survives"],
  [/^(BlockSize \d+|block size found)/, "supb.block-size"],
  [/^(magic is not DWVD|version 1)/, "volume.not-recognised volume.other-format"],
  [/^mirror superblock group is a version 2 volume/, "volume.other-format"],
  [/^block 9: (Block0Hash|SlotCount|ActiveCount|generation differs|reserved)/, "rd.header"],
  [/^block 9: emergency recovery block/, "rd.emergency-recovery-block"],
  [/^region directory unreadable/, "rd.unreadable"],
  [/^region directory generation 0/, "rd.generation-zero"],
  [/^region directory full/, "rd.full"],
  [/^unknown region flags/, "slot.unknown-flags"],
  [/^slot \d+: (type|flags) set/, "slot.half-free"],
  [/^block \d+: (generation \d+ differs)/, "supb.generation"],
  [/^(block \d+: tag \w+, expected|misplaced block:)/, "trailer.misplaced rcvr.in-region"],
  [/^active module without its region/, "module.without-region rpt.tables-differ"],
  [/^region without its module/, "region.without-module"],
  [/^configuration level of an inactive module/, "module.level-without-module"],
  [/^block 14: emergency recovery block/, "rcvr.in-region"],
  [/^last block: recovery footer/, "footer.in-data"],
  [/^(migration checkpoint|interrupted inode migration)/, "mchk.left-behind"],
  [/^INDR block present/, "indr.left-behind"],
  [/^no (layout descriptor in the inode table|metadata WAL)/, "inod.no-descriptor mwal.missing"],
  [/^inode with an impossible number/, "inod.number"],
  [/^inode records of 512 bytes/, "inod.record-size"],
  [/^layout descriptor block overlaps/, "inod.placement-flat"],
  [/^uncounted TRLR/, "trlr.uncounted"],
  [/^TRLR block \d+/, "trlr.mismatch"],
  [/^(metadata|data) WAL not clean/, "wal.not-clean"],
  [/^volume label cut/, "supb.label-utf8"],
  [/^unknown incompatible/, "supb.unknown-features"],
  [/^unknown (read-only )?compatible/, "supb.unknown-compatible-features"],
  [/^preamble flag/, "preamble.flag-without-preamble"],
  [/^volume starts at a preamble/, "preamble.volume-offset"],
  [/^BMAP block all zero/, "trailer.never-written"],
  [/^first INOD block all zero/, "inod.no-descriptor region.first-block-never-written"],
  [/^first (MWAL block|block of a module region) all zero/, "wal.header-missing region.first-block-never-written"],
  [/^(CODE|SNAP): the SDK reader loses entries/, "code.sdk-loses-entries snap.sdk-loses-entries"],
  [/^\w{4}: (one bit of .* flipped, checksum not renewed|trailer of .* zeroed)$/, "#.block-damaged"],
  [/^\w{4}: (last occupied block carries a generation|block \d+ is .* generations older)/, "#.generations-differ"],
  [/^\w{4}: last occupied block carries another region's tag/, "#.block-foreign"],
  [/^CODE: (negative size or count)$/, "code.count-negative"],
  [/^CODE: ABI version unknown$/, "code.abi-unknown"],
  [/^CODE: all-zero hash$/, "code.hash-empty"],
  [/^CODE: duplicate module id$/, "code.id-duplicate"],
  [/^CODE: entry point name is not valid UTF-8$/, "code.name-not-utf8"],
  [/^CODE: range outside the volume$/, "code.range-outside"],
  [/^(CODE: name|SNAP: label) length \d+$/, "#.entry-broken"],
  [/^ENCR: (RotationEventCount \d+|more rotation events than fit)$/, "encr.event-count-too-large"],
  [/^ENCR: algorithm unknown$/, "encr.algorithm-unknown"],
  [/^ENCR: more than one active slot$/, "encr.more-than-one-active"],
  [/^ENCR: rotation reason unknown$/, "encr.rotation-reason"],
  [/^ENCR: rotation times decrease$/, "encr.rotation-order"],
  [/^ENCR: slot index differs from position$/, "encr.slot-index-differs"],
  [/^MTRK: LeafCount \d+ with capacity \d+$/, "mtrk.capacity-differs"],
  [/^MTRK: RootHash in the header differs/, "mtrk.root-differs"],
  [/^MTRK: leaf \d+ altered, checksum renewed$/, "mtrk.node-mismatch"],
  [/^MTRK: node not persisted$/, "mtrk.nodes-not-stored"],
  [/^POLV: QoS policy length$/, "polv.qos-length"],
  [/^POLV: duplicate policy id$/, "polv.id-duplicate"],
  [/^POLV: empty policy id$/, "polv.id-empty"],
  [/^POLV: more than one tamper policy$/, "polv.tamper-policy-count"],
  [/^POLV: tamper level unknown$/, "polv.tamper-level"],
  [/^POLV: .* the HMAC not$/, "polv.seal-mismatch"],
  [/^RAID: blocks 0 and 1 exchanged/, "raid.shard-status-unknown"],
  [/^RAID: completed above total$/, "raid.rebuild-progress"],
  [/^RAID: more shards offline than parity can replace$/, "raid.quorum-lost"],
  [/^RAID: rebuild slots not filled from 0$/, "raid.rebuild-slot-gap"],
  [/^RAID: rebuild without device id$/, "raid.rebuild-without-device"],
  [/^RAID: shard status out of range$/, "raid.shard-status-unknown"],
  [/^RAID: unknown strategy$/, "raid.strategy-unknown"],
  [/^REPL: TrackedBlockCount -\d+$/, "repl.tracked-count"],
  [/^REPL: duplicate replica id$/, "repl.id-duplicate"],
  [/^REPL: inactive vector slot not zero$/, "repl.inactive-slot-not-zero"],
  [/^REPL: negative watermark or pending count$/, "repl.value-negative"],
  [/^REPL: synchronisation status out of range$/, "repl.status-unknown"],
  [/^REPL: watermark without vector$/, "repl.watermark-without-vector"],
  [/^SNAP: SnapshotCount -?\d+$/, "snap.count-differs"],
  [/^SNAP: bytes after the last entry are not zero$/, "snap.slack-not-zero"],
  [/^SNAP: cycle of parents$/, "snap.parent-cycle"],
  [/^SNAP: empty snapshot id$/, "snap.id-empty"],
  [/^SNAP: inode table range outside the volume$/, "snap.inode-table-range"],
  [/^SNAP: label is not valid UTF-8$/, "snap.label-not-utf8"],
  [/^SNAP: parent not present$/, "snap.parent-missing"],
  [/^SNAP: unknown flags$/, "snap.flags-unknown"],
];
/** Wordings about a region's content, a log on its own, a delta, or what only another image can show: other rules' matter. */
const elsewhere =
  /^((?!REPL|RAID|SNAP|CODE|POLV|ENCR|MTRK|CLOG|DICT|ANON|WORM|CMVT|ALOG|CMAL|STRE|MLOG|INTE|ZNSM|WALS|OPJR|BTRE|COLR|XREF|TAGI)\w{4}: |delta: )/;

/** Goldens whose own block list contradicts a wording: each block that they use has a trailer that verifies, and the SDK reads them. */
const contradicted: readonly [name: RegExp, wording: RegExp][] = [
  [/^filled-mlog-b-(day|maximum)$/, /^MLOG: last used block has no trailer$/],
];

const findingsOf = async (name: string) => checkVolume(await openVolume(await goldenDevice(name), { keys: goldenKeys(name) }));
const images = goldenNames(/./, { ending: ".dwvd.gz" });

describe("a check", () => {
  it.each(images.filter((name) => goldenJson(name).findings.length === 0))("finds no error in the sound volume %s", async (name) => {
    expect((await findingsOf(name)).filter((finding) => finding.severity === "error")).toEqual([]);
  });
  it.each(images.filter((name) => goldenJson(name).findings.length > 0))("finds what is wrong with %s", async (name) => {
    const rules = new Set((await findingsOf(name)).map((finding) => finding.rule));
    for (const wording of goldenJson(name).findings as string[]) {
      if (elsewhere.test(wording)) continue;
      if (contradicted.some(([names, words]) => names.test(name) && words.test(wording))) {
        const used = goldenJson(name).expect.regions.find(({ tag }: { tag: string }) => tag === "MLOG").blocks;
        expect(used.every(({ verified }: { verified: boolean }) => verified)).toBe(true);
        continue;
      }
      const asked = topics
        .filter(([pattern]) => pattern.test(wording))
        .flatMap(([, ids]) => ids.replace("#", wording.slice(0, 4).toLowerCase()).split(" "));
      expect(asked, `no rule is named for: ${wording}`).not.toEqual([]);
      expect(
        asked.some((id) => rules.has(id)),
        `${wording}: ${[...rules].join(", ")}`,
      ).toBe(true);
    }
  });
});

describe("damage to any single block in use", () => {
  const standard = creationProfiles.find((profile) => profile.name === "standard");
  const make = async (): Promise<MemoryDevice> => {
    const device = new MemoryDevice(new Uint8Array(0));
    if (!standard) throw new TypeError("there is no standard profile");
    const plan = planCreateVolume({
      ...standard,
      totalBlocks: 1300n,
      label: "sweep",
      uuid: "00112233-4455-6677-8899-aabbccddeeff",
      now: 638_400_000_000_000_000n,
    });
    await applyCreateVolume(device, plan);
    return device;
  };
  const bs = 4096;
  const inUse = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length / bs }, (_, block) => block).filter((block) =>
      bytes.subarray(block * bs, (block + 1) * bs).some((byte) => byte !== 0),
    );
  const flipped = (offset: number) => (bytes: Uint8Array, block: number) => {
    bytes[block * bs + offset] = (bytes[block * bs + offset] ?? 0) ^ 4;
    return bytes;
  };
  // Not in the trailer's generation: its hash does not cover that, and the SDK's own writers put anything there.
  const damages: [string, (bytes: Uint8Array, block: number) => Uint8Array][] = [
    ["zeroed", (bytes, block) => bytes.fill(0, block * bs, (block + 1) * bs)],
    ["overwritten", (bytes, block) => bytes.fill(0xff, block * bs, (block + 1) * bs)],
    ["one bit flipped", flipped(700)],
    ["its first bit flipped", flipped(0)],
    ["a bit of its tag flipped", flipped(bs - 16)],
    ["a bit of its hash flipped", flipped(bs - 1)],
    ["the file cut there", (bytes, block) => bytes.slice(0, block * bs)],
    ["the file cut inside", (bytes, block) => bytes.slice(0, block * bs + 100)],
  ];
  const isNamed = (found: readonly Finding[], block: number) =>
    found.some(
      (finding) =>
        finding.severity !== "info" &&
        finding.block !== undefined &&
        BigInt(block) >= finding.block &&
        BigInt(block) < finding.block + (finding.blockCount ?? 1n),
    );
  it.each(damages)("is named by the check in a populated volume: %s", { timeout: 60_000 }, async (name, damage) => {
    const sound = goldenBytes("populated-showcase");
    const volume = await openVolume(new MemoryDevice(sound));
    const isRecord = (block: number) => {
      const region = volume.regionOf(BigInt(block));
      return region?.name === "DataRegion" || (region?.kind === "MWAL" && BigInt(block) > region.startBlock);
    };
    // Of an inode table nothing counts the records: one whose only block was wiped looks like one that never had any.
    const onlyInodes = name === "zeroed" ? volume.findRegion("INOD")?.startBlock : undefined;
    for (const block of inUse(sound)) {
      if (isRecord(block) || (onlyInodes !== undefined && BigInt(block) === onlyInodes + 1n)) continue;
      const found = await checkVolume(await openVolume(new MemoryDevice(damage(sound.slice(), block))));
      expect(isNamed(found, block), `block ${block}: ${found.map((finding) => finding.title).join("; ")}`).toBe(true);
    }
  });
  it.each(damages)("is named by the check: %s", async (_, damage) => {
    const sound = (await make()).bytes;
    expect((await checkVolume(await openVolume(new MemoryDevice(sound.slice())))).filter((finding) => finding.severity !== "info")).toEqual(
      [],
    );
    for (const block of inUse(sound)) {
      const found = await checkVolume(await openVolume(new MemoryDevice(damage(sound.slice(), block))));
      expect(isNamed(found, block), `block ${block}: ${found.map((finding) => finding.title).join("; ")}`).toBe(true);
    }
  });
});
