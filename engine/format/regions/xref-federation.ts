import { isAllZero, viewOf } from "../../base/bytes.ts";
import {
  countedText,
  type Decoded,
  enumeration,
  f64,
  guid,
  i32,
  type Kind,
  reserved,
  struct,
  ticks,
  u8,
  u16,
} from "../../base/struct/index.ts";
import { trailerBytes } from "../core/index.ts";
import { type BrokenEntry, type PackedLayout, packedHeaderBytes } from "./packed-table.ts";
import { type AddPackedProblem, type PackedTableMeaning, recordList } from "./packed-table-codec.ts";
import { duplicates, isCalendarTicks, without } from "./region.ts";

const [leastRegionBytes, leastEntryBytes] = [20, 32];
export const federationLimits = { nameBytes: 32, pathBytes: 256 } as const;
export const federationStatuses = { 0: "Online", 1: "Degraded", 2: "Offline", 3: "Migrating" };

/** A place on the globe, 20 bytes and its name. Other regions reference 6.1. */
export const geoRegion = struct("GeoRegion", {
  regionId: u16(),
  nameLength: u16({ unit: "bytes", check: (value) => value <= federationLimits.nameBytes, expects: "at most 32" }),
  regionName: countedText((values) => values.nameLength as number),
  latitude: f64({ unit: "degrees" }),
  longitude: f64({ unit: "degrees" }),
});
export type GeoRegion = Omit<Decoded<typeof geoRegion>, "nameLength">;

/** A volume of the federation, 32 bytes and its path. Other regions reference 6.1. */
export const federationEntry = struct("FederationEntry", {
  vdeId: guid(),
  geoRegionId: u16(),
  namespaceLength: u16({ unit: "bytes", check: (value) => value <= federationLimits.pathBytes, expects: "at most 256" }),
  namespacePath: countedText((values) => values.namespaceLength as number),
  lastSeenUtcTicks: ticks(),
  latencyMs: u16({ unit: "ms" }),
  replicaCount: u8(),
  status: enumeration(u8(), federationStatuses),
});
export type FederationEntry = Omit<Decoded<typeof federationEntry>, "namespaceLength">;

const header = struct("VdeFederationHeader", {
  geoRegionCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  federationEntryCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  localRegionId: u16({ doc: "The region of this volume" }),
  reserved: reserved(6),
});
type Header = Decoded<typeof header>;

export interface FederationContent {
  layout: "federation";
  generation: number;
  geoRegionCount: number;
  federationEntryCount: number;
  localRegionId: number;
  geoRegions: GeoRegion[];
  entries: FederationEntry[];
}

export type FederationRule = `xref.${
  | "region-duplicate"
  | "region-missing"
  | "position-range"
  | "volume-duplicate"
  | "status-unknown"
  | "text-not-utf8"
  | "time-range"}`;

const tooShort = "ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'length')";
const indexOutside = "IndexOutOfRangeException: Index was outside the bounds of the array.";

function measureRegion(block: Uint8Array, start: number, end: number): number | BrokenEntry {
  if (start + 4 > end) return { found: `${end - start} bytes`, sdk: tooShort };
  const name = viewOf(block).getUint16(start + 2, true);
  const found = `a name of ${name} bytes`;
  if (name > federationLimits.nameBytes || start + 4 + name > end)
    return { found, sdk: `InvalidDataException: GeoRegion nameLen ${name} exceeds maximum 32 or buffer bounds.` };
  return start + leastRegionBytes + name <= end ? leastRegionBytes + name : { found, sdk: tooShort };
}

function measureEntry(block: Uint8Array, start: number, end: number): number | BrokenEntry {
  if (start + 20 > end) return { found: `${end - start} bytes`, sdk: tooShort };
  const path = viewOf(block).getUint16(start + 18, true);
  const found = `a path of ${path} bytes`;
  if (path > federationLimits.pathBytes || start + 20 + path > end)
    return { found, sdk: `InvalidDataException: FederationEntry nsLen ${path} exceeds MaxNamespacePathLength 256 or buffer bounds.` };
  const byteLength = leastEntryBytes + path;
  if (start + byteLength <= end) return byteLength;
  return { found, sdk: start + byteLength - 2 <= end ? indexOutside : tooShort };
}

/** Regions first, entries behind them. The SDK's reader ends a block only when its payload is used to the last byte. Other regions reference 6.1. */
const layoutWith = (regions: number): PackedLayout => ({
  tag: "XREF",
  sdkRegion: "VDE Federation",
  lastMayLackTrailer: true,
  neverZero: (index) => index >= regions,
  leastBytes: (index) => (index < regions ? leastRegionBytes : leastEntryBytes),
  sdkLeastBytes: () => 1,
  measure: (block, start, index, end) => (index < regions ? measureRegion(block, start, end) : measureEntry(block, start, end)),
});

const regionsOf = ({ geoRegionCount }: Header): number => Math.max(0, geoRegionCount);

