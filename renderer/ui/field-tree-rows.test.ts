import { expect, it } from "vitest";
import { fieldRows } from "./field-tree-rows.ts";

const field = (path: string, start: bigint) => ({ path, start, end: start + 4n, kind: "number", text: "1" });
const fields = [field("magic.major", 0n), field("magic.minor", 4n), field("label", 8n)];

it("gives each structure a branch that spans its fields", () => {
  expect(fieldRows(fields, new Set()).map(({ name, depth }) => [name, depth])).toEqual([
    ["magic", 0],
    ["major", 1],
    ["minor", 1],
    ["label", 0],
  ]);
  expect(fieldRows(fields, new Set())[0]).toMatchObject({ kind: "branch", start: 0n, end: 8n });
});
it("leaves out what is in a closed branch", () => {
  expect(fieldRows(fields, new Set(["magic"])).map(({ name }) => name)).toEqual(["magic", "label"]);
});
