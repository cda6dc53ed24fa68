import type { CmvtRule } from "../../../format/regions/cmvt.ts";
import { defineRegionRules } from "./region-rule.ts";
import { packedTableWords } from "./table-words.ts";

const loses = "It takes zeros at the end of a full block for passports and loses as many of the last ones.";

/** Rules on the compliance passports. */
export const cmvtRules = defineRegionRules<CmvtRule>(
  {
    name: "the compliance vault",
    reference: "other",
    section: "9",
    blockTag: "CMVT",
    blockRules: ["block-damaged", "block-foreign", "generations-differ"],
  },
  {
    ...packedTableWords("cmvt", "the compliance vault", loses),
    "cmvt.id-empty": { severity: "error", states: "Each passport has an id.", title: "A passport has no id" },
    "cmvt.id-duplicate": {
      severity: "warning",
      states: "Ids of passports are unique.",
      title: "Two passports have one id",
      remark: "The SDK allows it; it removes and finds the first.",
    },
    "cmvt.framework-unknown": { severity: "warning", states: "FrameworkId is 0 to 8.", title: "A framework is unknown" },
    "cmvt.status-unknown": { severity: "warning", states: "ComplianceStatus is 0 to 4.", title: "A status is unknown" },
    "cmvt.text-too-long": {
      severity: "warning",
      states: "An issuer has at most 128 bytes, notes have at most 256.",
      title: "A passport's text is longer than the SDK writes",
    },
    "cmvt.text-not-utf8": { severity: "warning", states: "Issuers and notes are UTF-8.", title: "A passport's text is not UTF-8" },
    "cmvt.verified-before-issued": {
      severity: "warning",
      states: "A passport was not verified before it was issued.",
      title: "A passport was verified before its issue",
    },
    "cmvt.expires-before-issued": {
      severity: "warning",
      states: "A passport expires after its issue, or never.",
      title: "A passport expires before its issue",
    },
    "cmvt.unsigned": { severity: "info", states: "Passports are signed.", title: "Passports are not signed" },
    "cmvt.signature-invalid": {
      severity: "warning",
      states: "Signatures of passports verify by the issuer's key, where it is given.",
      title: "A passport's signature does not verify",
      remark: "The passport was changed after it was signed, or another key signed it.",
    },
    "cmvt.time-range": {
      severity: "warning",
      states: "Times of passports are ones that a calendar holds.",
      title: "A time is impossible",
    },
  },
);
