import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { caseFromText, judgeAlone } from "./region-case.ts";

const folder = new URL("./cases/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("a region that a fuzzing run once found a fault in", () => {
  it.each(names)("is read well now: %s", (name) => {
    expect(judgeAlone(caseFromText(readFileSync(fileURLToPath(new URL(name, folder)), "utf8")))).toBeUndefined();
  });
});
