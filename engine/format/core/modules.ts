/** One module of the registry. Core reference 5.1. */
export interface ModuleDefinition {
  readonly id: number;
  readonly name: string;
  readonly abbreviation: string;
  readonly blockTypeTags: readonly string[];
  /** Names of its regions, in the order the creator places them. */
  readonly regionNames: readonly string[];
  /** Bytes it takes in every inode. */
  readonly inodeBytes: number;
}

type Row = [name: string, abbreviation: string, tags: string, regions: string, inodeBytes: number];
const rows: readonly Row[] = [
  ["Security", "SEC", "POLV ENCR", "PolicyVault EncryptionHeader", 24],
  ["Compliance", "CMPL", "CMVT CMAL", "ComplianceVault ComplianceAuditLog", 12],
  ["Intelligence", "INTL", "INTE", "IntelligenceCache", 12],
  ["Tags", "TAGS", "TAGI", "TagIndexRegion", 136],
  ["Replication", "REPL", "REPL", "ReplicationState", 8],
  ["RAID", "RAID", "RAID", "RAIDMetadata", 4],
  ["Streaming", "STRM", "STRE DWAL", "StreamingAppend DataWAL", 8],
  ["Compute", "COMP", "CODE", "ComputeCodeCache", 0],
  ["Fabric", "FABR", "XREF", "CrossVDEReferenceTable", 0],
  ["Consensus", "CNSS", "CLOG", "ConsensusLogRegion", 0],
  ["Compression", "CMPR", "DICT", "DictionaryRegion", 4],
  ["Integrity", "INTG", "MTRK", "IntegrityTree", 0],
  ["Snapshot", "SNAP", "SNAP", "SnapshotTable", 0],
  ["Query", "QURY", "BTRE", "BTreeIndexForest", 4],
  ["Privacy", "PRIV", "ANON", "AnonymizationTable", 2],
  ["Sustainability", "SUST", "", "", 4],
  ["Transit", "TRNS", "", "", 1],
  ["Observability", "OBSV", "MLOG", "MetricsLogRegion", 0],
  ["AuditLog", "ALOG", "ALOG", "AuditLogRegion", 0],
  ["ComputePushdown", "CPSH", "", "", 48],
  ["EphemeralKey", "EKEY", "", "", 32],
  ["WalSubscribers", "WALS", "WALS", "WalSubscriberCursorTable", 0],
  ["DeltaExtents", "DELT", "", "", 8],
  ["ZnsZoneMap", "ZNSM", "ZNSM", "ZnsZoneMapRegion", 0],
  ["SpatioTemporal", "STEX", "", "", 6],
  ["SemanticDedup", "SDUP", "", "", 266],
  ["ZkpCompliance", "ZKPA", "", "", 322],
  ["StoragePolicy", "SPOL", "", "", 2],
  ["OnlineOps", "OPJR", "OPJR", "OnlineOpsJournal", 0],
  ["DisasterRecovery", "DREC", "", "", 0],
  ["GdprTombstone", "TOMB", "", "", 0],
  ["SemanticWearLevel", "SWLV", "", "", 2],
  ["QuorumSeal", "QSIG", "", "", 79],
  ["StegoWatermark", "STEG", "", "", 8],
  ["QualityOfService", "QOS", "", "", 4],
  ["VectorQuantize", "VECQ", "", "", 0],
  ["AncestryChaining", "ANCR", "", "", 0],
  ["CapabilityMacaroon", "MACR", "", "", 0],
  ["WormTimeLock", "WLCK", "", "", 0],
];
const words = (text: string): string[] => (text === "" ? [] : text.split(" "));

/** All 39 modules, by id. */
export const modules: readonly ModuleDefinition[] = rows.map(([name, abbreviation, tags, regions, inodeBytes], id) => ({
  id,
  name,
  abbreviation,
  blockTypeTags: words(tags),
  regionNames: words(regions),
  inodeBytes,
}));

/** Modules from this id on have no bit in the manifest on disk. Core reference 5.2. */
export const firstUnstorableModule = 32;

