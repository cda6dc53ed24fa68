import type {
  Fact,
  RemapCopyView,
  RemapDeviceView,
  RemapEntryView,
  RemapMatrixCell,
  RemapMatrixRow,
  RemapStructureView,
  RemapSumView,
  RemapView,
} from "../../contract/index.ts";
import { dmr4KernelSectors, dmr4MostRemaps, sectorBytes, spacePadded, unixSecondsText } from "../../format/remap/index.ts";
import {
  hexNumber,
  planReassembly,
  type RemapCopy,
  type RemapDevice,
  type RemapFormat,
  type RemapReading,
  type StoredSum,
  storedDevices,
  toHex,
  validateRemap,
  validationLevels,
} from "../engine.ts";

/** What the dm-remap panel shows of a device. Reads nothing. */
export function describeRemap(remap: RemapDevice): RemapView {
  const { primary } = remap;
  const ordered = primary ? [primary, ...remap.readings.filter((reading) => reading !== primary)] : [];
  const size = BigInt(sectorBytes);
  return {
    sectors: remap.device.byteLength / size,
    structures: ordered.map(describeStructure),
    others: remap.sightings.flatMap(({ sector, name, format, isExpected }) => (format && isExpected ? [] : [{ sector, name }])),
    overlaps: remap.overlaps.map(({ sector, sectorCount, structures }) => ({
      range: { start: sector * size, end: (sector + sectorCount) * size },
      text: structures.map(({ format, index, valid }) => `${format} copy ${index}${valid ? "" : " (not valid)"}`).join(" and "),
    })),
    validations: validationLevels.flatMap((level) => {
      const validation = validateRemap(remap, level);
      return validation ? [{ level, result: validation.result, code: validation.code, checks: validation.checks }] : [];
    }),
    reassembly: planReassembly(remap),
  };
}

function describeStructure(reading: RemapReading): RemapStructureView {
  const { format, layout, choice } = reading;
  const copies = reading.copies as readonly RemapCopy<unknown>[];
  return {
    format,
    structBytes: layout.structBytes,
    spaceBytes: layout.spaceBytes,
    validCopies: copies.filter((copy) => copy.valid).length,
    chosen: choice.index,
    reason: choice.reason,
    copies: copies.map((copy) => describeCopy(reading, copy)),
    matrix: matrixOf(reading),
    ...chosenParts(reading),
  };
}

/** The number and the time that tell versions of a copy apart. */
export function versionOf(reading: RemapReading, index: number): { version: bigint; timestamp: bigint } | undefined {
  if (reading.format === "DMRM") {
    const value = reading.copies[index]?.value?.integrity;
    return value && { version: value.version_counter, timestamp: value.last_update_timestamp };
  }
  if (reading.format === "DMR4-kernel") {
    const value = reading.copies[index]?.value?.header;
    return value && { version: value.sequence_number, timestamp: value.timestamp };
  }
  if (reading.format === "DMR4-script") {
    const value = reading.copies[index]?.value;
    return value && { version: value.sequence, timestamp: value.timestamp };
  }
  const value = reading.copies[index]?.value;
  return value && { version: value.version_counter, timestamp: value.modified_timestamp };
}

function describeCopy(reading: RemapReading, copy: RemapCopy<unknown>): RemapCopyView {
  const { chosen, state, verdict } = stateOf(reading, copy);
  const found = versionOf(reading, copy.index);
  return {
    index: copy.index,
    sector: copy.sector,
    range: rangeOf(copy),
    state: chosen ? "chosen" : state,
    verdict: chosen ? "chosen" : verdict,
    fault: copy.verdict.fault,
    version: found?.version,
    timestamp: found?.timestamp,
    sums: reading.format === "DMR4-script" ? [] : copy.sums.map((sum) => describeSum(copy, sum)),
  };
}

/** The bytes of a copy, as far as its structure goes. */
export const rangeOf = (copy: RemapCopy<unknown>) => ({ start: copy.byteOffset, end: copy.byteOffset + BigInt(copy.layout.structBytes) });

