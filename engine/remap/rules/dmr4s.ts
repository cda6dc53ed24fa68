import { equalBytes, hexNumber, isAllZero } from "../../base/bytes.ts";
import { type Dmr4ScriptRecord, dmr4Magic, dmr4ScriptStatedSize, dmr4Version, sectorBytes, spacePadded } from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";
import type { RemapDevice, ScriptReading } from "../device.ts";
import { copyRuleWords, judgeReserved } from "./common.ts";
import { defineRemapRules, RemapReport } from "./remap-rule.ts";

const { "no-valid-copy": noValid, "copy-missing": missing, "copy-unread": unread } = copyRuleWords("6");

/** Rules on what the script writes. dm-remap reference 6, invariants. */
export const scriptRules = defineRemapRules("dmr4s", {
  "no-valid-copy": { ...noValid, states: "At least one record is whole.", title: "No record is whole" },
  "copy-missing": missing,
  "copy-unread": unread,
  "record-replaced": {
    severity: "warning",
    section: "6, traps",
    states: "A record stands at each of its five sectors.",
    title: "A record is gone",
    remark: "The module overwrites sectors 0 and 1024 when it is loaded; the other records survive as relics.",
  },
  "kernel-rejects": {
    severity: "warning",
    section: "6, traps",
    states: "Records stand beside copies that the module wrote.",
    title: "The module would overwrite these records",
    remark: "It rejects records for their missing checksum and, finding nothing valid, writes empty metadata over sectors 0 and 1024.",
  },
  version: { severity: "warning", section: "6", states: "The version is 4.", title: "A record has another version" },
  "copy-index": {
    severity: "warning",
    section: "6, invariants",
    states: "copy_index is the record's place.",
    title: "A record says it is another",
  },
  sequence: { severity: "warning", section: "6, invariants", states: "The sequence is 1.", title: "The sequence of a record is not 1" },
  "reserved-not-zero": {
    severity: "warning",
    section: "6, invariants",
    states: "Padding and reserved bytes are zero.",
    title: "Reserved bytes are in use",
  },
  "records-differ": {
    severity: "error",
    section: "6, invariants",
    states: "Records are equal but for copy_index.",
    title: "Records differ",
    remark: "No sum protects them, so nothing says which is right.",
  },
  "path-missing": {
    severity: "error",
    section: "6, invariants",
    states: "Both device paths are there.",
    title: "A device path is missing",
    remark: "dm-remap-scan refuses such a record.",
  },
  "paths-equal": {
    severity: "error",
    section: "6, invariants",
    states: "Main device and spare are different devices.",
    title: "Main device and spare are one path",
  },
  "device-size": {
    severity: "info",
    section: "6, invariants",
    states: "spare_device_sectors is the size of the device.",
    title: "The spare is not as large as it was",
    remark: "An image that holds only the beginning of a spare is smaller.",
  },
});
const rules = scriptRules;

/** Holds the records of the script against the invariants of dm-remap reference 6. */
export function checkScript(remap: RemapDevice, { copies, choice }: ScriptReading): RemapReport {
  const report = new RemapReport();
  const [head] = copies;
  if (choice.index === undefined && head)
    report.ofAll(rules["no-valid-copy"], head, {
      subject: "Records",
      found: copies.map(({ index, verdict }) => `${index} ${verdict.fault ?? "whole"}`).join("; "),
      expected: "one that is whole",
    });
  for (const copy of copies) {
    const subject = `Record ${copy.index} at sector ${copy.sector}`;
    if (copy.state === "missing" || copy.state === "cut")
      report.at(rules["copy-missing"], copy, "", { subject, found: "nothing", expected: "a record" });
    else if (copy.state === "unread")
      report.at(rules["copy-unread"], copy, "", { subject, found: copy.reason ?? "a failure", expected: "a record" });
    else if (copy.value && isRecord(copy.value)) judgeRecord(report, copy, copy.value, remap.device.byteLength / BigInt(sectorBytes));
    else
      report.at(rules["record-replaced"], copy, "", {
        subject,
        found: copy.state === "blank" ? "zeros" : "something else",
        expected: "a record",
      });
  }
  const first = copies[choice.index ?? -1];
  for (const copy of copies)
    if (first?.bytes && copy.bytes && copy.value && copy !== first && isRecord(copy.value) && !sameRecord(first.bytes, copy.bytes)) {
      const at = copy.bytes.findIndex((byte, place) => (place < 28 || place >= 32) && byte !== first.bytes?.[place]);
      const row = copy.rows.find((each) => each.end > copy.byteOffset + BigInt(at));
      report.at(rules["records-differ"], copy, row?.path ?? "", {
        found: row?.text ?? "other bytes",
        expected: `what record ${first.index} holds there`,
      });
    }
  if (first && !remap.find("DMR4-kernel"))
    report.at(rules["kernel-rejects"], first, "checksum", { found: "records alone", expected: "a copy that the module accepts" });
  return report;
}

const isRecord = ({ magic, structure_size, checksum }: Dmr4ScriptRecord): boolean =>
  magic === dmr4Magic && structure_size === dmr4ScriptStatedSize && checksum === 0;

const sameRecord = (a: Uint8Array, b: Uint8Array): boolean =>
  equalBytes(a.subarray(0, 28), b.subarray(0, 28)) && equalBytes(a.subarray(32), b.subarray(32));

function judgeRecord(report: RemapReport, copy: RemapCopy<Dmr4ScriptRecord>, value: Dmr4ScriptRecord, deviceSectors: bigint): void {
  const say = (key: keyof typeof rules, path: keyof Dmr4ScriptRecord, found: string, expected: string) =>
    report.at(rules[key], copy, path, { found, expected });
  if (value.version !== dmr4Version) say("version", "version", `${value.version}`, `${dmr4Version}`);
  if (value.copy_index !== copy.index) say("copy-index", "copy_index", `${value.copy_index}`, `${copy.index}`);
  if (value.sequence !== 1n) say("sequence", "sequence", `${value.sequence}`, "1");
  if (value.reserved !== 0) say("reserved-not-zero", "reserved", hexNumber(value.reserved, 8), "zero");
  judgeReserved(report, rules["reserved-not-zero"], copy);
  const [main, spare] = [spacePadded(value.main_device_path), spacePadded(value.spare_device_path)];
  for (const [path, text] of [
    ["main_device_path", main],
    ["spare_device_path", spare],
  ] as const)
    if (text === "" || isAllZero(value[path])) say("path-missing", path, "no path", "a device path");
  if (main !== "" && main === spare) say("paths-equal", "spare_device_path", spare, "another path than that of the main device");
  if (copy.index === 0 && value.spare_device_sectors !== deviceSectors)
    say("device-size", "spare_device_sectors", `${value.spare_device_sectors}`, `${deviceSectors}, as the device has now`);
}
