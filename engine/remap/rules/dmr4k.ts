import { hexNumber, isAllZero } from "../../base/bytes.ts";
import {
  type Dmr4KernelMetadata,
  type Dmr4RemapEntry,
  dmr4KernelBlockBytes,
  dmr4KernelBytes,
  dmr4KernelSectors,
  dmr4Magic,
  dmr4MostRemaps,
  dmr4ToleranceSeconds,
  dmr4Version,
  sectorBytes,
  unixSecondsText,
} from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";
import type { KernelReading, RemapDevice } from "../device.ts";
import { kernelChecksum } from "../judge.ts";
import { copyRuleWords, judgeCopies, judgeReserved, judgeStale } from "./common.ts";
import { defineRemapRules, listCopies, listSome, RemapReport, sameContent } from "./remap-rule.ts";

const blockSectors = BigInt(dmr4KernelBlockBytes / sectorBytes);
const metadataSectors = blockSectors * BigInt(dmr4KernelSectors.length);
/** The checksum and the number of a copy, which a repair gives each of its own. */
const ownBytes = [24, 32] as const;

/** Rules on what the module writes. dm-remap reference 5, invariants. */
export const kernelRules = defineRemapRules("dmr4k", {
  ...copyRuleWords("5.3, 5.4"),
  magic: { severity: "error", section: "5.3", states: "A copy begins with the magic of DMR4.", title: "A copy has another magic" },
  version: { severity: "error", section: "5.3", states: "The version is 4.", title: "A copy has another version" },
  checksum: {
    severity: "error",
    section: "5.3",
    states: "metadata_checksum is that of everything but its own four bytes.",
    title: "The checksum of a copy fails",
    remark: "User data over copy 0 is normal damage: the module hands out spare sectors from 0 on.",
  },
  "remap-count": {
    severity: "error",
    section: "5.3",
    states: "active_remaps is at most 2048.",
    title: "More remaps are counted than the table holds",
  },
  "health-score": { severity: "error", section: "5.3", states: "health_score is at most 100.", title: "The health score is impossible" },
  "time-future": {
    severity: "error",
    section: "5.3, traps",
    states: "A copy was written no later than a day from now.",
    title: "A copy was written in the future",
    remark: "The module rejects it. If it rejects all five, it overwrites them with empty metadata.",
  },
  "structure-size": {
    severity: "warning",
    section: "5, invariant 1",
    states: "structure_size is 84288.",
    title: "structure_size is wrong",
    remark: "The module does not look at it.",
  },
  "reserved-not-zero": {
    severity: "warning",
    section: "5, invariant 1",
    states: "Padding and reserved bytes are zero.",
    title: "Reserved bytes are in use",
  },
  "copy-index": {
    severity: "warning",
    section: "5, invariant 2",
    states: "copy_index is 0, or the copy's own place.",
    title: "A copy says it is another",
  },
  "max-remaps": { severity: "warning", section: "5, invariant 3", states: "max_remaps is 2048.", title: "max_remaps is wrong" },
  "entry-behind-count": {
    severity: "warning",
    section: "5, invariant 3",
    states: "Entries that are not counted are zero.",
    title: "Entries stand behind the last remap",
  },
  "remap-outside-main": {
    severity: "error",
    section: "5, invariant 4",
    states: "Remapped sectors lie on the main device.",
    title: "A remapped sector lies outside the main device",
  },
  "remap-outside-spare": {
    severity: "error",
    section: "5, invariant 4",
    states: "Spare sectors lie on the spare.",
    title: "A spare sector lies outside the spare",
  },
  "remap-upper-half": {
    severity: "info",
    section: "5, invariant 4",
    states: "Spare sectors lie in the lower half of the spare.",
    title: "A spare sector lies in the upper half",
    remark: "Only the message test_remap hands out such sectors.",
  },
  "remap-flags": {
    severity: "warning",
    section: "5, invariant 4",
    states: "A remap is pending (1) or active (2).",
    title: "The flags of a remap are unknown",
  },
  "remap-time": {
    severity: "warning",
    section: "5, invariant 4",
    states: "A remap was made no later than now.",
    title: "A remap was made in the future",
  },
  "original-twice": {
    severity: "warning",
    section: "5, traps and invariant 4",
    states: "A sector is remapped once.",
    title: "A sector is remapped more than once",
    remark: "The module does this by itself. After a reload it uses the entry that stands last.",
  },
  "spare-twice": {
    severity: "error",
    section: "5, traps and invariant 4",
    states: "A spare sector stands for one sector.",
    title: "A spare sector stands for more than one sector",
    remark: "The module does this by itself after a reload: what was written to one of them last is read for all.",
  },
  "remap-over-metadata": {
    severity: "warning",
    section: "5, traps and invariant 5",
    states: "No spare sector lies in a metadata block.",
    title: "A spare sector lies in the metadata",
    remark: "Once the remap is active, user data and metadata destroy each other there.",
  },
  "spare-too-small": {
    severity: "error",
    section: "5, invariant 6",
    states: "The spare holds the five blocks: 1280 sectors.",
    title: "The spare is too small for its metadata",
  },
  "device-size": {
    severity: "info",
    section: "5, invariant 6",
    states: "spare_device_sectors is the size of the device.",
    title: "The spare is not as large as it was",
    remark: "An image that holds only the beginning of a spare is smaller.",
  },
  "sequence-time-order": {
    severity: "warning",
    section: "5, traps and invariant 7",
    states: "A copy with a larger sequence was written later.",
    title: "The chosen copy is older by its time",
    remark:
      "Sequences begin anew with each load of the module: after an interrupted write stale copies win. Compare the times before trusting the choice.",
  },
});
const rules = kernelRules;