function stateOf(reading: RemapReading, copy: RemapCopy<unknown>): { chosen: boolean; state: RemapCopyView["state"]; verdict: string } {
  const chosen = reading.choice.index === copy.index;
  if (copy.state === "missing" || copy.state === "cut")
    return { chosen, state: "missing", verdict: copy.state === "cut" ? "cut off" : "not there" };
  if (copy.state === "unread") return { chosen, state: "unread", verdict: "cannot be read" };
  if (copy.state === "blank") return { chosen, state: "blank", verdict: "blank" };
  if (!copy.valid) return { chosen, state: "damaged", verdict: "damaged" };
  const [own, best] = [versionOf(reading, copy.index), versionOf(reading, reading.choice.index ?? -1)];
  if (!own || !best || (own.version === best.version && own.timestamp === best.timestamp))
    return { chosen, state: "equal", verdict: "as new" };
  const versions = reading.copies.flatMap(({ valid, index }) => (valid ? (versionOf(reading, index)?.version ?? []) : []));
  const isOldest =
    versions.every((version) => version >= own.version) && versions.some((version) => version > own.version && version < best.version);
  return { chosen, state: "stale", verdict: isOldest ? "stale, oldest" : own.version > best.version ? "another version" : "stale" };
}

const describeSum = (copy: RemapCopy<unknown>, { name, storedAt, stored, computed, match }: StoredSum): RemapSumView => {
  const start = copy.byteOffset + BigInt(storedAt);
  return { name, range: { start, end: start + 4n }, stored, computed, match };
};

/** The fields that tell copies apart, by structure: label and path. */
const matrixPaths: Readonly<Record<RemapFormat, readonly (readonly [label: string, path: string])[]>> = {
  DMRM: [
    ["magic", "integrity.magic"],
    ["signature", "integrity.signature"],
    ["version_counter", "integrity.version_counter"],
    ["last_update_timestamp", "integrity.last_update_timestamp"],
    ["update_sequence_number", "integrity.update_sequence_number"],
    ["main_device CRC", "main_device.device_fingerprint_crc"],
    ["spare_info_crc", "spare_devices.spare_info_crc"],
    ["config_crc", "target_config.config_crc"],
    ["instructions_crc", "reassembly.instructions_crc"],
    ["header_crc32", "version_header.header_crc32"],
    ["integrity_crc", "integrity.integrity_crc"],
    ["final_crc", "final_crc"],
  ],
  "DMR4-kernel": [
    ["magic", "header.magic"],
    ["version", "header.version"],
    ["sequence_number", "header.sequence_number"],
    ["timestamp", "header.timestamp"],
    ["metadata_checksum", "header.metadata_checksum"],
    ["copy_index", "header.copy_index"],
    ["health_score", "health_data.health_score"],
    ["active_remaps", "remap_data.active_remaps"],
  ],
  "DMR4-script": [
    ["magic", "magic"],
    ["copy_index", "copy_index"],
    ["timestamp", "timestamp"],
    ["main_device_path", "main_device_path"],
    ["main_device_sectors", "main_device_sectors"],
    ["spare_device_path", "spare_device_path"],
    ["spare_device_sectors", "spare_device_sectors"],
  ],
  SETUP: [
    ["magic", "magic"],
    ["version_counter", "version_counter"],
    ["modified_timestamp", "modified_timestamp"],
    ["header_crc32", "header_crc32"],
    ["devices_crc32", "devices_crc32"],
    ["config_crc32", "config_crc32"],
    ["overall_crc32", "overall_crc32"],
  ],
};
const [counterPath, sequencePath] = ["integrity.version_counter", "integrity.update_sequence_number"];
/** What orders the versions of a structure; the newest valid one is named. */
const orderingPaths = new Set([counterPath, "header.sequence_number", "version_counter"]);

