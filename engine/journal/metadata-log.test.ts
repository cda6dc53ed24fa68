import { describe, expect, it } from "vitest";
import { concatBytes, viewOf } from "../base/bytes.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { EngineError } from "../errors/engine-error.ts";
import { commitMark, completionMark, logEntry, logMarker } from "../format/core/index.ts";
import { LogStream } from "./log-stream.ts";
import { readLogState, recordsFrom, scanLogMarkers } from "./metadata-log.ts";

const blockBytes = 4096;
const logBlocks = 8;
const start = BigInt(blockBytes);
const entry = (target: number, fill: number) =>
  logEntry.encode({ targetBlock: BigInt(target), dataLength: blockBytes, image: new Uint8Array(blockBytes).fill(fill), checksum: 0n });
const commit = (sequence: number, entryCount: number) =>
  logMarker.encode({ kind: commitMark, sequence: BigInt(sequence), entryCount, checksum: 0n });
const completion = (sequence: number) =>
  logMarker.encode({ kind: completionMark, sequence: BigInt(sequence), entryCount: 0, checksum: 0n });

/** A log of eight blocks at block 0 whose stream holds `records` from byte `at` on, wrapped as the writer wraps. */
function logOf(records: readonly Uint8Array[], at = 0) {
  const stream = new Uint8Array((logBlocks - 1) * blockBytes);
  let next = at;
  for (const record of records) {
    if (next + record.length > stream.length) next = 0;
    stream.set(record, next);
    next += record.length;
  }
  const device = new MemoryDevice(concatBytes([new Uint8Array(blockBytes), stream]));
  return { device, stream: new LogStream(device, { startBlock: 0n, blockCount: BigInt(logBlocks), blockBytes, totalBlocks: 100n }) };
}
const header = (sequenceEnd: number, tail = 0) => ({
  sequenceEnd: BigInt(sequenceEnd),
  tailOffset: tail === 0 ? 0n : start + BigInt(tail),
});

describe("the end of a metadata log", () => {
  it("has nothing in a fresh log", async () => {
    expect(await readLogState(logOf([]).stream, header(0))).toMatchObject({ state: "none", startOffset: start, expectedSequence: 1n });
  });
  it("has an uncommitted transaction where the commit is missing", async () => {
    const state = await readLogState(logOf([entry(10, 1), entry(8, 2)]).stream, header(0));
    expect(state).toMatchObject({ state: "uncommitted", entries: [{ targetBlock: 10n }, { targetBlock: 8n }] });
  });
  it("has a pending one where commit and count hold", async () => {
    const state = await readLogState(logOf([entry(10, 1), entry(8, 2), commit(1, 2)]).stream, header(0));
    expect(state).toMatchObject({ state: "pending-committed", commit: { sequence: 1n, entryCount: 2 } });
  });
  it("has a finished one whose header was lost where the completion stands behind the commit", async () => {
    const state = await readLogState(logOf([entry(10, 1), commit(1, 1), completion(1)]).stream, header(0));
    expect(state.state).toBe("applied-header-lost");
  });
  it("takes a larger sequence, which an in-process rollback leaves, and passes over a smaller one", async () => {
    expect((await readLogState(logOf([entry(10, 1), commit(7, 1)]).stream, header(4))).state).toBe("pending-committed");
    expect((await readLogState(logOf([entry(10, 1), commit(4, 1)]).stream, header(4))).state).toBe("uncommitted");
  });
  it("goes on at the start where the writer wrapped", async () => {
    const tail = 6 * blockBytes - 2000;
    const { stream } = logOf([entry(10, 1), entry(8, 2), commit(5, 2)], tail);
    expect(await readLogState(stream, header(4, tail))).toMatchObject({ state: "pending-committed", entries: [{}, {}] });
  });
  it("counts entries before a wrap alone where the commit is missing", async () => {
    const tail = 6 * blockBytes - 2000;
    const { stream } = logOf([entry(10, 1), entry(8, 2)], tail);
    expect(await readLogState(stream, header(4, tail))).toMatchObject({ state: "uncommitted", entries: [{ targetBlock: 10n }] });
  });
  it("is overrun where the commit counts more entries than can be read", async () => {
    const state = await readLogState(logOf([entry(10, 1), commit(1, 9)]).stream, header(0));
    expect(state).toMatchObject({ state: "overrun", commit: { entryCount: 9 }, entries: [{}] });
  });
  it("takes a tail outside the log for its start", async () => {
    const { stream } = logOf([entry(10, 1), commit(1, 1)]);
    for (const tailOffset of [1n, 10n ** 9n, -5n])
      expect((await readLogState(stream, { sequenceEnd: 0n, tailOffset })).state).toBe("pending-committed");
  });
  it("refuses an entry for a block outside the volume, and one that is no whole block", async () => {
    expect((await readLogState(logOf([entry(100, 1), commit(1, 1)]).stream, header(0))).state).not.toBe("pending-committed");
    const short = logEntry.encode({ targetBlock: 5n, dataLength: 100, image: new Uint8Array(100), checksum: 0n });
    expect((await readLogState(logOf([short, commit(1, 1)]).stream, header(0))).state).not.toBe("pending-committed");
  });
  it("says that it is unread where the device fails", async () => {
    const { device } = logOf([entry(10, 1), commit(1, 1)]);
    const failing = new Proxy(device, {
      get: (of, key) =>
        key === "read"
          ? async (at: bigint, into: Uint8Array) => {
              throw new EngineError("DEVICE_READ_FAILED", { path: "x", at, byteLength: into.length, reason: "I/O error" });
            }
          : Reflect.get(of, key, of),
    });
    const stream = new LogStream(failing, { startBlock: 0n, blockCount: 8n, blockBytes, totalBlocks: 100n });
    expect(await readLogState(stream, header(0))).toMatchObject({ state: "unread", reason: expect.stringContaining("I/O error") });
  });
});

describe("the records of a metadata log", () => {
  it("are listed from the first until something does not parse", async () => {
    const torn = entry(9, 3);
    viewOf(torn).setUint8(2000, 0);
    const found = [];
    for await (const record of recordsFrom(logOf([entry(10, 1), commit(1, 1), completion(1), torn, entry(4, 4)]).stream))
      found.push(record.kind);
    expect(found).toEqual(["entry", "commit", "completion"]);
  });
  it("end at the limit of bytes", async () => {
    const found = [];
    for await (const record of recordsFrom(logOf([entry(10, 1), entry(9, 1), entry(8, 1)]).stream, { limitBytes: 5000 }))
      found.push(record.kind);
    expect(found).toEqual(["entry", "entry"]);
  });
  it("tell by their markers where a log without header ends, wherever they begin", async () => {
    const { stream } = logOf([entry(10, 0xff), commit(1, 1), completion(1), entry(10, 0xff), commit(2, 1)], 777);
    expect(await scanLogMarkers(stream)).toEqual({
      highestCommittedSequence: 2n,
      highestCompletedSequence: 1n,
      tailOffset: start + 777n + 4116n + 56n,
    });
  });
});
