import type { Health, LinksPicture } from "../../contract/index.ts";
import type { ClogContent } from "../../format/regions/clog.ts";
import { type OpjrContent, operationStates, operationTypes } from "../../format/regions/opjr.ts";
import { cursorFlags, type WalsContent } from "../../format/regions/wals.ts";
import type { XrefContent } from "../../format/regions/xref.ts";
import { federationStatuses } from "../../format/regions/xref-federation.ts";
import { referenceTypes } from "../../format/regions/xref-references.ts";
import { separationRoles } from "../../format/regions/xref-separation.ts";
import { viewFields } from "./field-viewer.ts";
import { barsOf } from "./pictures.ts";

/** Raft groups and how far each has applied what it committed. */
export const consensusViewer = viewFields<ClogContent>({
  titles: {
    groups: "Groups",
    groupId: "Group",
    currentTerm: "Term",
    committedIndex: "Committed",
    appliedIndex: "Applied",
    leaderId: "Leader",
    votedFor: "Voted for",
  },
  pictures: ({ content, rangeOf }) =>
    content.groups.length === 0
      ? []
      : [
          barsOf(
            "Applied of committed",
            "A group that lags has committed entries which are not applied yet.",
            "entries",
            content.groups.map(({ groupId, appliedIndex, committedIndex, currentTerm }, index) => ({
              label: groupId.slice(0, 8),
              value: Number(appliedIndex),
              of: Math.max(1, Number(committedIndex)),
              text: `term ${currentTerm} · ${appliedIndex} of ${committedIndex}`,
              health: appliedIndex > committedIndex ? "error" : appliedIndex === committedIndex ? "ok" : "info",
              range: rangeOf("groups", index),
            })),
          ),
        ],
});

const terminal = new Set([3, 4, 5]);
const healthOfState: Readonly<Record<number, Health>> = { 1: "running", 2: "warning", 3: "ok", 4: "error" };

/** Online operations with their progress. */
export const operationsViewer = viewFields<OpjrContent>({
  names: { type: operationTypes, state: operationStates },
  kinds: { sourceRegionStart: "block", targetRegionStart: "block", estimatedEndTicks: "time" },
  titles: { operations: "Operations", operationId: "Id" },
  look: (operation) => (typeof operation.state === "number" && terminal.has(operation.state) ? "weak" : undefined),
  pictures: ({ content, rangeOf }) =>
    content.operations.length === 0
      ? []
      : [
          barsOf(
            "Progress",
            "As the journal states it, beside the units it counts.",
            "units",
            content.operations.map((operation, index) => ({
              label: `${operation.operationId} ${(operationTypes as Readonly<Record<number, string>>)[operation.type] ?? operation.type}`,
              value: Number(operation.progressPercent),
              of: 1_000_000,
              text: `${(Number(operation.progressPercent) / 10_000).toFixed(2)} % · ${operation.completedUnits} of ${operation.totalUnits} · ${(operationStates as Readonly<Record<number, string>>)[operation.state] ?? operation.state}`,
              health: healthOfState[operation.state] ?? "not-run",
              range: rangeOf("operations", index),
            })),
          ),
        ],
});

/** Subscribers of the log and how far behind the furthest each one is. */
export const cursorViewer = viewFields<WalsContent>({
  bits: { flags: cursorFlags },
  titles: { cursors: "Cursors", subscriberId: "Subscriber", lastEpoch: "Epoch", lastSequence: "Sequence" },
  pictures: ({ content, rangeOf }) => {
    const furthest = content.cursors.reduce((most, { lastSequence }) => (lastSequence > most ? lastSequence : most), 0n);
    return content.cursors.length === 0
      ? []
      : [
          barsOf(
            "Behind the furthest cursor",
            `The furthest cursor stands at sequence ${furthest}; the slowest one holds the log back.`,
            "entries",
            content.cursors.map(({ subscriberId, lastSequence }, index) => ({
              label: `${subscriberId}`,
              value: Number(furthest - lastSequence),
              text: `${furthest - lastSequence} behind · at ${lastSequence}`,
              range: rangeOf("cursors", index),
            })),
          ),
        ];
  },
});

const mostLinks = 120;

/** References between volumes, members of a federation, or roles of volumes: whichever of the three layouts it is. */
export const crossReferenceViewer = viewFields<XrefContent>({
  names: { referenceType: referenceTypes, status: federationStatuses, role: separationRoles },
  titles: {
    references: "References",
    entries: "Members",
    geoRegions: "Places",
    assignments: "Assignments",
    sourceVdeId: "From",
    targetVdeId: "To",
    vdeId: "Volume",
  },
  pictures: ({ content, volume, rangeOf }) => {
    const own = volume.superblock?.volumeUuid;
    const node = (id: string): LinksPicture["nodes"][number] => ({
      id,
      label: id === own ? "this volume" : id,
      tone: id === own ? "self" : "known",
    });
    if (content.layout === "references") {
      const shown = content.references.slice(0, mostLinks);
      const ids = new Set(shown.flatMap(({ sourceVdeId, targetVdeId }) => [sourceVdeId, targetVdeId]));
      return shown.length === 0
        ? []
        : [
            {
              type: "links",
              title: "Who refers to whom",
              summary: `${content.references.length} references between ${ids.size} volumes.`,
              nodes: [...ids].map(node),
              links: shown.map(({ sourceVdeId, targetVdeId, sourceInodeNumber, targetInodeNumber, referenceType }, index) => ({
                from: sourceVdeId,
                to: targetVdeId,
                label: `${(referenceTypes as Readonly<Record<number, string>>)[referenceType] ?? referenceType}: inode ${sourceInodeNumber} to ${targetInodeNumber === 0n ? "the whole volume" : `inode ${targetInodeNumber}`}`,
                range: rangeOf("references", index),
              })),
              more: content.references.length - shown.length,
            },
          ];
    }
    if (content.layout === "federation")
      return content.entries.length === 0
        ? []
        : [
            barsOf(
              "Latency of members",
              `${content.entries.length} members in ${content.geoRegions.length} places.`,
              "ms",
              content.entries.map((entry, index) => ({
                label: entry.namespacePath.text || entry.vdeId,
                value: entry.latencyMs,
                text: `${entry.latencyMs} ms · ${(federationStatuses as Readonly<Record<number, string>>)[entry.status] ?? entry.status}`,
                health: entry.status === 0 ? "ok" : entry.status === 2 ? "error" : "warning",
                range: rangeOf("entries", index),
              })),
            ),
          ];
    return content.assignments.length === 0
      ? []
      : [
          barsOf(
            "Blocks in use",
            "Used blocks of each volume's share.",
            "blocks",
            content.assignments.map(({ vdeId, role, usedBlocks, capacityBlocks }, index) => ({
              label: `${vdeId.slice(0, 8)} ${(separationRoles as Readonly<Record<number, string>>)[role] ?? role}`,
              value: Number(usedBlocks),
              of: Math.max(1, Number(capacityBlocks)),
              text: `${usedBlocks} of ${capacityBlocks}`,
              ...(usedBlocks > capacityBlocks && { health: "error" as const }),
              range: rangeOf("assignments", index),
            })),
          ),
        ];
  },
});
