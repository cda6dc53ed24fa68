import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { goldenBytes, goldenJson } from "../../testing/golden.ts";
import {
  findDictionary,
  mostDictionaryBytes,
  readTrainedDictionary,
  trainedDictionary,
  writeTrainedDictionary,
} from "./trained-dictionary.ts";

describe("other regions reference 4.1", () => {
  const stored = fromHex("54 43 44 43 01 00 02 00 64 31 03 00 00 00 78 79 7a da 44 5b da 0f 09 6d 00");
  const [block = new Uint8Array(0)] = writeTrainedDictionary("d1", new TextEncoder().encode("xyz"), 4096);
  it("is written so", () => expect(toHex(block.subarray(0, stored.length))).toBe(toHex(stored)));
  it("is read so", () => {
    const { record } = readTrainedDictionary(block, 4096);
    expect([record?.name.text, new TextDecoder().decode(record?.dictionary)]).toEqual(["d1", "xyz"]);
  });
  it.each([
    ["magic", 0],
    ["version", 4],
    ["name", 8],
    ["bytes", 15],
    ["hash", 24],
  ])("is none with another %s", (_, at) => {
    const damaged = block.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(readTrainedDictionary(damaged, 4096)).toEqual({ sdkReads: "null" });
  });
  it("is refused above 16 MiB", () => {
    const large = block.slice();
    large.set([1, 0, 0, 1], 10);
    expect(mostDictionaryBytes).toBe(16_777_216);
    expect(readTrainedDictionary(large, 4096)).toEqual({ sdkReads: "InvalidDataException" });
  });
  it("has a header that ends in its first block", () => {
    expect(() => writeTrainedDictionary("ö".repeat(250), new Uint8Array(1), 512)).not.toThrow();
    expect(() => writeTrainedDictionary("ö".repeat(251), new Uint8Array(1), 512)).toThrow(RangeError);
    expect(() => writeTrainedDictionary("x".repeat(256), new Uint8Array(1), 4096)).toThrow(RangeError);
  });
});

describe("the dictionary of filled-dict-with-data", () => {
  const { structures, expect: golden } = goldenJson("filled-dict-with-data");
  const { startBlock, blockCount, content } = structures?.CDCT ?? golden.structures.CDCT;
  const { blockSize } = golden.superblock;
  const image = goldenBytes("filled-dict-with-data");
  const blocks = Array.from({ length: blockCount }, (_, index) =>
    image.subarray((startBlock + index) * blockSize, (startBlock + index + 1) * blockSize),
  );
  it("is read as the SDK reads it", () => {
    const { record } = readTrainedDictionary(concatBytes(blocks), blockSize);
    if (!record) throw new TypeError("there is no record");
    const { version, name, dictSize, dictionary, xxHash64 } = record;
    expect({
      version,
      name: name.text,
      dictSize,
      dictSha256: toHex(checksum.sha256(dictionary)),
      xxHash64: xxHash64.toString(16).padStart(16, "0"),
    }).toEqual(content);
  });
  it("is written as the SDK wrote it", () => {
    const { record } = readTrainedDictionary(concatBytes(blocks), blockSize);
    expect(record && writeTrainedDictionary(record.name.text, record.dictionary, blockSize)).toEqual(blocks.map((block) => block.slice()));
  });
  it("is annotated, every byte once", () => {
    let at = 0n;
    for (const { start, end } of trainedDictionary.annotate(concatBytes(blocks))) {
      expect(start).toBe(at);
      at = end;
    }
    expect(at).toBe(BigInt(blockCount * blockSize));
  });
});

describe("a dictionary in its blocks", () => {
  const bytes = Uint8Array.from({ length: 9000 }, (_, index) => (index * 7) & 0xff);
  const cut = (perBlock: number) =>
    Array.from({ length: 3 }, (_, index) => {
      const block = new Uint8Array(4096);
      block.set(bytes.subarray(index * perBlock, (index + 1) * perBlock));
      return block;
    });
  it.each([
    ["whole-blocks", cut(4096)],
    ["payloads", cut(4080)],
    ["trained-record", writeTrainedDictionary("d", bytes, 4096)],
  ])("is found in %s", (framing, blocks) => {
    const found = findDictionary(blocks, bytes.length, checksum.sha256(bytes), 4080);
    expect(found?.framing).toBe(framing);
    expect(found?.bytes).toEqual(bytes);
  });
  it("is not found where a byte differs", () => {
    const blocks = cut(4096);
    blocks[1]?.set([0xff], 9);
    expect(findDictionary(blocks, bytes.length, checksum.sha256(bytes), 4080)).toBeUndefined();
  });
  it("is read as it was written, and no bytes are too odd", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.uint8Array({ maxLength: 9000 }), (name, dictionary) => {
        const { record } = readTrainedDictionary(concatBytes(writeTrainedDictionary(name, dictionary, 4096)), 4096);
        expect(record?.name.text).toBe(name);
        expect(record?.dictionary).toEqual(dictionary);
      }),
      { numRuns: 60 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
        readTrainedDictionary(concatBytes([Uint8Array.of(0x54, 0x43, 0x44, 0x43, 1, 0), noise]), 512);
      }),
    );
  });
});