export const hasModule = (manifest: number, id: number): boolean => id < firstUnstorableModule && ((manifest >>> id) & 1) === 1;

/** The modules whose bit is set, by id. */
export const modulesOf = (manifest: number): ModuleDefinition[] => modules.filter((module) => hasModule(manifest, module.id));

/** A module by name or abbreviation in any case. A name wins over an abbreviation. */
export function findModule(name: string): ModuleDefinition | undefined {
  const wanted = name.toLowerCase();
  return (
    modules.find((module) => module.name.toLowerCase() === wanted) ?? modules.find((module) => module.abbreviation.toLowerCase() === wanted)
  );
}

/** The tag each region is written under; every other name becomes DATA. Core reference 1.3. */
const tagOfName: Readonly<Record<string, string>> = {
  PrimarySuperblock: "SUPB",
  MirrorSuperblock: "SUPB",
  RegionDirectory: "RMAP",
  PolicyVault: "POLV",
  EncryptionHeader: "ENCR",
  AllocationBitmap: "BMAP",
  InodeTable: "INOD",
  MetadataWAL: "MWAL",
  DataWAL: "DWAL",
  DataRegion: "DATA",
  TagIndexRegion: "TAGI",
  IntegrityTree: "MTRK",
  SnapshotTable: "SNAP",
  BTreeIndexForest: "BTRE",
  ReplicationState: "REPL",
  RAIDMetadata: "RAID",
  DictionaryRegion: "DICT",
  IntelligenceCache: "INTE",
  StreamingAppend: "STRE",
  CrossVDEReferenceTable: "XREF",
  ComputeCodeCache: "CODE",
  ConsensusLogRegion: "CLOG",
  ComplianceVault: "CMVT",
  AuditLogRegion: "ALOG",
  AnonymizationTable: "ANON",
  MetricsLogRegion: "MLOG",
};
/** Regions that the creator cannot tell from data: their registry tags. */
const kindOfName: Readonly<Record<string, string>> = {
  ComplianceAuditLog: "CMAL",
  WalSubscriberCursorTable: "WALS",
  ZnsZoneMapRegion: "ZNSM",
  OnlineOpsJournal: "OPJR",
};

/** Tag in the region tables for a region of this name. */
export const regionTag = (name: string): string => tagOfName[name] ?? "DATA";
/** The registry's tag for a region of this name, also where the tables say DATA. */
export const regionKind = (name: string): string => kindOfName[name] ?? regionTag(name);
/** The creator's name for a region tag; the tag itself where it has none. */
export const regionNameOfTag = (tag: string): string => nameOfTag.get(tag) ?? (tag || "untyped");
// Of several names of one tag the first is the creator's.
const nameOfTag = new Map([...Object.entries(tagOfName), ...Object.entries(kindOfName)].reverse().map(([name, tag]) => [tag, name]));
/** The module that owns regions of this kind. */
export const moduleOfKind = (kind: string): ModuleDefinition | undefined => modules.find((module) => module.blockTypeTags.includes(kind));

/** Level 0 to 15 of a module below 32. Core reference 5.3. */
export function moduleLevel(config: bigint, configExt: bigint, id: number): number {
  const word = id < 16 ? config : configExt;
  return Number((word >> BigInt(4 * (id % 16))) & 15n);
}

/** The two config words for levels by module id. Throws a RangeError for a level past 15 or a module past 31. */
export function moduleConfigs(levels: ReadonlyMap<number, number>): { moduleConfig: bigint; moduleConfigExt: bigint } {
  let [moduleConfig, moduleConfigExt] = [0n, 0n];
  for (const [id, level] of levels) {
    if (level < 0 || level > 15 || id < 0 || id >= firstUnstorableModule) throw new RangeError(`module ${id} has no level ${level}`);
    const nibble = BigInt(level) << BigInt(4 * (id % 16));
    if (id < 16) moduleConfig |= nibble;
    else moduleConfigExt |= nibble;
  }
  return { moduleConfig, moduleConfigExt };
}