/** The regions and entries that one block holds by itself, with `regions` of the first kind; undefined where bytes are left over. */
function countInBlock(block: Uint8Array, index: number, regions: number): { regions: number; entries: number } | undefined {
  const layout = layoutWith(regions);
  const payload = block.length - trailerBytes;
  let start = index === 0 ? packedHeaderBytes : 0;
  let count = 0;
  while (start + layout.leastBytes(count) <= payload && !isAllZero(block.subarray(start, payload))) {
    const byteLength = layout.measure(block, start, count, payload);
    if (typeof byteLength !== "number") return undefined;
    start += byteLength;
    count++;
  }
  if (!isAllZero(block.subarray(start, payload))) return undefined;
  return { regions: Math.min(count, regions), entries: Math.max(0, count - regions) };
}

/** How many regions stand before the entries in a block behind the first: the fewest with which its bytes come out even. */
export function federationBlock(block: Uint8Array, index: number): { regions: number; entries: number } | undefined {
  const most = Math.floor(block.length / leastRegionBytes);
  if (index === 0) return countInBlock(block, 0, Math.min(most, regionsOf(header.parse(block))));
  for (let regions = 0; regions <= most; regions++) {
    const counted = countInBlock(block, index, regions);
    if (counted) return counted;
  }
  return undefined;
}

/** A federation of volumes. Other regions reference 6.1. */
export const federation: PackedTableMeaning<Header, FederationContent, "xref"> = {
  names: { rules: "xref", tag: "XREF", sdkRegion: "VDE Federation" },
  name: "VdeFederation",
  header,
  reserved: { start: 10, byteLength: 6 },
  layoutOf: (counts) => layoutWith(regionsOf(counts)),
  countOf: ({ geoRegionCount, federationEntryCount }) =>
    geoRegionCount < 0 || federationEntryCount < 0
      ? BigInt(Math.min(geoRegionCount, federationEntryCount))
      : BigInt(geoRegionCount) + BigInt(federationEntryCount),
  countIfNegative: (counts) => BigInt(regionsOf(counts) + Math.max(0, counts.federationEntryCount)),
  subject: (index, counts) => (index < regionsOf(counts) ? `region ${index}` : `entry ${index - regionsOf(counts)}`),
  contentOf: (generation, { reserved: _, ...counts }, records) => ({
    layout: "federation",
    generation,
    ...counts,
    geoRegions: records.slice(0, Math.max(0, counts.geoRegionCount)).map((record) => without(geoRegion.parse(record), "nameLength")),
    entries: records.slice(Math.max(0, counts.geoRegionCount)).map((record) => without(federationEntry.parse(record), "namespaceLength")),
  }),
  placesOf: (place, counts) => ({ geoRegions: place, entries: (index) => place(regionsOf(counts) + index) }),
  structures(index, block) {
    const counted = federationBlock(block, index) ?? { regions: 0, entries: 0 };
    return {
      geoRegions: recordList(geoRegion as Kind<unknown>, counted.regions),
      entries: recordList(federationEntry as Kind<unknown>, counted.entries),
    };
  },
  encode: ({ geoRegionCount, federationEntryCount, localRegionId, geoRegions, entries }) => ({
    header: header.encode({ geoRegionCount, federationEntryCount, localRegionId }),
    records: [
      ...geoRegions.map((region) => {
        const nameLength = region.regionName.bytes.length;
        if (nameLength > federationLimits.nameBytes) throw new RangeError(`a name has at most ${federationLimits.nameBytes} bytes`);
        return geoRegion.encode({ ...region, nameLength });
      }),
      ...entries.map((entry) => {
        const namespaceLength = entry.namespacePath.bytes.length;
        if (namespaceLength > federationLimits.pathBytes) throw new RangeError(`a path has at most ${federationLimits.pathBytes} bytes`);
        return federationEntry.encode({ ...entry, namespaceLength });
      }),
    ],
  }),
  judge(content, add: AddPackedProblem<FederationRule>) {
    const { geoRegions, entries, localRegionId } = content;
    const first = Math.max(0, content.geoRegionCount);
    const known = new Set(geoRegions.map(({ regionId }) => regionId));
    if (!known.has(localRegionId)) add("xref.region-missing", undefined, `local region ${localRegionId}`, "a region of the table");
    for (const [index, { latitude, longitude, regionName }] of geoRegions.entries()) {
      if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
        add("xref.position-range", index, `${latitude}, ${longitude}`, "a latitude up to 90 and a longitude up to 180 degrees");
      if (!regionName.isUtf8) add("xref.text-not-utf8", index, "bytes that are no UTF-8", "UTF-8");
    }
    for (const [before, again] of duplicates(geoRegions, ({ regionId }) => `${regionId}`))
      add("xref.region-duplicate", again, `the id of region ${before}`, "an id of its own");
    for (const [index, entry] of entries.entries()) {
      if (!known.has(entry.geoRegionId)) add("xref.region-missing", first + index, `region ${entry.geoRegionId}`, "a region of the table");
      if (!(entry.status in federationStatuses)) add("xref.status-unknown", first + index, `status ${entry.status}`, "0 to 3");
      if (!entry.namespacePath.isUtf8) add("xref.text-not-utf8", first + index, "bytes that are no UTF-8", "UTF-8");
      if (!isCalendarTicks(entry.lastSeenUtcTicks))
        add("xref.time-range", first + index, `${entry.lastSeenUtcTicks}`, "a time a calendar holds");
    }
    for (const [before, again] of duplicates(entries, ({ vdeId }) => vdeId))
      add("xref.volume-duplicate", first + again, `the volume of entry ${before}`, "a volume of its own");
  },
};
