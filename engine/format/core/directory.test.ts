import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../base/bytes.ts";
import { StoredText } from "../../base/stored-text.ts";
import { directoryEntry, nameProblem, readDirectory } from "./directory.ts";

const entry = (inodeNumber: bigint, type: number, name: string) => {
  const text = StoredText.of(name);
  return directoryEntry.encode({ inodeNumber, type, nameBytes: text.bytes.length, name: text });
};

describe("a directory's content", () => {
  it("is a run of entries", () => {
    const { entries, problem } = readDirectory(concatBytes([entry(2n, 0, "README.txt"), entry(3n, 1, "Größe")]));
    expect(problem).toBeUndefined();
    expect(entries.map(({ start, entry: each }) => [start, each.inodeNumber, each.type, each.name.text])).toEqual([
      [0, 2n, 0, "README.txt"],
      [20, 3n, 1, "Größe"],
    ]);
  });
  it("is read up to where it is broken", () => {
    const whole = concatBytes([entry(2n, 0, "a"), entry(3n, 0, "bcd")]);
    expect(readDirectory(whole.subarray(0, 22))).toMatchObject({
      entries: [{}],
      problem: { at: 11, text: expect.stringMatching(/3 bytes, 1 are left/) },
    });
    expect(readDirectory(whole.subarray(0, 15))).toMatchObject({ entries: [{}], problem: { at: 11 } });
    expect(readDirectory(new Uint8Array(64))).toMatchObject({ entries: [], problem: { at: 0, text: "an entry without a name" } });
  });
  it("names what no name may be", () => {
    const problems = ["a/b", "..", "fine"].map((name) => nameProblem(readDirectory(entry(1n, 0, name)).entries[0]?.entry as never));
    expect(problems).toEqual([expect.stringMatching(/slash/), expect.stringMatching(/reserved/), undefined]);
  });
  it("is read without a throw, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { entries } = readDirectory(bytes);
        expect(entries.length * 11).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
