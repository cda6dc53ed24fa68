import { type Decoded, guid, i32, i64, reserved, struct, ticks, u8 } from "../../base/struct/index.ts";
import type { FixedRule, FixedTable } from "./fixed-records.ts";
import { type AddProblem, fixedTableCodec } from "./fixed-table-codec.ts";
import { duplicates, isCalendarTicks, isEmptyGuid } from "./region.ts";

/** State of one Raft group, 89 bytes. Other regions reference 3. */
export const consensusGroup = struct("ConsensusGroup", {
  groupId: guid(),
  currentTerm: i64({ check: (value) => value >= 0n, expects: "not negative" }),
  committedIndex: i64(),
  appliedIndex: i64(),
  votedFor: guid({ doc: "All zero: no vote" }),
  leaderId: guid({ doc: "All zero: unknown" }),
  memberCount: u8({ check: (value) => value > 0, expects: "at least 1" }),
  lastHeartbeatUtcTicks: ticks(),
  lastUpdatedUtcTicks: ticks(),
});
export type ConsensusGroup = Decoded<typeof consensusGroup>;

const header = struct("ConsensusLogHeader", {
  groupCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});

export interface ClogContent {
  generation: number;
  groupCount: number;
  groups: ConsensusGroup[];
}

export type ClogRule =
  | FixedRule<"clog">
  | `clog.${"id-empty" | "id-duplicate" | "index-order" | "term-negative" | "member-count" | "time-range" | "updated-before-heartbeat"}`;

const table: FixedTable<Decoded<typeof header>, ConsensusGroup, "clog"> = {
  rules: "clog",
  tag: "CLOG",
  sdkRegion: "Consensus log region",
  name: "ConsensusLog",
  list: "groups",
  headerBytes: 16,
  recordBytes: 89,
  reserved: { start: 4, byteLength: 12 },
  header,
  record: consensusGroup,
};

/** The state of consensus groups. Other regions reference 3. */
export const clogCodec = fixedTableCodec<Decoded<typeof header>, ConsensusGroup, ClogContent, "clog">({
  table,
  noun: "group",
  countOf: ({ groupCount }) => groupCount,
  contentOf: ({ generation, header: { groupCount }, records }) => ({ generation, groupCount, groups: records }),
  partsOf: ({ groupCount, groups }) => ({ header: { groupCount }, records: groups }),
  sdkReads({ generation, groups }) {
    const byId = new Map(groups.map((group) => [group.groupId, group]));
    return byId.size < groups.length ? { generation, groupCount: byId.size, groups: [...byId.values()] } : undefined;
  },
  judge({ groups }, add: AddProblem<ClogRule>) {
    for (const [index, group] of groups.entries()) {
      if (isEmptyGuid(group.groupId)) add("clog.id-empty", index, "a group id of zeros", "an id");
      if (group.currentTerm < 0n) add("clog.term-negative", index, `term ${group.currentTerm}`, "not negative");
      if (group.appliedIndex < 0n || group.appliedIndex > group.committedIndex)
        add(
          "clog.index-order",
          index,
          `applied index ${group.appliedIndex}, committed index ${group.committedIndex}`,
          "0 or more applied, at most as many as committed",
        );
      if (group.memberCount < 1) add("clog.member-count", index, "no member", "at least one");
      for (const time of [group.lastHeartbeatUtcTicks, group.lastUpdatedUtcTicks])
        if (!isCalendarTicks(time)) add("clog.time-range", index, `${time}`, "a time a calendar holds");
      if (group.lastUpdatedUtcTicks < group.lastHeartbeatUtcTicks)
        add(
          "clog.updated-before-heartbeat",
          index,
          `updated at ${group.lastUpdatedUtcTicks}, heartbeat at ${group.lastHeartbeatUtcTicks}`,
          "the update not before the heartbeat",
        );
    }
    for (const [first, again] of duplicates(groups, ({ groupId }) => groupId))
      add("clog.id-duplicate", again, `the id of group ${first}`, "an id of its own");
  },
});
