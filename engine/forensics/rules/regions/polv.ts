import type { PolvRule } from "../../../format/regions/polv.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the policy vault. */
export const polvRules = defineRegionRules<PolvRule>(
  { name: "the policy vault", reference: "core", section: "5.6", blockTag: "POLV" },
  {
    "polv.seal-mismatch": {
      severity: "error",
      states: "The seal is the HMAC of block 0 under the vault's key.",
      title: "The seal does not match the policies",
      remark: "The SDK refuses the vault.",
    },
    "polv.seal-missing": {
      severity: "error",
      states: "A vault that was written carries a seal.",
      title: "The vault has no seal",
    },
    "polv.reserved-not-zero": {
      severity: "warning",
      states: "Unused bytes of the policy vault are zero.",
      title: "Unused bytes are in use",
    },
    "polv.count-differs": {
      severity: "error",
      states: "PolicyCount is the number of policies.",
      title: "The count of policies is wrong",
    },
    "polv.policy-broken": {
      severity: "error",
      states: "A policy's data ends inside the block.",
      title: "A policy cannot be decoded",
      remark: "Nothing behind it is read.",
    },
    "polv.id-empty": {
      severity: "warning",
      states: "Each policy has an id.",
      title: "A policy has no id",
    },
    "polv.id-duplicate": {
      severity: "warning",
      states: "Policy ids are unique.",
      title: "Two policies have one id",
      remark: "The SDK finds and removes the first.",
    },
    "polv.times": {
      severity: "warning",
      states: "A policy is made before it is changed.",
      title: "A policy was changed before it was made",
    },
    "polv.time-range": {
      severity: "warning",
      states: "Times of policies are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "polv.tamper-level": {
      severity: "warning",
      states: "A tamper policy has a level of 0 to 4.",
      title: "The tamper level is unknown",
    },
    "polv.tamper-policy-count": {
      severity: "warning",
      states: "There is at most one tamper policy.",
      title: "There is more than one tamper policy",
    },
    "polv.qos-length": {
      severity: "warning",
      states: "QoS policies hold records of 64 bytes.",
      title: "A QoS policy has a length of no records",
    },
    "polv.qos-value": {
      severity: "warning",
      states: "QoS records hold known classes and flags.",
      title: "A QoS record holds unknown values",
    },
  },
);
