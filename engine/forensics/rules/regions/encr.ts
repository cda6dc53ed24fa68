import type { EncrRule } from "../../../format/regions/encr.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the encryption header. */
export const encrRules = defineRegionRules<EncrRule>(
  { name: "the encryption header", reference: "core", section: "6.5", blockTag: "ENCR" },
  {
    "encr.active-slot-differs": {
      severity: "warning",
      states: "The header names the first active slot and counts all.",
      title: "The header does not match the slots",
      remark: "The SDK's reader does not look at it.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "encr.reserved-not-zero": {
      severity: "warning",
      states: "Unused bytes of the encryption header are zero.",
      title: "Unused bytes are in use",
    },
    "encr.event-count-too-large": {
      severity: "error",
      states: "RotationEventCount is at most what fits.",
      title: "More rotations are counted than fit",
      remark: "The SDK reads on into the trailer.",
    },
    "encr.slot-index-differs": {
      severity: "warning",
      states: "A slot's index is its position.",
      title: "A slot's index is not its position",
    },
    "encr.status-unknown": {
      severity: "error",
      states: "A slot's status is 0 to 3.",
      title: "A slot's status is unknown",
    },
    "encr.algorithm-unknown": {
      severity: "warning",
      states: "Algorithm and derivation of a slot are known.",
      title: "An algorithm is unknown",
    },
    "encr.iterations-missing": {
      severity: "warning",
      states: "A slot in use has iterations.",
      title: "A slot has no iterations",
    },
    "encr.key-missing": {
      severity: "error",
      states: "A slot in use has a wrapped key.",
      title: "A slot in use has no key",
    },
    "encr.empty-slot-not-zero": {
      severity: "warning",
      states: "An empty slot is zero.",
      title: "An empty slot holds bytes",
      remark: "What is left may be key material.",
    },
    "encr.slot-times": {
      severity: "warning",
      states: "An active slot is not retired, another one is retired after it was made.",
      title: "A slot's times do not suit its status",
    },
    "encr.time-range": {
      severity: "warning",
      states: "Times of slots and rotations are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "encr.more-than-one-active": {
      severity: "warning",
      states: "At most one slot is active.",
      title: "More than one slot is active",
      remark: "The SDK uses the first.",
    },
    "encr.rotation-order": {
      severity: "warning",
      states: "Times of rotations do not decrease.",
      title: "Rotations are out of order",
    },
    "encr.rotation-slots": {
      severity: "warning",
      states: "A rotation leads from one slot of 0 to 62 to another.",
      title: "A rotation names impossible slots",
    },
    "encr.rotation-reason": {
      severity: "warning",
      states: "A rotation's reason is 0 to 3.",
      title: "A rotation's reason is unknown",
    },
    "encr.rotation-not-active": {
      severity: "warning",
      states: "The last rotation leads to an active slot.",
      title: "The last rotation leads to a slot that is not active",
    },
  },
);
