import { describe, expect, it } from "vitest";
import { allRules } from "../findings/registry.ts";

/** One way to break one rule, and that rule alone. */
export interface RuleCase {
  rule: string;
  /** Rules that cannot hold either once this one is broken, each with the reason. */
  also?: Readonly<Record<string, string>>;
  /** Ids of the rules that the broken thing meets; one id may come more than once. */
  found: () => readonly string[] | Promise<readonly string[]>;
}

export interface RuleCases {
  /** What stands before the dot in the ids of the rules that are judged here. */
  subjects: readonly string[];
  /** Ids of the rules that a sound thing meets: none. */
  sound: () => readonly string[] | Promise<readonly string[]>;
  cases: readonly RuleCase[];
  /** Rules of these subjects that are judged in another test, with the file that does. */
  elsewhere?: Readonly<Record<string, string>>;
}

/** Each rule of the subjects has a thing that breaks it alone, and a sound one passes them all. */
export function describeRules(name: string, { subjects, sound, cases, elsewhere = {} }: RuleCases): void {
  describe(`the rules on ${name}`, () => {
    it("all hold for a sound one", async () => expect(await sound()).toEqual([]));
    it.each(cases)("$rule is broken alone", async ({ rule, also = {}, found }) =>
      expect([...new Set(await found())].sort()).toEqual([rule, ...Object.keys(also)].sort()),
    );
    it("are all broken once", () => {
      const declared = allRules().flatMap(({ id }) => (subjects.includes(id.slice(0, id.indexOf("."))) ? [id] : []));
      expect([...new Set([...cases.map(({ rule }) => rule), ...Object.keys(elsewhere)])].sort()).toEqual(declared);
    });
  });
}
