import { describe, expect, it } from "vitest";
import { equalBytes, fromHex, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { toJson } from "../../base/json.ts";
import { StoredText } from "../../base/stored-text.ts";
import { goldenBytes, goldenJson } from "../../testing/golden.ts";
import { judgeTrailer, trailerBytes } from "./block-trailer.ts";
import { magicSignature, sealBytes, superblock } from "./superblock.ts";

interface Vector {
  blockSize: number;
  sealKey: string;
  hex304: string;
  hexLast48: string;
  fields: Record<string, unknown>;
  volumeLabelHex: string;
}
const vectors = goldenJson("vectors-superblock").cases as Vector[];

function blockOf({ blockSize, hex304, hexLast48 }: Vector): Uint8Array {
  const block = new Uint8Array(blockSize);
  block.set(fromHex(hex304));
  block.set(fromHex(hexLast48), blockSize - 48);
  return block;
}

describe.each(vectors.map((vector) => [vector.blockSize, vector] as const))("a superblock of %i bytes", (_, vector) => {
  const block = blockOf(vector);
  it("reads as the SDK reads it", () => {
    const { volumeLabel, ...read } = superblock.parse(block);
    expect(toJson(read)).toMatchObject(vector.fields);
    expect(toHex(volumeLabel.bytes)).toBe(vector.volumeLabelHex);
  });
  it("encodes back to the same bytes, its trailer computed anew", () => {
    const again = superblock.encode(superblock.parse(block), { byteLength: block.length });
    expect(equalBytes(again, block)).toBe(true);
    expect(judgeTrailer(block).verified).toBe(true);
  });
  it("is sealed by HMAC-SHA256 of all bytes before the seal", () => {
    const covered = block.subarray(0, block.length - sealBytes - trailerBytes);
    expect(superblock.parse(block).headerIntegritySeal).toEqual(checksum.hmacSha256(fromHex(vector.sealKey), covered));
  });
});

describe("a strict reader of superblocks", () => {
  const stored = goldenBytes("created-minimal-4k").subarray(0, 4096);
  const refusal = (change: (block: Uint8Array) => void, code: string, at: bigint) => {
    const block = stored.slice();
    change(block);
    expect(() => superblock.decode(block)).toThrowError(expect.objectContaining({ code, data: expect.objectContaining({ at }) }));
  };
  it("takes what the creator writes", () => expect(superblock.decode(stored).blockSize).toBe(4096));
  it("wants the magic", () => refusal((block) => block.fill(0x58, 0, 1), "VALUE_OUT_OF_RANGE", 0n));
  it("wants the anchor's zero bytes too", () => refusal((block) => block.fill(1, 15, 16), "VALUE_OUT_OF_RANGE", 8n));
  it("wants a block size whose tables fit", () => refusal((block) => block.set([0, 2, 0, 0], 0x34), "VALUE_OUT_OF_RANGE", 0x34n));
  it("wants counts that are not negative", () => refusal((block) => block.fill(0xff, 0x38, 0x40), "VALUE_OUT_OF_RANGE", 0x38n));
  it("wants unused bytes to be zero", () => refusal((block) => block.fill(1, 0x130, 0x131), "VALUE_OUT_OF_RANGE", 0x130n));
  it("wants the hash to hold", () => refusal((block) => block.fill(1, 0x88, 0x89), "CHECKSUM_MISMATCH", 0xff8n));
});

describe("the magic signature", () => {
  it("is stored as core reference 2.1 says", () => {
    const magic = { formatIdentifier: 0x4457_5644, majorVersion: 2, minorVersion: 0, specRevision: 1, namespaceAnchor: 0x2f2f_3a77_64n };
    expect(toHex(magicSignature.encode(magic))).toBe("44575644020001006477" + "3a2f2f000000");
  });
  it("is shown in letters", () => {
    const rows = magicSignature.annotate(goldenBytes("created-minimal-4k").subarray(0, 16));
    expect(rows.map((row) => row.text)).toEqual(["DWVD", "2", "0", "1", "dw://"]);
  });
});

describe("the volume label", () => {
  it.each(
    (goldenJson("vectors-labels").cases as { input: string; hex: string; text: string }[]).map((each) => [each.input, each] as const),
  )("%j is cut at 64 bytes and read up to the first zero, as the SDK does", (input, { hex, text }) => {
    expect(toHex(StoredText.of(input, 64).bytes)).toBe(hex);
    expect(new StoredText(fromHex(hex)).text).toBe(text);
  });
});