/** The rows of the table; those that say nothing new are left out: one signature for all, sequence numbers that follow the counters. */
function matrixOf(reading: RemapReading): RemapMatrixRow[] {
  const copies = reading.copies as readonly RemapCopy<unknown>[];
  return matrixPaths[reading.format].flatMap(([label, path]) => {
    const cells = copies.map((copy) => cellOf(copy, path));
    const times = cells.filter((cell) => cell && /^\d{4}-\d\d-\d\d /.test(cell.text));
    const days = new Set(times.map((cell) => cell?.text.slice(0, 10)));
    const day = times.length > 0 && times.length === cells.filter(Boolean).length && days.size === 1 ? [...days][0] : undefined;
    if (path === "integrity.signature" && new Set(cells.map((cell) => cell?.text)).size === 1) return [];
    if (path === sequencePath && copies.every((copy, index) => cells[index]?.text === cellOf(copy, counterPath)?.text)) return [];
    const orders = orderingPaths.has(path);
    if (day === undefined) return [{ label, path, orders, cells, reading: readingOf(reading, path, cells) }];
    const shown = cells.map((cell) => cell && { ...cell, text: cell.text.slice(11), title: cell.text });
    return [{ label, path, orders, cells: shown, reading: `${day}, UTC` }];
  });
}

function cellOf(copy: RemapCopy<unknown>, path: string): RemapMatrixCell | undefined {
  const row = copy.rows.find((each) => each.path === path);
  if (!row) return undefined;
  const state = row.problem !== undefined ? "error" : row.computed !== undefined || row.kind === "constant" ? "ok" : "plain";
  const title = row.problem === undefined ? row.doc : `${row.text}: ${row.problem}`;
  return { text: row.kind === "time" ? row.text.replace("T", " ") : row.text, state, range: { start: row.start, end: row.end }, title };
}

function readingOf(reading: RemapReading, path: string, cells: readonly (RemapMatrixCell | undefined)[]): string {
  const copies = reading.copies as readonly RemapCopy<unknown>[];
  const wrong = cells.flatMap((cell, index) =>
    cell?.state === "error" ? [`copy ${index}: ${copies[index]?.rows.find((row) => row.path === path)?.problem}`] : [],
  );
  if (wrong.length > 0) return wrong.join("; ");
  const isSum = cells.some((cell) => cell?.state === "ok") && path.includes("c");
  const texts = new Set(cells.flatMap((cell) => (cell ? [cell.text] : [])));
  const chosen = cells[reading.choice.index ?? -1];
  if (texts.size === 1) return "equal";
  if (orderingPaths.has(path) && chosen) return `${chosen.text}: taken from the valid ones`;
  return isSum ? "each holds" : `${texts.size} values`;
}

type ChosenParts = Pick<RemapStructureView, "devices" | "remaps" | "remapNote" | "target" | "instructions">;
const nothing: ChosenParts = { devices: [], remaps: undefined, remapNote: undefined, target: [], instructions: [] };

