import { describe, expect, it } from "vitest";
import { fromHex, toHex, viewOf } from "../../base/bytes.ts";
import { commitMark, completionMark, logEntry, logMarker } from "./index.ts";

describe("records of the metadata log, by the worked examples of operations reference 18", () => {
  it("gives the markers of 18.1", () => {
    expect(toHex(logMarker.encode({ kind: commitMark, sequence: 1n, entryCount: 6, checksum: 0n }))).toBe(
      toHex(fromHex("FE FF FF FF FF FF FF FF 01 00 00 00 00 00 00 00 06 00 00 00 63 7F AD 4D E6 8C A5 C0")),
    );
    expect(toHex(logMarker.encode({ kind: completionMark, sequence: 1n, entryCount: 0, checksum: 0n }))).toBe(
      toHex(fromHex("FF FF FF FF FF FF FF FF 01 00 00 00 00 00 00 00 00 00 00 00 3E 98 AD C6 9F D2 7D 6C")),
    );
  });
  it("gives the entry checksum of 18.2", () => {
    const entry = logEntry.encode({ targetBlock: 42n, dataLength: 4096, image: new Uint8Array(4096), checksum: 0n });
    expect(entry.length).toBe(4116);
    expect(toHex(entry.subarray(-8))).toBe("e5035a5420519631");
    expect(logEntry.decode(entry)).toMatchObject({ targetBlock: 42n, dataLength: 4096 });
  });
  it("refuses an entry whose image was changed", () => {
    const entry = logEntry.encode({ targetBlock: 42n, dataLength: 512, image: new Uint8Array(512), checksum: 0n });
    viewOf(entry).setUint8(100, 1);
    expect(() => logEntry.decode(entry)).toThrowError(expect.objectContaining({ code: "CHECKSUM_MISMATCH" }));
  });
});
