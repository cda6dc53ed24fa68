import { hexNumber, isAllZero } from "../../base/bytes.ts";
import {
  type SetupFingerprint,
  type SetupMetadata,
  setupFingerprintMagic,
  setupMagic,
  setupSectors,
  setupSpareSlots,
  setupTargetMagic,
  setupVersion,
} from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";
import type { SetupReading } from "../device.ts";
import { copyRuleWords, judgeCopies, judgeReserved, judgeStale } from "./common.ts";
import { defineRemapRules, RemapReport, sameContent } from "./remap-rule.ts";

/** Rules on the setup metadata. dm-remap reference 7, invariants. */
export const setupRules = defineRemapRules("setup", {
  ...copyRuleWords("7.2"),
  magic: { severity: "error", section: "7.2", states: "A copy begins with the magic of SETUP.", title: "A copy has another magic" },
  version: { severity: "warning", section: "7.1", states: "metadata_version is 1.", title: "Metadata of another version" },
  "overall-crc": {
    severity: "error",
    section: "7.2",
    states: "A copy as a whole has its sum.",
    title: "The sum of a copy as a whole fails",
  },
  "header-crc": { severity: "error", section: "7.2", states: "The head of a copy has its sum.", title: "The head of a copy is damaged" },
  "devices-crc": {
    severity: "info",
    section: "7, traps",
    states: "The devices have their sum.",
    title: "The sum of the devices is stale",
    remark: "Adding a spare does not refresh it, and no reader looks at it.",
  },
  "config-crc": {
    severity: "info",
    section: "7, traps",
    states: "The configuration has its sum.",
    title: "The sum of the configuration is stale",
    remark: "Edits do not refresh it, and no reader looks at it.",
  },
  "fingerprint-crc": { severity: "warning", section: "7.1", states: "Fingerprints have their sum.", title: "A fingerprint is damaged" },
  "spare-crc": { severity: "warning", section: "7.1", states: "Spares have their sum.", title: "The record of a spare is damaged" },
  "inner-magic": {
    severity: "warning",
    section: "7, invariants",
    states: "Fingerprints and target configuration have their magic.",
    title: "A part of a copy has another magic",
  },
  "spare-count": {
    severity: "error",
    section: "7, invariants",
    states: "There are at most 16 spares.",
    title: "The number of spares is impossible",
  },
  "unused-spare": {
    severity: "warning",
    section: "7, invariants",
    states: "Slots that are not in use are zero.",
    title: "A slot without spare is not zero",
  },
  "copy-locations": {
    severity: "warning",
    section: "7, invariants",
    states: "Five copies are counted, at the sectors where they lie.",
    title: "The places of the copies are wrong",
  },
  capacity: {
    severity: "warning",
    section: "7, invariants",
    states: "A device's capacity is its size times its sector size.",
    title: "A device's capacity does not fit its size",
  },
  "spare-capacity": {
    severity: "warning",
    section: "7, invariants",
    states: "What is used and free of a spare fits it.",
    title: "More of a spare is used and free than there is",
  },
  "time-order": {
    severity: "warning",
    section: "7, invariants",
    states: "Creation is no later than the last change.",
    title: "Changed before it was created",
  },
  "reserved-not-zero": { severity: "warning", section: "7, invariants", states: "Padding is zero.", title: "Padding is in use" },
});
const rules = setupRules;

/** Holds the copies of a setup against the invariants of dm-remap reference 7. */
export function checkSetup(reading: SetupReading): RemapReport {
  const valid = reading.copies.filter((copy) => copy.valid);
  const groups = sameContent(valid);
  const report = new RemapReport(groups, reading.choice.index);
  for (const copy of judgeCopies(report, reading, rules)) if (!copy.valid && copy.value) judgeFault(report, copy, copy.value);
  judgeStale(report, reading, rules["copy-stale"], "version_counter", {
    versionOf: (value) => `${value.version_counter}`,
    isOlder: (value, chosen) => value.version_counter < chosen.version_counter,
  });
  for (const [index, [copy]] of groups.entries()) {
    const twin = groups.slice(0, index).find(([other]) => other?.value?.version_counter === copy?.value?.version_counter)?.[0];
    if (copy && twin)
      report.at(rules["copies-differ"], copy, "", {
        subject: `Copies ${copy.index} and ${twin.index}`,
        found: "different bytes under one version_counter",
        expected: "equal bytes",
      });
    if (copy?.value) judgeContent(report, copy, copy.value);
  }
  return report;
}

