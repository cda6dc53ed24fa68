import { equalBytes } from "../../base/bytes.ts";
import { toIndex } from "../../base/units.ts";
import type { Confidence, Finding, FindingPlace, Severity } from "../../findings/finding.ts";
import { defineRule, type Rule } from "../../findings/registry.ts";
import { sectorBytes } from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";

/** What an invariant looked at, what it found there, and what it asks for. `copies` are those that hold the same. */
export type RemapEvidence = { copies: string; subject: string; found: string; expected: string };

interface Found {
  /** What was looked at; the field's path unless told. */
  subject?: string;
  found: string;
  expected: string;
}

interface RuleWords {
  severity: Severity;
  /** Of the dm-remap reference. */
  section: string;
  states: string;
  title: string;
  /** What follows from it, where that is not plain. */
  remark?: string;
  confidence?: Confidence;
}

/** Declares the rules of one structure; ids are `subject.key`. */
export function defineRemapRules<Key extends string>(
  subject: string,
  words: Readonly<Record<Key, RuleWords>>,
): Readonly<Record<Key, Rule<RemapEvidence>>> {
  const rules = {} as Record<Key, Rule<RemapEvidence>>;
  for (const [key, { severity, section, states, title, remark, confidence = "certain" }] of Object.entries<RuleWords>(words))
    rules[key as Key] = defineRule<RemapEvidence>({
      id: `${subject}.${key}`,
      severity,
      confidence,
      reference: `dm-remap reference ${section}`,
      states,
      title: ({ copies }) => (copies === "" ? title : `${title} (${copies.includes(",") ? "copies" : "copy"} ${copies})`),
      explanation: ({ subject: what, found, expected }) => `${what}: found ${found}; expected ${expected}.${remark ? ` ${remark}` : ""}`,
    });
  return rules;
}

/** Bytes of the device as a place of a finding: whole sectors from the one that holds the first byte. */
export function placeOfBytes({ start, end }: { start: bigint; end: bigint }): FindingPlace {
  const size = BigInt(sectorBytes);
  const block = start / size;
  const blockCount = (end + size - 1n) / size - block;
  return { block, ...(blockCount > 1n && { blockCount }), byteOffset: start, byteLength: toIndex(end - start) };
}

/** Takes what a judge finds and makes findings of it. */
export class RemapReport {
  readonly #entries = new Map<
    string,
    { rule: Rule<RemapEvidence>; copies: RemapCopy<unknown>[]; path: string; evidence: Required<Found>; named: string | undefined }
  >();
  readonly #same: readonly (readonly RemapCopy<unknown>[])[];
  readonly #chosen: number | undefined;

  /** `same` gathers copies of equal content: what holds of the first holds of all. The place of a finding is in the chosen copy where it can be. */
  constructor(same: readonly (readonly RemapCopy<unknown>[])[] = [], chosen?: number) {
    this.#same = same;
    this.#chosen = chosen;
  }

  /** Of a field of one copy. */
  at(rule: Rule<RemapEvidence>, copy: RemapCopy<unknown>, path: string, evidence: Found): void {
    this.#add(`${copy.index} ${rule.id} ${path}`, rule, [copy], path, evidence);
  }

  /** Of all copies together; the place is that of the first. */
  ofAll(rule: Rule<RemapEvidence>, copy: RemapCopy<unknown>, evidence: Found): void {
    this.#add(rule.id, rule, [copy], "", evidence, "");
  }

  /** Of a field of a copy and of all copies that hold the same; one finding for copies of other content that break it in the same way. */
  ofContent(rule: Rule<RemapEvidence>, copy: RemapCopy<unknown>, path: string, evidence: Found): void {
    const group = this.#same.find((each) => each[0] === copy) ?? [copy];
    this.#add(`${rule.id} ${path} ${evidence.found} ${evidence.expected}`, rule, group, path, evidence);
  }

  #add(
    key: string,
    rule: Rule<RemapEvidence>,
    group: readonly RemapCopy<unknown>[],
    path: string,
    { subject = path, found, expected }: Found,
    named?: string,
  ): void {
    const before = this.#entries.get(key);
    if (before) before.copies.push(...group);
    else this.#entries.set(key, { rule, copies: [...group], path, evidence: { subject, found, expected }, named });
  }

  get findings(): Finding[] {
    return [...this.#entries.values()].flatMap(({ rule, copies, path, evidence, named }) => {
      const ordered = copies.toSorted((a, b) => a.index - b.index);
      const copy = ordered.find(({ index }) => index === this.#chosen) ?? ordered[0];
      if (!copy) return [];
      const numbers = named ?? ordered.map(({ index }) => index).join(", ");
      return [rule({ copies: numbers, ...evidence }, { region: copy.layout.format, ...placeOfBytes(copy.rangeOf(path)) })];
    });
  }
}

/** Copies with equal bytes together, the first of each in front; `differ` bytes of a copy do not count. */
export function sameContent<Value>(
  copies: readonly RemapCopy<Value>[],
  [from, to]: readonly [from: number, to: number] = [0, 0],
): RemapCopy<Value>[][] {
  const groups: RemapCopy<Value>[][] = [];
  for (const copy of copies) {
    const { bytes } = copy;
    if (!bytes) continue;
    const group = groups.find(([first]) => {
      const other = first?.bytes;
      return other && equalBytes(other.subarray(0, from), bytes.subarray(0, from)) && equalBytes(other.subarray(to), bytes.subarray(to));
    });
    if (group) group.push(copy);
    else groups.push([copy]);
  }
  return groups;
}

/** Lists numbers in words: "0, 1 and 4". */
export const listCopies = (copies: readonly RemapCopy<unknown>[]): string =>
  copies
    .map(({ index }) => index)
    .join(", ")
    .replace(/, (\d+)$/, " and $1");

const mostListed = 8;
/** Some of many in words: the first ones, and how many more there are. */
export const listSome = (all: readonly string[]): string =>
  all.length > mostListed ? `${all.slice(0, mostListed).join("; ")}; and ${all.length - mostListed} more` : all.join("; ");
