import fc from "fast-check";
import { anyBlockBytes, anyGuid, anyI32, anyI64, anyU8, anyU16, anyU32, inSlots, newYear } from "../../testing/arbitraries.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { replCodec } from "./repl.ts";

const generated = fc
  .record({ blockBytes: anyBlockBytes, trackedBlockCount: fc.nat(300_000), dirty: fc.array(fc.nat(2 ** 20)) })
  .chain(({ blockBytes, trackedBlockCount, dirty }) =>
    fc
      .record({
        generation: anyU32,
        activeReplicaCount: anyU16,
        vectors: inSlots(
          32,
          fc.record({ replicaId: anyGuid, counter: anyI64, timestampUtcTicks: fc.constantFrom(newYear, -1n, 2n ** 63n - 1n) }),
        ),
        watermarks: inSlots(
          32,
          fc.record({
            replicaId: anyGuid,
            lastSyncedBlock: anyI64,
            lastSyncedGeneration: anyI64,
            syncTimestampUtcTicks: fc.constantFrom(newYear, -1n, 2n ** 63n - 1n),
            syncStatusValue: anyU8,
            pendingBlockCount: anyI32,
          }),
        ),
      })
      .map((rest) => {
        const dirtyBlocks =
          trackedBlockCount === 0 ? [] : [...new Set(dirty.map((each) => each % trackedBlockCount))].sort((a, b) => a - b);
        return { blockBytes, content: { ...rest, trackedBlockCount, dirtyBlocks } };
      }),
  );
describeRegionProperties(replCodec, { generated, write: replCodec.write });
