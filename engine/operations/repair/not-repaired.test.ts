import { describe, expect, it } from "vitest";
import "../../forensics/image.ts";
import { allRules } from "../../findings/registry.ts";
import { repairs } from "./index.ts";
import { reasonAgainstRepair, unrepaired } from "./not-repaired.ts";

/** Transactions that are not at an end are brought to rest by `recover`; what a volume cannot be opened without is found before anything else. */
const beforehand = /^(mwal\.(replay|discard|advance-header)|(supb|rpt)\.rebuild)$/;

describe("repairs and rules", () => {
  it("have a repair for each rule, or say why not", () => {
    expect(allRules().length).toBeGreaterThan(500);
    expect(allRules().filter((rule) => !rule.repair && reasonAgainstRepair(rule) === undefined)).toEqual([]);
  });
  it("name only repairs that there are, and each repair is some rule's", () => {
    const ids = repairs.flatMap((each) => each.ids);
    const named = new Set(allRules().flatMap(({ repair }) => (repair ? [repair.id] : [])));
    expect([...named].filter((id) => !ids.includes(id) && !beforehand.test(id))).toEqual([]);
    // Given to single findings of rules that have no one repair.
    expect(ids.filter((id) => !named.has(id)).sort()).toEqual(["inod.restore-descriptor", "region.remove", "wal.move-tail"]);
  });
  it("say nothing of a rule that is mended, nor of none, and nothing twice", () => {
    const told = unrepaired.flatMap(({ rules }) => rules);
    expect(told.filter((id, index) => told.indexOf(id) !== index)).toEqual([]);
    const isOf = (told: string, id: string) =>
      told.startsWith("*.") ? id.endsWith(told.slice(1)) : told.endsWith(".*") ? id.startsWith(told.slice(0, -1)) : id === told;
    expect(told.filter((each) => !allRules().some(({ id, repair }) => isOf(each, id) && !repair))).toEqual([]);
    expect(told.filter((each) => !each.startsWith("*.") && allRules().some(({ id, repair }) => id === each && repair))).toEqual([]);
  });
});
