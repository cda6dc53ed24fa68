import type { ReplRule } from "../../../format/regions/repl.ts";
import { defineRegionRules } from "./region-rule.ts";

/** Rules on the replication state. */
export const replRules = defineRegionRules<ReplRule>(
  { name: "the replication state", reference: "core", section: "1.5", blockTag: "REPL" },
  {
    "repl.active-count-differs": {
      severity: "warning",
      states: "ActiveReplicaCount is the number of vector slots with a replica id.",
      title: "The count of replicas is wrong",
      remark: "The SDK's reader counts again and does not look at it.",
      repair: { id: "region.recount", risk: "safe" },
    },
    "repl.tracked-count": {
      severity: "error",
      states: "TrackedBlockCount is not negative and fits a bitmap.",
      title: "The count of tracked blocks is impossible",
    },
    "repl.reserved-not-zero": {
      severity: "warning",
      states: "Reserved bytes of the replication state are zero.",
      title: "Reserved bytes are in use",
      remark: "They are lost when the SDK rewrites the region.",
    },
    "repl.padding-bits": {
      severity: "warning",
      states: "Bits of the dirty bitmap behind the last tracked block are zero.",
      title: "Bits behind the last tracked block are set",
      remark: "The SDK counts these bits as dirty blocks but does not list them.",
    },
    "repl.inactive-slot-not-zero": {
      severity: "warning",
      states: "A vector slot without a replica id is zero.",
      title: "A slot without replica is not zero",
      remark: "The SDK neither counts nor lists it.",
    },
    "repl.id-duplicate": {
      severity: "error",
      states: "Replica ids are unique.",
      title: "Two slots hold one replica",
    },
    "repl.watermark-without-vector": {
      severity: "warning",
      states: "A watermark belongs to the replica in the vector slot of the same number.",
      title: "A watermark belongs to no vector",
    },
    "repl.status-unknown": {
      severity: "error",
      states: "SyncStatus is 0 to 3.",
      title: "A synchronisation status is unknown",
    },
    "repl.value-negative": {
      severity: "error",
      states: "Counters, blocks and generations of replicas are not negative.",
      title: "A replica's value is negative",
    },
    "repl.time-range": {
      severity: "warning",
      states: "Times of replicas are ones that a calendar holds.",
      title: "A time is impossible",
    },
    "repl.watermark-outside": {
      severity: "warning",
      states: "LastSyncedBlock lies in the volume.",
      title: "A watermark lies outside the volume",
      remark: "Nothing says whether blocks count from the volume or from its data region; neither has so many.",
    },
  },
);