function judgeFault(report: RemapReport, copy: RemapCopy<SetupMetadata>, { magic }: SetupMetadata): void {
  if (magic !== setupMagic) report.at(rules.magic, copy, "magic", { found: hexNumber(magic, 8), expected: hexNumber(setupMagic, 8) });
  for (const sum of copy.sums.filter(({ match }) => !match)) {
    const rule = { overall_crc32: rules["overall-crc"], header_crc32: rules["header-crc"] }[sum.name];
    if (rule) report.at(rule, copy, sum.name, { found: sum.stored, expected: `${sum.computed}, of the bytes as they are` });
  }
}

function judgeContent(report: RemapReport, copy: RemapCopy<SetupMetadata>, value: SetupMetadata): void {
  const say = (key: keyof typeof rules, path: string, found: string, expected: string) =>
    report.ofContent(rules[key], copy, path, { found, expected });
  if (value.metadata_version !== setupVersion) say("version", "metadata_version", `${value.metadata_version}`, `${setupVersion}`);
  for (const sum of copy.sums.filter(({ match }) => !match)) {
    const key = sum.name.endsWith("fingerprint_crc32")
      ? "fingerprint-crc"
      : sum.name.endsWith("spare_crc32")
        ? "spare-crc"
        : sum.name === "devices_crc32"
          ? "devices-crc"
          : "config-crc";
    say(key, sum.name, sum.stored, `${sum.computed}, of the bytes as they are`);
  }
  if (value.num_spare_devices > setupSpareSlots)
    say("spare-count", "num_spare_devices", `${value.num_spare_devices}`, `at most ${setupSpareSlots}`);
  if (value.target_config.config_magic !== setupTargetMagic)
    say("inner-magic", "target_config.config_magic", hexNumber(value.target_config.config_magic, 8), hexNumber(setupTargetMagic, 8));
  judgeDevice(report, copy, "main_device", value.main_device);
  for (const [slot, spare] of value.spares.entries()) {
    const path = `spares[${slot}]`;
    if (slot < value.num_spare_devices) {
      judgeDevice(report, copy, `${path}.fingerprint`, spare.fingerprint);
      if (spare.capacity_used + spare.capacity_available > spare.fingerprint.device_size)
        say(
          "spare-capacity",
          `${path}.capacity_available`,
          `${spare.capacity_used} used and ${spare.capacity_available} free`,
          `${spare.fingerprint.device_size} together at most`,
        );
    } else if (copy.bytes && !isAllZero(copy.bytes.subarray(592 + 472 * slot, 1064 + 472 * slot)))
      say("unused-spare", path, "content", `zeros: num_spare_devices is ${value.num_spare_devices}`);
  }
  const { metadata_copies_count, metadata_copy_locations: places } = value;
  if (metadata_copies_count !== setupSectors.length || places.some((place, index) => place !== setupSectors[index]))
    say(
      "copy-locations",
      "metadata_copy_locations",
      `${metadata_copies_count} copies at ${places.join(", ")}`,
      `5 at ${setupSectors.join(", ")}`,
    );
  if (value.created_timestamp > value.modified_timestamp)
    say("time-order", "modified_timestamp", `${value.modified_timestamp}`, `no earlier than creation, ${value.created_timestamp}`);
  judgeReserved(report, rules["reserved-not-zero"], copy);
}

function judgeDevice(report: RemapReport, copy: RemapCopy<SetupMetadata>, path: string, device: SetupFingerprint): void {
  if (device.magic !== setupFingerprintMagic)
    report.ofContent(rules["inner-magic"], copy, `${path}.magic`, {
      found: hexNumber(device.magic, 8),
      expected: hexNumber(setupFingerprintMagic, 8),
    });
  const capacity = BigInt.asUintN(64, device.device_size * BigInt(device.sector_size));
  if (device.device_capacity !== capacity)
    report.ofContent(rules.capacity, copy, `${path}.device_capacity`, {
      found: `${device.device_capacity}`,
      expected: `${capacity}, size by sector size`,
    });
}
