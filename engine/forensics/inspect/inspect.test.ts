import { describe, expect, it } from "vitest";
import { goldenDifferences } from "../../testing/compare-golden.ts";
import { goldenDevice, goldenJson, goldenNames } from "../../testing/golden.ts";
import { openVolume } from "../../volume/open.ts";
import { inspectVolume } from "./inspect.ts";

/** Kinds whose content this document decodes; the content of others is compared where their codecs are. */
const decodedKinds = new Set([
  "BMAP",
  "INOD",
  "MWAL",
  "DWAL",
  "CLOG",
  "DICT",
  "ANON",
  "WORM",
  "ZNSM",
  "WALS",
  "OPJR",
  "MLOG",
  "INTE",
  "COLR",
  "CMVT",
  "ALOG",
  "CMAL",
  "STRE",
  "XREF",
]);

describe("the inspect document", () => {
  it.each(goldenNames(/./, { ending: ".dwvd.gz" }))("of %s has what the golden expects", async (name) => {
    const expected = goldenJson(name).expect;
    for (const region of expected.regions ?? []) if (!decodedKinds.has(region.kind ?? region.tag)) delete region.content;
    const device = await goldenDevice(name);
    const document = await inspectVolume(await openVolume(device));
    expect(goldenDifferences(document, expected)).toEqual([]);
    for (const region of (document.regions ?? []) as { tag: string; kind?: string; sdkReads?: unknown }[]) {
      const kind = region.kind ?? region.tag;
      const wanted = goldenJson(name).sdkReads?.[kind];
      if (decodedKinds.has(kind) && wanted !== undefined) expect(goldenDifferences(region.sdkReads, wanted), kind).toEqual([]);
    }
  });
});