/** Holds the module's copies against the invariants of dm-remap reference 5. */
export function checkKernel({ now, device }: RemapDevice, reading: KernelReading): RemapReport {
  const valid = reading.copies.filter((copy) => copy.valid);
  const groups = sameContent(valid, ownBytes);
  const report = new RemapReport(groups, reading.choice.index);
  for (const copy of judgeCopies(report, reading, rules)) if (!copy.valid && copy.value) judgeFault(report, copy, copy.value, now);
  judgeStale(report, reading, rules["copy-stale"], "header.sequence_number", {
    versionOf: (value) => `${sequenceOf(value)}`,
    isOlder: (value, chosen) => sequenceOf(value) !== sequenceOf(chosen),
  });
  judgeOrder(report, reading);
  for (const [index, group] of groups.entries()) {
    const [copy] = group;
    const twin = groups
      .slice(0, index)
      .find(([other]) => other?.value && copy?.value && sequenceOf(other.value) === sequenceOf(copy.value));
    if (copy && twin)
      report.at(rules["copies-differ"], copy, "", {
        subject: `Copies ${listCopies(group)} and ${listCopies(twin)}`,
        found: "different bytes under one sequence_number",
        expected: "equal bytes but for copy_index and checksum",
      });
    if (copy?.value) judgeContent(report, copy, copy.value, { now, deviceSectors: device.byteLength / BigInt(sectorBytes) });
  }
  for (const copy of valid) {
    const stated = copy.value?.header.copy_index ?? 0;
    if (stated !== 0 && stated !== copy.index)
      report.at(rules["copy-index"], copy, "header.copy_index", { found: `${stated}`, expected: `0 or ${copy.index}` });
  }
  return report;
}

const sequenceOf = (value: Dmr4KernelMetadata): bigint => value.header.sequence_number;
const seconds = (value: bigint): string => `${value} (${unixSecondsText(value) ?? "no time a calendar holds"})`;

/** The first check that a copy fails, in the module's order. dm-remap reference 5.3. */
function judgeFault(
  report: RemapReport,
  copy: RemapCopy<Dmr4KernelMetadata>,
  { header, remap_data, health_data }: Dmr4KernelMetadata,
  now: bigint,
): void {
  const sum = kernelChecksum(copy);
  if (header.magic !== dmr4Magic)
    report.at(rules.magic, copy, "header.magic", { found: hexNumber(header.magic, 8), expected: hexNumber(dmr4Magic, 8) });
  else if (header.version !== dmr4Version)
    report.at(rules.version, copy, "header.version", { found: `${header.version}`, expected: `${dmr4Version}` });
  else if (sum && !sum.match)
    report.at(rules.checksum, copy, sum.name, { found: sum.stored, expected: `${sum.computed}, of the bytes as they are` });
  else if (remap_data.active_remaps > dmr4MostRemaps)
    report.at(rules["remap-count"], copy, "remap_data.active_remaps", {
      found: `${remap_data.active_remaps}`,
      expected: `at most ${dmr4MostRemaps}`,
    });
  else if (health_data.health_score > 100)
    report.at(rules["health-score"], copy, "health_data.health_score", { found: `${health_data.health_score}`, expected: "at most 100" });
  else
    report.at(rules["time-future"], copy, "header.timestamp", {
      found: seconds(header.timestamp),
      expected: `no later than ${seconds(now + dmr4ToleranceSeconds)}`,
    });
}

/** Invariant 7. */
function judgeOrder(report: RemapReport, { copies, choice }: KernelReading): void {
  const chosen = copies[choice.index ?? -1];
  const later = copies.filter(
    (copy) => copy.valid && chosen?.value && (copy.value?.header.timestamp ?? 0n) > chosen.value.header.timestamp,
  );
  const [first] = later;
  if (chosen?.value && first?.value)
    report.at(rules["sequence-time-order"], chosen, "header.timestamp", {
      found: `sequence ${sequenceOf(chosen.value)} at ${seconds(chosen.value.header.timestamp)}`,
      expected: `a later time than that of ${later.length === 1 ? "copy" : "copies"} ${listCopies(later)}: sequence ${sequenceOf(first.value)} at ${seconds(first.value.header.timestamp)}`,
    });
}

