import { isAllZero } from "../../base/bytes.ts";
import type { StoredText } from "../../base/stored-text.ts";
import type { Rule } from "../../findings/registry.ts";
import type { RemapCopy } from "../copy.ts";
import type { RemapReading } from "../device.ts";
import { listSome, type RemapEvidence, type RemapReport } from "./remap-rule.ts";

type R = Rule<RemapEvidence>;

/** The words of the rules that all structures share; each structure declares them under its own subject. */
export const copyRuleWords = (section: string) =>
  ({
    "no-valid-copy": {
      severity: "error",
      section,
      states: "At least one copy is valid.",
      title: "No copy is valid",
      remark: "Nothing may be chosen; what the copies hold is shown as stored.",
    },
    "copy-missing": {
      severity: "warning",
      section,
      states: "All five copies lie inside the device.",
      title: "A copy is not on the device",
      remark: "An image that was cut off lacks the last ones.",
    },
    "copy-unread": { severity: "error", section, states: "Every copy can be read.", title: "A copy cannot be read" },
    "copy-blank": {
      severity: "error",
      section,
      states: "No copy is blank while others are not.",
      title: "A copy is blank",
      remark: "Blank bytes pass every checksum; only the magic tells.",
    },
    "copy-stale": {
      severity: "warning",
      section,
      states: "All valid copies are of one version.",
      title: "A valid copy is older than the chosen one",
      remark: "A write that was interrupted leaves copies of two versions.",
    },
    "copies-differ": {
      severity: "error",
      section,
      states: "Copies of one version are byte for byte the same.",
      title: "Copies of one version differ",
      remark: "Nothing says which of them is right; the one with the lowest number is chosen.",
    },
  }) as const;

/** Copies that are not there, blank or unread, and whether any is valid. Gives the copies that can be looked at further. */
export function judgeCopies<Value>(
  report: RemapReport,
  { copies, choice }: { copies: readonly RemapCopy<Value>[]; choice: RemapReading["choice"] },
  rules: Readonly<Record<"no-valid-copy" | "copy-missing" | "copy-unread" | "copy-blank", R>>,
): RemapCopy<Value>[] {
  const [first] = copies;
  if (choice.index === undefined && first && !copies.some((copy) => copy.valid))
    report.ofAll(rules["no-valid-copy"], first, {
      subject: "Copies",
      found: copies.map(({ index, verdict }) => `${index} ${verdict.fault ?? "valid"}`).join("; "),
      expected: "one that passes every check",
    });
  for (const copy of copies) {
    const subject = `Copy ${copy.index} at sector ${copy.sector}`;
    if (copy.state === "missing" || copy.state === "cut")
      report.at(rules["copy-missing"], copy, "", {
        subject,
        found: copy.state === "cut" ? "its beginning alone" : "nothing",
        expected: "a copy",
      });
    if (copy.state === "unread")
      report.at(rules["copy-unread"], copy, "", { subject, found: copy.reason ?? "a failure", expected: "a copy" });
    if (copy.state === "blank") report.at(rules["copy-blank"], copy, "", { subject, found: "zeros alone", expected: "a copy" });
  }
  return copies.filter((copy) => copy.state === "read");
}

/** Valid copies that are not as new as the chosen one; `isOlder` compares. */
export function judgeStale<Value>(
  report: RemapReport,
  { copies, choice }: { copies: readonly RemapCopy<Value>[]; choice: RemapReading["choice"] },
  rule: R,
  path: string,
  { versionOf, isOlder }: { versionOf: (value: Value) => string; isOlder: (value: Value, chosen: Value) => boolean },
): void {
  const chosen = copies[choice.index ?? -1];
  if (!chosen?.value) return;
  for (const copy of copies)
    if (copy.valid && copy.value && copy !== chosen && isOlder(copy.value, chosen.value))
      report.at(rule, copy, path, { found: versionOf(copy.value), expected: `${versionOf(chosen.value)}, as in copy ${chosen.index}` });
}

/** Texts that are not zero behind their end, or have none. */
export function judgeTexts(
  report: RemapReport,
  rule: R,
  copy: RemapCopy<unknown>,
  texts: readonly (readonly [path: string, text: StoredText])[],
): void {
  for (const [path, { bytes }] of texts) {
    const end = bytes.indexOf(0);
    if (end < 0) report.ofContent(rule, copy, path, { found: "no zero byte", expected: "one behind the text" });
    else if (!isAllZero(bytes.subarray(end)))
      report.ofContent(rule, copy, path, { found: "bytes behind the end of the text", expected: "zeros" });
  }
}

/** Reserved bytes and padding that are not zero, in one finding at the first of them. */
export function judgeReserved(report: RemapReport, rule: R, copy: RemapCopy<unknown>): void {
  const used = copy.rows.filter((row) => row.kind === "reserved" && row.problem !== undefined);
  const [first] = used;
  if (first) report.ofContent(rule, copy, first.path, { found: listSome(used.map((row) => `${row.path} ${row.text}`)), expected: "zero" });
}
