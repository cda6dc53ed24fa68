import { equalBytes, hexNumber, isAllZero, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import {
  type DmrmFingerprint,
  type DmrmMetadata,
  dmrmBytes,
  dmrmFirstSpareSector,
  dmrmMagic,
  dmrmMetadataEnd,
  dmrmSpareSlots,
  dmrmVersion,
  unixSecondsText,
  versionHeaderMagic,
} from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";
import type { DmrmReading, RemapDevice } from "../device.ts";
import { dmrmSectionSums } from "../documents/dmrm.ts";
import { compareDmrm, validateDmrm } from "../judge.ts";
import { createFingerprint } from "../matching.ts";
import { judgeCopies, judgeReserved, judgeStale, judgeTexts } from "./common.ts";
import { dmrmRules as rules } from "./dmrm-rules.ts";
import { RemapReport, sameContent } from "./remap-rule.ts";

const toleranceSeconds = 86_400n;
const leastSpareSectors = 16_384n;

/** Holds the DMRM copies against the invariants of dm-remap reference 3. */
export function checkDmrm({ now }: RemapDevice, reading: DmrmReading): RemapReport {
  const { copies } = reading;
  const groups = sameContent(copies.filter((copy) => copy.valid));
  const report = new RemapReport(groups, reading.choice.index);
  for (const copy of judgeCopies(report, reading, rules))
    judgeSums(
      report,
      copy,
      groups.map(([first]) => first),
    );
  judgeStale(report, reading, rules["copy-stale"], "integrity.version_counter", { versionOf, isOlder });
  judgeAcross(report, reading);
  for (const [copy] of groups) if (copy?.value) judgeContent(report, copy, copy.value, now);
  return report;
}

const versionOf = ({ integrity }: DmrmMetadata): string =>
  `${integrity.version_counter}, updated at ${integrity.last_update_timestamp}, sequence ${integrity.update_sequence_number}`;
const isOlder = (value: DmrmMetadata, chosen: DmrmMetadata): boolean => compareDmrm(value, chosen) < 0;

const sumRules: Readonly<Record<string, keyof typeof rules>> = {
  "main_device.device_fingerprint_crc": "main-device-crc",
  "spare_devices.spare_info_crc": "spare-info-crc",
  "target_config.config_crc": "config-crc",
  "reassembly.instructions_crc": "instructions-crc",
  "version_header.header_crc32": "version-header-crc",
  "integrity.integrity_crc": "integrity-crc",
  final_crc: "final-crc",
};

/** Invariants 1 and 2: what tells that these are the bytes that were written. */
function judgeSums(
  report: RemapReport,
  copy: RemapCopy<DmrmMetadata>,
  firstOfContent: readonly (RemapCopy<DmrmMetadata> | undefined)[],
): void {
  const { value } = copy;
  if (!value) return;
  const { magic, signature, version_counter, integrity_crc } = value.integrity;
  if (magic !== dmrmMagic)
    report.at(rules.magic, copy, "integrity.magic", { found: hexNumber(magic, 8), expected: hexNumber(dmrmMagic, 8) });
  else if (validateDmrm(copy).magicReturn !== 0)
    report.at(rules.signature, copy, "integrity.signature", {
      found: JSON.stringify(signature.text),
      expected: '"dm-remap-v4.0-metadata"',
    });
  for (const sum of copy.sums.filter(({ match }) => !match)) {
    const isUnsealed = sum.name === "integrity.integrity_crc" && integrity_crc === 0 && version_counter === 1n;
    const rule = isUnsealed ? rules["not-sealed"] : rules[sumRules[sum.name] ?? "spare-crc"];
    const evidence = { found: sum.stored, expected: `${sum.computed}, of the bytes as they are` };
    if (!copy.valid) report.at(rule, copy, sum.name, evidence);
    else if (firstOfContent.includes(copy)) report.ofContent(rule, copy, sum.name, evidence);
  }
}

/** Invariant 12: copies of one version, and copies that look pieced together. */
function judgeAcross(report: RemapReport, { copies, choice }: DmrmReading): void {
  const valid = copies.filter((copy) => copy.valid);
  const chosen = copies[choice.index ?? -1];
  for (const [index, copy] of valid.entries()) {
    const twin = valid.slice(0, index).find((each) => each.value && copy.value && compareDmrm(each.value, copy.value) === 0);
    if (twin?.bytes && copy.bytes && !equalBytes(twin.bytes, copy.bytes)) {
      const at = copy.bytes.findIndex((byte, place) => byte !== twin.bytes?.[place]);
      const row = copy.rows.find((each) => each.end > copy.byteOffset + BigInt(at));
      report.at(rules["copies-differ"], copy, row?.path ?? "", {
        found: `another byte ${at}`,
        expected: `what copy ${twin.index} holds there`,
      });
    }
  }
  if (!chosen?.value || !chosen.bytes) return;
  const isAlone = valid.every((copy) => copy === chosen || (copy.value && isOlder(copy.value, chosen.value as DmrmMetadata)));
  const twin = valid.find((copy) => copy !== chosen && copy.value?.final_crc === chosen.value?.final_crc);
  if (isAlone && twin?.value)
    report.at(rules["blend-possible"], chosen, "final_crc", {
      found: `${hexNumber(chosen.value.final_crc, 8)} at version_counter ${chosen.value.integrity.version_counter}, and in copy ${twin.index} at ${twin.value.integrity.version_counter}`,
      expected: "another sum for another version",
    });
}

/** Invariants 3 to 11 and 13, of one content. */
function judgeContent(report: RemapReport, copy: RemapCopy<DmrmMetadata>, value: DmrmMetadata, now: bigint): void {
  judgeIntegrity(report, copy, value, now);
  judgeVersionHeader(report, copy, value);
  judgeSpares(report, copy, value);
  judgeDevices(report, copy, value);
  judgeConfiguration(report, copy, value);
  judgeReserved(report, rules["reserved-not-zero"], copy);
}

const seconds = (value: bigint): string => `${value} (${unixSecondsText(value) ?? "no time a calendar holds"})`;

function judgeIntegrity(report: RemapReport, copy: RemapCopy<DmrmMetadata>, { integrity }: DmrmMetadata, now: bigint): void {
  const at = (key: string) => `integrity.${key}`;
  const { version, metadata_size, creation_timestamp, last_update_timestamp, version_counter, update_sequence_number } = integrity;
  if (version !== dmrmVersion)
    report.ofContent(rules.version, copy, at("version"), { found: hexNumber(version, 8), expected: hexNumber(dmrmVersion, 8) });
  if (metadata_size !== dmrmBytes)
    report.ofContent(rules["metadata-size"], copy, at("metadata_size"), { found: `${metadata_size}`, expected: `${dmrmBytes}` });
  const stored = integrity.individual_section_crcs;
  if (copy.bytes && stored.some((sum) => sum !== 0)) {
    // Entry 7 was computed before the array went in; it is right all the same where integrity_crc is.
    const computed = dmrmSectionSums(copy.bytes);
    const wrong = stored.flatMap((sum, index) => (sum === computed[index] ? [] : [index]));
    if (wrong.length > 0)
      report.ofContent(rules["section-crcs"], copy, at("individual_section_crcs"), {
        found: `other sums at ${wrong.join(", ")}`,
        expected: computed.map((sum) => hexNumber(sum, 8)).join(" "),
      });
  }
  if (creation_timestamp > last_update_timestamp)
    report.ofContent(rules["time-order"], copy, at("last_update_timestamp"), {
      found: seconds(last_update_timestamp),
      expected: `no earlier than creation, ${seconds(creation_timestamp)}`,
    });
  if (last_update_timestamp > now + toleranceSeconds)
    report.ofContent(rules["time-future"], copy, at("last_update_timestamp"), {
      found: seconds(last_update_timestamp),
      expected: `no later than ${seconds(now)}`,
    });
  if (BigInt(update_sequence_number) !== BigInt.asUintN(32, version_counter))
    report.ofContent(rules["sequence-number"], copy, at("update_sequence_number"), {
      found: `${update_sequence_number}`,
      expected: `${BigInt.asUintN(32, version_counter)}, the low half of version_counter`,
    });
  const used = Array.from({ length: 32 }, (_, bit) => (integrity.copy_location_map >>> bit) & 1).reduce((sum, bit) => sum + bit, 0);
  if (integrity.total_copies !== 5 || used !== 5)
    report.ofContent(rules["copy-count"], copy, at("total_copies"), {
      found: `${integrity.total_copies} copies, ${used} bits in copy_location_map`,
      expected: "5 of both",
    });
  const { minimum_valid_copies } = integrity;
  if (minimum_valid_copies < 1 || minimum_valid_copies > 5)
    report.ofContent(rules["minimum-copies"], copy, at("minimum_valid_copies"), { found: `${minimum_valid_copies}`, expected: "1 to 5" });
}

const singleBit = (value: number): boolean => [1, 2, 4, 8, 16].includes(value);

/** Invariant 5. A header that is all zero was never used. */
function judgeVersionHeader(report: RemapReport, copy: RemapCopy<DmrmMetadata>, { version_header: header }: DmrmMetadata): void {
  if (copy.bytes && isAllZero(copy.bytes.subarray(118, 390))) return;
  const at = (key: string) => `version_header.${key}`;
  if (header.magic !== versionHeaderMagic) {
    report.ofContent(rules["version-header-magic"], copy, at("magic"), {
      found: hexNumber(header.magic, 8),
      expected: `${hexNumber(versionHeaderMagic, 8)}, or a header all zero`,
    });
    return;
  }
  const { chain_length, chain_versions, version_number, parent_version, operation_type } = header;
  const chain = (found: string, expected: string) =>
    report.ofContent(rules["version-chain"], copy, at("chain_versions"), { found, expected });
  if (chain_length < 1 || chain_length > 16)
    report.ofContent(rules["version-chain"], copy, at("chain_length"), { found: `${chain_length}`, expected: "1 to 16" });
  else {
    if (chain_versions[0] !== version_number) chain(`${chain_versions[0]} in front`, `${version_number}, the version_number`);
    if (operation_type === 2 && chain_length > 1 && chain_versions[1] !== parent_version)
      chain(`${chain_versions[1]} second`, `${parent_version}, the parent_version`);
    if (chain_versions.slice(chain_length).some((version) => version !== 0)) chain("versions behind the chain's end", "zeros");
  }
  if (header.copy_count > 8)
    report.ofContent(rules["version-copies"], copy, at("copy_count"), { found: `${header.copy_count}`, expected: "0 to 8" });
  if (!singleBit(operation_type))
    report.ofContent(rules["operation-type"], copy, at("operation_type"), { found: `${operation_type}`, expected: "1, 2, 4, 8 or 16" });
  if (!singleBit(header.resolution_strategy))
    report.ofContent(rules["resolution-strategy"], copy, at("resolution_strategy"), {
      found: `${header.resolution_strategy}`,
      expected: "1, 2, 4, 8 or 16",
    });
  if (header.creation_timestamp > header.modification_timestamp)
    report.ofContent(rules["version-times"], copy, at("modification_timestamp"), {
      found: seconds(header.modification_timestamp),
      expected: `no earlier than ${seconds(header.creation_timestamp)}`,
    });
}

/** Invariant 6. */
function judgeSpares(report: RemapReport, copy: RemapCopy<DmrmMetadata>, { spare_devices }: DmrmMetadata): void {
  const at = (key: string) => `spare_devices.${key}`;
  const { spare_count, primary_spare_index, spares, spare_health_scores, spare_last_checked } = spare_devices;
  if (spare_count < 1 || spare_count > dmrmSpareSlots)
    report.ofContent(rules["spare-count"], copy, at("spare_count"), { found: `${spare_count}`, expected: "1 to 8" });
  if (primary_spare_index >= spare_count)
    report.ofContent(rules["primary-spare"], copy, at("primary_spare_index"), {
      found: `${primary_spare_index}`,
      expected: `below spare_count, ${spare_count}`,
    });
  for (let slot = 0; slot < dmrmSpareSlots; slot++) {
    const start = 695 + 304 * slot;
    const isUsed = slot < spare_count;
    const isBlank =
      copy.bytes &&
      isAllZero(copy.bytes.subarray(start, start + 304)) &&
      spare_health_scores[slot] === 0 &&
      spare_last_checked[slot] === 0n;
    if (!isUsed && !isBlank)
      report.ofContent(rules["unused-spare"], copy, at(`spares[${slot}]`), {
        found: "content",
        expected: `zeros: spare_count is ${spare_count}`,
      });
    if (isUsed && (spares[slot]?.device_size_sectors ?? 0n) < leastSpareSectors)
      report.ofContent(rules["spare-size"], copy, at(`spares[${slot}].device_size_sectors`), {
        found: `${spares[slot]?.device_size_sectors} sectors`,
        expected: `${leastSpareSectors} at least`,
      });
    const score = spare_health_scores[slot] ?? 0;
    if (score > 100)
      report.ofContent(rules["health-score"], copy, at(`spare_health_scores[${slot}]`), { found: `${score}`, expected: "0 to 100" });
  }
}

/** Invariants 8 and 13: what fingerprints say of themselves and of each other. */
function judgeDevices(report: RemapReport, copy: RemapCopy<DmrmMetadata>, value: DmrmMetadata): void {
  const used = value.spare_devices.spares.slice(0, Math.min(value.spare_devices.spare_count, dmrmSpareSlots));
  const devices: [path: string, device: DmrmFingerprint][] = [
    ["main_device", value.main_device],
    ...used.map((device, slot): [string, DmrmFingerprint] => [`spare_devices.spares[${slot}]`, device]),
  ];
  for (const [index, [path, device]] of devices.entries()) {
    const twin = devices
      .slice(0, index)
      .find(([, other]) => equalBytes(other.uuid, device.uuid) || equalBytes(other.device_path.content, device.device_path.content));
    if (twin) report.ofContent(rules["device-twice"], copy, path, { found: `the path or uuid of ${twin[0]}`, expected: "one of its own" });
    const origin = foreignPart(device, value.integrity.creation_timestamp);
    if (origin)
      report.ofContent(rules["fingerprint-origin"], copy, `${path}.${origin.field}`, {
        found: origin.found,
        expected: "what the creator makes",
      });
  }
}

/** The first part of a fingerprint that the creator would have made otherwise. dm-remap reference 4.1. */
function foreignPart(device: DmrmFingerprint, creation: bigint): { field: string; found: string } | undefined {
  const folded = device.device_size_sectors >> 11n;
  const second = (BigInt(viewOf(device.uuid).getUint32(4, true)) ^ folded) & 0xffffffffn;
  const made = createFingerprint(
    { name: device.device_path.text, sectors: device.device_size_sectors, sectorBytes: device.sector_size, major: 0, minor: 0 },
    second,
  );
  const isSelf = checksum.kernelCrc32(device.device_path.content) === viewOf(device.uuid).getUint32(0, true);
  if (!isSelf || !equalBytes(made.uuid, device.uuid)) return { field: "uuid", found: "one that path and size do not give" };
  const apart = second - (creation & 0xffffffffn);
  if (apart > 1n || apart < -1n) return { field: "uuid", found: `second ${second} in it, not that of creation, ${creation}` };
  if ((device.device_serial_hash ^ BigInt.asUintN(64, device.device_size_sectors << 16n)) >> 32n !== 0n)
    return { field: "device_serial_hash", found: "one that the size does not give" };
  return undefined;
}

/** Invariants 7, 9 and 10. */
function judgeConfiguration(report: RemapReport, copy: RemapCopy<DmrmMetadata>, value: DmrmMetadata): void {
  const { target_config: config, reassembly, main_device, legacy_remap_data, spare_devices } = value;
  judgeTexts(report, rules["text-padding"], copy, [
    ["integrity.signature", value.integrity.signature],
    ["main_device.device_path", main_device.device_path],
    ...spare_devices.spares.map((spare, slot) => [`spare_devices.spares[${slot}].device_path`, spare.device_path] as const),
    ["target_config.target_params", config.target_params],
  ]);
  const { sysfs_settings_count, sysfs_settings } = config;
  if (sysfs_settings_count > 32 || sysfs_settings.slice(sysfs_settings_count).some((setting) => setting !== 0))
    report.ofContent(rules["sysfs-count"], copy, "target_config.sysfs_settings_count", {
      found: sysfs_settings_count > 32 ? `${sysfs_settings_count}` : `settings behind the ${sysfs_settings_count} that are counted`,
      expected: "at most 32, and zeros behind them",
    });
  for (const row of copy.rows)
    if (row.kind === "flags" && row.problem === "expected 0 or 1")
      report.ofContent(rules.switch, copy, row.path, { found: row.text, expected: "0 or 1" });
  if (reassembly.instruction_version !== 1)
    report.ofContent(rules["instruction-version"], copy, "reassembly.instruction_version", {
      found: `${reassembly.instruction_version}`,
      expected: "1",
    });
  if (config.target_size_sectors !== main_device.device_size_sectors)
    report.ofContent(rules["target-size"], copy, "target_config.target_size_sectors", {
      found: `${config.target_size_sectors}`,
      expected: `${main_device.device_size_sectors}, the size of the main device`,
    });
  const { primary_spare_index: primary, spare_count } = spare_devices;
  judgeNextSector(report, copy, legacy_remap_data, primary < spare_count ? spare_devices.spares[primary]?.device_size_sectors : undefined);
}

function judgeNextSector(
  report: RemapReport,
  copy: RemapCopy<DmrmMetadata>,
  { next_spare_sector: next, remap_count }: DmrmMetadata["legacy_remap_data"],
  primarySectors: bigint | undefined,
): void {
  const path = "legacy_remap_data.next_spare_sector";
  const say = (
    key: "next-spare-sector" | "next-spare-over-copy" | "remaps-over-copy" | "next-spare-outside",
    expected: string,
    found = `${next}`,
  ) => report.ofContent(rules[key], copy, path, { found, expected });
  if (next < dmrmFirstSpareSector) say("next-spare-sector", `${dmrmFirstSpareSector} or more`);
  else if (next < dmrmMetadataEnd) say("next-spare-over-copy", `${dmrmMetadataEnd} or more, behind copy 4`);
  else if (remap_count > 0 && next - BigInt(remap_count) < dmrmMetadataEnd)
    say(
      "remaps-over-copy",
      `remaps from ${dmrmMetadataEnd} on, behind copy 4`,
      `${next} after ${remap_count} remaps, which began at ${next - BigInt(remap_count)} if they lie one behind the other`,
    );
  if (primarySectors !== undefined && next >= primarySectors)
    say("next-spare-outside", `below ${primarySectors}, the size of the primary spare`);
}
