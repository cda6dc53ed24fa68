import { describe, expect, it } from "vitest";
import { nodeRange } from "./integrity.ts";

describe("where a node of an integrity tree stands", () => {
  it("is told by its number: so many in each block behind the header", () => {
    const nodes = { firstByte: 8192n, blockBytes: 4096, perBlock: 127, step: 32 };
    expect(nodeRange(nodes, 1)).toEqual({ start: 8192n, end: 8224n });
    expect(nodeRange(nodes, 127)).toEqual({ start: 8192n + 126n * 32n, end: 8192n + 127n * 32n });
    expect(nodeRange(nodes, 128)).toEqual({ start: 12_288n, end: 12_320n });
  });
});