function chosenParts(reading: RemapReading): ChosenParts {
  const index = reading.choice.index ?? -1;
  if (reading.format === "DMRM") {
    const copy = reading.copies[index];
    if (!copy?.value) return nothing;
    const { spare_devices, legacy_remap_data } = copy.value;
    const devices = storedDevices(copy.value).map(({ role, slot, stored }): RemapDeviceView => {
      const path = slot === undefined ? "main_device" : `spare_devices.spares[${slot}]`;
      const sum = copy.sums.find(({ name }) => name === `${path}.device_fingerprint_crc`);
      return {
        role,
        slot,
        isPrimary: slot === spare_devices.primary_spare_index,
        path: stored.device_path.text,
        sectors: stored.device_size_sectors,
        sectorBytes: stored.sector_size,
        uuid: toHex(stored.uuid),
        serial: hexNumber(stored.device_serial_hash, 16),
        health: slot === undefined ? undefined : spare_devices.spare_health_scores[slot],
        lastChecked: slot === undefined ? undefined : spare_devices.spare_last_checked[slot],
        sum: sum && describeSum(copy, sum),
        range: copy.rangeOf(path),
      };
    });
    const note = `${legacy_remap_data.remap_count} remaps are counted and the next takes sector ${legacy_remap_data.next_spare_sector}; this structure does not store the table of them.`;
    return {
      ...nothing,
      devices,
      remapNote: note,
      target: facts(copy, "target_config", /sysfs_settings\[/),
      instructions: facts(copy, "reassembly"),
    };
  }
  if (reading.format === "DMR4-kernel") {
    const copy = reading.copies[index];
    if (!copy?.value) return nothing;
    const { active_remaps, max_remaps, remaps } = copy.value.remap_data;
    const count = Math.min(active_remaps, dmr4MostRemaps);
    const entries = remaps.slice(0, count).map((entry, place) => describeEntry(entry, place, copy));
    return { ...nothing, remaps: { count: active_remaps, capacity: max_remaps, entries }, target: facts(copy, "device_config") };
  }
  if (reading.format === "SETUP") {
    const copy = reading.copies[index];
    if (!copy?.value) return nothing;
    const { main_device, spares, num_spare_devices } = copy.value;
    const stored = [main_device, ...spares.slice(0, Math.min(num_spare_devices, spares.length)).map(({ fingerprint }) => fingerprint)];
    const devices = stored.map((device, place): RemapDeviceView => {
      const path = place === 0 ? "main_device" : `spares[${place - 1}].fingerprint`;
      const sum = copy.sums.find(({ name }) => name === `${path}.fingerprint_crc32`);
      return {
        role: place === 0 ? "main" : "spare",
        slot: place === 0 ? undefined : place - 1,
        isPrimary: spares[place - 1]?.spare_priority === 0,
        path: device.device_path.text,
        sectors: device.device_size,
        sectorBytes: device.sector_size,
        uuid: toHex(device.device_uuid),
        serial: device.device_serial.text,
        health: undefined,
        lastChecked: device.last_seen_timestamp,
        sum: sum && describeSum(copy, sum),
        range: copy.rangeOf(path),
      };
    });
    return { ...nothing, devices, target: facts(copy, "target_config") };
  }
  const copy = reading.copies[index];
  if (!copy?.value) return nothing;
  const {
    main_device_path,
    spare_device_path,
    main_device_uuid,
    spare_device_uuid,
    main_device_sectors,
    spare_device_sectors,
    sector_size,
  } = copy.value;
  const device = (role: "main" | "spare", path: Uint8Array, uuid: Uint8Array, sectors: bigint): RemapDeviceView => ({
    role,
    slot: role === "main" ? undefined : 0,
    isPrimary: role === "spare",
    path: spacePadded(path),
    sectors,
    sectorBytes: sector_size,
    uuid: spacePadded(uuid),
    serial: "",
    health: undefined,
    lastChecked: undefined,
    sum: undefined,
    range: copy.rangeOf(`${role}_device_path`),
  });
  return {
    ...nothing,
    devices: [
      device("main", main_device_path, main_device_uuid, main_device_sectors),
      device("spare", spare_device_path, spare_device_uuid, spare_device_sectors),
    ],
    remapNote: "Records of the script store no remaps.",
  };
}

const flagWords: Readonly<Record<number, string>> = { 1: "pending", 2: "active" };

function describeEntry(
  entry: { original_sector: bigint; spare_sector: bigint; remap_timestamp: bigint; flags: number; error_count: number },
  index: number,
  copy: RemapCopy<unknown>,
): RemapEntryView {
  const start = copy.byteOffset + 312n + 40n * BigInt(index);
  const overlapped = dmr4KernelSectors.findIndex((sector) => entry.spare_sector >= sector && entry.spare_sector < sector + 256n);
  return {
    index,
    original: entry.original_sector,
    spare: entry.spare_sector,
    timestamp: entry.remap_timestamp,
    flags: flagWords[entry.flags] ?? `${entry.flags}`,
    errors: entry.error_count,
    range: { start, end: start + 40n },
    problem: overlapped >= 0 ? `lies in the block of copy ${overlapped}` : undefined,
  };
}

/** The fields of a part as facts that lead to their bytes. */
export function facts(copy: RemapCopy<unknown>, part: string, without = /$^/): Fact[] {
  return copy.rows
    .filter(({ path, kind }) => path.startsWith(`${part}.`) && kind !== "reserved" && !without.test(path))
    .map((row) => ({
      label: row.path.slice(part.length + 1),
      value: row.text === "" ? "empty" : row.text,
      mono: row.kind === "checksum" || row.kind === "text" || row.kind === "id",
      title: row.problem ?? row.doc,
      range: { start: row.start, end: row.end },
    }));
}

/** A time of a copy for people. */
export const timeText = (seconds: bigint): string => unixSecondsText(seconds) ?? `${seconds} s`;
