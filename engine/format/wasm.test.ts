import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWasm } from "./wasm.ts";

const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
const section = (id: number, ...content: number[]) => [id, content.length, ...content];
const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const binary = (...parts: number[][]) => Uint8Array.from([...head, ...parts.flat()]);

const type = section(1, 2, 0x60, 2, 0x7f, 0x7e, 1, 0x7f, 0x60, 0, 0);
const imports = section(2, 2, ...text("env"), ...text("read"), 0, 0, ...text("env"), ...text("memory"), 2, 1, 1, 16);
const functions = section(3, 1, 1);
const exports = section(7, 2, ...text("_start"), 0, 1, ...text("memory"), 2, 0);
const code = section(10, 1, 2, 0, 0x0b);
const name = section(0, ...text("name"), 0, 5, ...text("scan"));

describe("a WASM binary", () => {
  it("is told by its sections, imports and exports", () => {
    const found = readWasm(binary(type, imports, functions, exports, code, name));
    expect(found.problem).toBeUndefined();
    expect(found.sections.map((each) => [each.name, each.detail])).toEqual([
      ["type", "2 types"],
      ["import", "2 imports"],
      ["function", "1 function"],
      ["export", "2 exports"],
      ["code", "1 body"],
      ["name", "custom"],
    ]);
    expect(found.imports).toEqual([
      { module: "env", name: "read", kind: "function", type: "(i32, i64) → i32" },
      { module: "env", name: "memory", kind: "memory", type: "1 to 16 pages" },
    ]);
    expect(found.exports).toEqual([
      { name: "_start", kind: "function", index: 1, type: "() → nothing" },
      { name: "memory", kind: "memory", index: 0, type: "1 to 16 pages" },
    ]);
    expect(found).toMatchObject({ functionCount: 1, moduleName: "scan", version: 1 });
  });
  it("has sections that follow each other without a gap", () => {
    const bytes = binary(type, imports, functions, exports, code, name);
    const { sections } = readWasm(bytes);
    expect(sections[0]?.start).toBe(8);
    for (const [index, each] of sections.entries()) expect(sections[index + 1]?.start ?? bytes.length).toBe(each.end);
  });

  const broken: [name: string, bytes: Uint8Array, problem: RegExp][] = [
    ["is none without its magic", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), /does not begin/],
    ["is none when it is empty", new Uint8Array(0), /does not begin/],
    ["ends before its version", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1), /before its version/],
    ["has another version", Uint8Array.from([...head.slice(0, 4), 0x0d, 0, 1, 0]), /0x1000d/],
    ["has a section that does not exist", binary(section(14, 0)), /no section 14/],
    ["has a section that is longer than what is left", binary([1, 100, 0]), /claims 100 bytes, 1 are left/],
    ["has sections out of order", binary(functions, type), /type section stands out of order/],
    ["has a section twice", binary(type, type), /out of order/],
    ["counts more than there are bytes", binary(section(2, 0xff, 0xff, 0xff, 0x7f)), /a count of/],
    ["has a number that is too long", binary([1, 0xff, 0xff, 0xff, 0xff, 0xff]), /more than 32 bits/],
    ["has a name that is not UTF-8", binary(section(7, 1, 1, 0xff, 0, 0)), /not UTF-8/],
    ["has bytes behind a section's content", binary(section(3, 1, 0, 9)), /1 bytes behind its content/],
    ["imports something of no kind", binary(section(2, 1, ...text("a"), ...text("b"), 9)), /kind 9/],
  ];
  it.each(broken)("%s, and says so", (_, bytes, problem) => {
    expect(readWasm(bytes).problem?.text).toMatch(problem);
  });

  it("keeps what stood before the problem", () => {
    const found = readWasm(binary(type, imports, [3, 100]));
    expect(found.problem?.text).toMatch(/function section claims/);
    expect(found.imports).toHaveLength(2);
  });
  it("of types that came later is not called broken", () => {
    const found = readWasm(binary(section(1, 1, 0x5f, 0), functions));
    expect(found.problem).toBeUndefined();
    expect(found.sections[0]?.detail).toMatch(/0x5f that is not known here/);
  });
  it("is read without a throw, whatever its bytes, and each problem lies within it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const bytes = Uint8Array.from([...head, ...noise]);
        const { problem, sections } = readWasm(bytes);
        if (problem) expect(problem.at).toBeLessThanOrEqual(bytes.length);
        for (const each of sections) expect(each.end).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});