/** Invariants 1, 3, 4, 5 and 6, of one content. */
function judgeContent(
  report: RemapReport,
  copy: RemapCopy<Dmr4KernelMetadata>,
  { header, device_config, remap_data }: Dmr4KernelMetadata,
  { now, deviceSectors }: { now: bigint; deviceSectors: bigint },
): void {
  if (header.structure_size !== dmr4KernelBytes)
    report.ofContent(rules["structure-size"], copy, "header.structure_size", {
      found: `${header.structure_size}`,
      expected: `${dmr4KernelBytes}`,
    });
  if (header.reserved !== 0)
    report.ofContent(rules["reserved-not-zero"], copy, "header.reserved", { found: `${header.reserved}`, expected: "zero" });
  judgeReserved(report, rules["reserved-not-zero"], copy);
  const { max_remaps, active_remaps, remaps } = remap_data;
  if (max_remaps !== dmr4MostRemaps)
    report.ofContent(rules["max-remaps"], copy, "remap_data.max_remaps", { found: `${max_remaps}`, expected: `${dmr4MostRemaps}` });
  const behind = remaps.findIndex(
    (_, index) => index >= active_remaps && copy.bytes && !isAllZero(copy.bytes.subarray(312 + 40 * index, 352 + 40 * index)),
  );
  if (behind >= 0)
    report.ofContent(rules["entry-behind-count"], copy, `remap_data.remaps[${behind}]`, {
      found: "content",
      expected: `zeros: active_remaps is ${active_remaps}`,
    });
  const { main_device_sectors, spare_device_sectors } = device_config;
  if (spare_device_sectors < metadataSectors)
    report.ofContent(rules["spare-too-small"], copy, "device_config.spare_device_sectors", {
      found: `${spare_device_sectors}`,
      expected: `${metadataSectors} at least`,
    });
  else if (spare_device_sectors !== deviceSectors)
    report.ofContent(rules["device-size"], copy, "device_config.spare_device_sectors", {
      found: `${spare_device_sectors}`,
      expected: `${deviceSectors}, as the device has now`,
    });
  judgeRemaps(report, copy, remaps.slice(0, Math.min(active_remaps, dmr4MostRemaps)), {
    main: main_device_sectors,
    spare: spare_device_sectors,
    now,
  });
}

/** Invariants 4 and 5: one finding for each rule, at the first entry that breaks it. */
function judgeRemaps(
  report: RemapReport,
  copy: RemapCopy<Dmr4KernelMetadata>,
  entries: readonly Dmr4RemapEntry[],
  limits: { main: bigint; spare: bigint; now: bigint },
): void {
  const [originals, spares] = [new Map<bigint, number>(), new Map<bigint, number>()];
  const broken = new Map<keyof typeof rules, { path: string; expected: string; found: string[] }>();
  for (const [index, entry] of entries.entries()) {
    const say = (key: keyof typeof rules, field: keyof Dmr4RemapEntry, found: string, expected: string) => {
      const first = broken.get(key) ?? { path: `remap_data.remaps[${index}].${field}`, expected, found: [] };
      first.found.push(`entry ${index}: ${found}`);
      broken.set(key, first);
    };
    const { original_sector: original, spare_sector: spare, flags, remap_timestamp } = entry;
    if (original >= limits.main) say("remap-outside-main", "original_sector", `${original}`, `below ${limits.main}`);
    if (spare >= limits.spare) say("remap-outside-spare", "spare_sector", `${spare}`, `below ${limits.spare}`);
    else if (spare >= limits.spare / 2n) say("remap-upper-half", "spare_sector", `${spare}`, `below ${limits.spare / 2n}`);
    if (spare < metadataSectors)
      say("remap-over-metadata", "spare_sector", `${spare}, in the block of copy ${spare / blockSectors}`, `${metadataSectors} or more`);
    if (flags !== 1 && flags !== 2) say("remap-flags", "flags", `${flags}`, "1 or 2");
    if (remap_timestamp > (limits.now + dmr4ToleranceSeconds) * 1_000_000_000n)
      say("remap-time", "remap_timestamp", seconds(remap_timestamp / 1_000_000_000n), `no later than ${seconds(limits.now)}`);
    const [sameOriginal, sameSpare] = [originals.get(original), spares.get(spare)];
    if (sameOriginal !== undefined)
      say("original-twice", "original_sector", `${original}, as in entry ${sameOriginal}`, "a sector of its own");
    if (sameSpare !== undefined) say("spare-twice", "spare_sector", `${spare}, as in entry ${sameSpare}`, "a sector of its own");
    originals.set(original, index);
    spares.set(spare, index);
  }
  for (const [key, { path, found, expected }] of broken) report.ofContent(rules[key], copy, path, { found: listSome(found), expected });
}
