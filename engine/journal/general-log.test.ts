import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { toJson } from "../base/json.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { judgeGeneralLog } from "../forensics/rules/general-log.ts";
import { generalLogEntry, generalLogHeader, generalLogMagic } from "../format/core/index.ts";
import { goldenDifferences } from "../testing/compare-golden.ts";
import { goldenDevice, goldenJson, goldenNames } from "../testing/golden.ts";
import { readGeneralLog } from "./general-log.ts";

const areaOf = ({ blockSize, walStartBlock, walBlockCount }: { blockSize: number; walStartBlock: number; walBlockCount: number }) => ({
  startBlock: BigInt(walStartBlock),
  blockCount: BigInt(walBlockCount),
  blockBytes: blockSize,
});

describe("structures of the general log, by the worked examples of operations reference 18.4", () => {
  const empty = new Uint8Array(0);
  const marker = {
    targetBlockNumber: -1n,
    dataLength: 0,
    beforeLength: 0,
    afterLength: 0,
    checksum: 0n,
    beforeImage: empty,
    afterImage: empty,
  };
  it("gives the fresh header", () => {
    const header = generalLogHeader.encode({
      magic: generalLogMagic,
      headBlock: 1n,
      tailBlock: 1n,
      nextSequenceNumber: 1n,
      lastCheckpointSequence: 0n,
      nextTransactionId: 1n,
      checksum: 0n,
    });
    expect(toHex(header)).toBe("484c415701000000000000000100000000000000010000000000000000000000000000000100000000000000a4099aae82eb000f");
  });
  it("gives Begin and Commit", () => {
    expect(toHex(generalLogEntry.encode({ sequenceNumber: 1n, transactionId: 1n, type: 1, ...marker }))).toBe(
      toHex(
        fromHex(
          "01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 01 FF FF FF FF FF FF FF FF 00 00 00 00 00 00 00 00 00 00 00 00 71 EC 36 51 DE DD 1D 8A",
        ),
      ),
    );
    expect(toHex(generalLogEntry.encode({ sequenceNumber: 2n, transactionId: 1n, type: 6, ...marker })).slice(-16)).toBe(
      "0b690b8b23fc38ca",
    );
  });
  it("covers both images with the checksum", () => {
    const [beforeImage, afterImage] = [new Uint8Array(100).fill(1), new Uint8Array(50).fill(2)];
    const lengths = { dataLength: 150, beforeLength: 100, afterLength: 50 };
    const entry = generalLogEntry.encode({
      sequenceNumber: 3n,
      transactionId: 1n,
      type: 2,
      ...marker,
      ...lengths,
      beforeImage,
      afterImage,
    });
    expect(generalLogEntry.decode(entry)).toMatchObject(lengths);
    entry[60] = 9;
    expect(() => generalLogEntry.decode(entry)).toThrowError(expect.objectContaining({ code: "CHECKSUM_MISMATCH" }));
  });
});

describe.each(goldenNames(/^walh-/))("the general log %s", (name) => {
  const { inputs, expect: expected, sdkReads } = goldenJson(name);
  it("has the header and entries that were written, and reads as the SDK reads it", async () => {
    const log = toJson(await readGeneralLog(await goldenDevice(name), areaOf(inputs)));
    expect(goldenDifferences(log, { ...expected, sdkReads })).toEqual([]);
  });
});

describe("a general log", () => {
  it("names what the SDK's replay loses of a committed transaction", async () => {
    const { inputs } = goldenJson("walh-full-block-committed");
    const { transactions } = await readGeneralLog(await goldenDevice("walh-full-block-committed"), areaOf(inputs));
    expect(transactions).toEqual([{ transactionId: 1n, state: "committed", inWindow: true, changes: 1, changesLost: 1 }]);
  });
  it("is read without an end that lies outside the ring, and without blocks that are not there", async () => {
    const { inputs } = goldenJson("walh-small-committed");
    const device = await goldenDevice("walh-small-committed");
    const header = new Uint8Array(52);
    await device.read(8192n, header);
    const { checksum: _, ...fields } = generalLogHeader.parse(header);
    await device.write(8192n, generalLogHeader.encode({ ...fields, headBlock: 1n << 62n, checksum: 0n }));
    const log = await readGeneralLog(device, areaOf(inputs));
    expect(log.sdkReads).not.toHaveProperty("replay");
    expect(log.entries).toHaveLength(3);
    const cut = await readGeneralLog(new MemoryDevice(new Uint8Array(100)), { startBlock: 0n, blockCount: 1n << 50n, blockBytes: 4096 });
    expect(cut).toMatchObject({ entries: [], unreadBlocks: 1n << 50n });
  });
  it("is read whatever stands in it", async () => {
    const fields = { magic: generalLogMagic, nextSequenceNumber: 9n, lastCheckpointSequence: 0n, nextTransactionId: 9n, checksum: 0n };
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: -2n, max: 9n }),
        fc.bigInt({ min: -2n, max: 9n }),
        fc.array(fc.tuple(fc.nat({ max: 8 * 512 - 60 }), fc.integer({ min: 1, max: 8 }), fc.nat({ max: 700 })), { maxLength: 12 }),
        async (headBlock, tailBlock, placed) => {
          const bytes = new Uint8Array(8 * 512);
          for (const [at, type, length] of placed) {
            const beforeImage = new Uint8Array(length).fill(type);
            const lengths = { dataLength: length, beforeLength: length, afterLength: 0 };
            const ids = { sequenceNumber: BigInt(at), transactionId: BigInt(type % 3), type, targetBlockNumber: -1n };
            const entry = generalLogEntry.encode({ ...ids, ...lengths, checksum: 0n, beforeImage, afterImage: new Uint8Array(0) });
            const start = at % 3 === 0 ? at - (at % 512) : at;
            bytes.set(entry.subarray(0, bytes.length - start), start);
          }
          bytes.set(generalLogHeader.encode({ ...fields, headBlock, tailBlock }));
          const log = await readGeneralLog(new MemoryDevice(bytes), { startBlock: 0n, blockCount: 8n, blockBytes: 512 });
          for (const entry of log.entries) expect(entry.block >= 1 && entry.block <= 6 && entry.offset < 512).toBe(true);
          expect(judgeGeneralLog(log).every((finding) => finding.rule.startsWith("walh."))).toBe(true);
        },
      ),
    );
  });
});
