import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { StoredText } from "../../base/stored-text.ts";
import { anyBytes, anyGuid, anyI32, anyI64, anyText, anyTicks, anyU16, anyU32, newYear } from "../../testing/arbitraries.ts";
import { writtenBlocks } from "../../testing/golden-region.ts";
import { describeRegionProperties } from "../../testing/region-properties.ts";
import { exampleBlock, exampleId, exampleIdBytes, newYearBytes } from "../../testing/worked-example.ts";
import { type CodeContent, type CodeModule, codeCodec } from "./code.ts";

const hash = "ED8AAA782F0B1FCDD6D7CC5C06EDB0E0BB4F14A1F7AA1FA5CB92E8DFBD67DE6B";
const module: CodeModule = {
  moduleHash: fromHex(hash),
  moduleId: exampleId,
  blockOffset: 100n,
  blockCount: 5,
  moduleSizeBytes: 20_000,
  abiVersion: 1,
  registeredUtcTicks: newYear,
  entryPointName: StoredText.of("_start"),
};

describe("core regions reference 4.6", () => {
  const content: CodeContent = { generation: 1, moduleCount: 1, modules: [module] };
  const block = exampleBlock(
    {
      0: "01 00 00 00",
      16: `${hash} ${exampleIdBytes} 6400000000000000 05000000 204E0000 0100 ${newYearBytes} 0600 5F7374617274`,
    },
    "45444F43 01000000 8DE3699F3A476A29",
  );
  it("is written so", () => expect(codeCodec.write(content, 4096)).toEqual([block]));
  it("is read so", () => expect(codeCodec.read(writtenBlocks([block]))).toMatchObject({ content, problems: [] }));
});

/** A cache of `count` modules, each with a name of `nameBytes`. */
const uniform = (count: number, nameBytes: number): CodeContent => ({
  generation: 1,
  moduleCount: count,
  modules: Array.from({ length: count }, (_, index) => ({
    ...module,
    moduleHash: Uint8Array.from({ length: 32 }, () => index + 1),
    entryPointName: StoredText.of("x".repeat(nameBytes)),
  })),
});

describe("full blocks of a code cache (4.1)", () => {
  it.each([
    [19, 128, 0],
    [20, 128, 1],
    [21, 128, 2],
    [107, 0, 0],
  ])("of %i modules with names of %i bytes cost the SDK's reader %i", (count, nameBytes, lost) => {
    const { content, sdkReads } = codeCodec.read(writtenBlocks(codeCodec.write(uniform(count, nameBytes), 4096), 64));
    expect(content?.modules).toHaveLength(count);
    const hashes = (sdkReads as { lostModuleHashes: Uint8Array[] } | undefined)?.lostModuleHashes ?? [];
    expect(hashes.map(([first]) => first)).toEqual(Array.from({ length: lost }, (_, index) => count - lost + index + 1));
  });
});

const generated = fc
  .record({
    blockBytes: fc.constantFrom(512, 1024, 4096, 65_536),
    generation: anyU32,
    modules: fc.array(
      fc.record({
        // A hash of zeros could be the zeros that the writer leaves at the end of a block.
        moduleHash: anyBytes(32).map((bytes) => Uint8Array.from(bytes, (byte, index) => (index === 0 ? byte | 1 : byte))),
        moduleId: anyGuid,
        blockOffset: anyI64,
        blockCount: anyI32,
        moduleSizeBytes: anyI32,
        abiVersion: anyU16,
        registeredUtcTicks: anyTicks,
        entryPointName: anyText(128),
      }),
      { maxLength: 120 },
    ),
  })
  // An empty cache of generation 1 is what the creator formats, and reads as never used.
  .filter(({ generation, modules }) => generation !== 1 || modules.length > 0)
  .map(({ blockBytes, generation, modules }) => ({ blockBytes, content: { generation, moduleCount: modules.length, modules } }));
describeRegionProperties(codeCodec, { generated, write: codeCodec.write });
