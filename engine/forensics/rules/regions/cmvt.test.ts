import { generateKeyPairSync, sign } from "node:crypto";
import { StoredText } from "../../../base/stored-text.ts";
import { type CmvtContent, cmvtCodec, compliancePassport } from "../../../format/regions/cmvt.ts";
import type { UnusedRegion } from "../../../format/regions/unused-region.ts";
import { guidOf, newYear } from "../../../testing/arbitraries.ts";
import { blockRuleCases, describeRegionRules } from "../../../testing/region-rules.ts";
import { moveToNextBlock, negativeCount, tableRuleCases } from "../../../testing/table-rules.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
type Passport = CmvtContent["passports"][0];

function signed(passport: Passport): Passport {
  const lengths = { issuerIdLength: passport.issuerId.bytes.length, notesLength: passport.notes.bytes.length };
  const record = compliancePassport.encode({ ...passport, ...lengths });
  passport.signature = new Uint8Array(sign("sha256", record.subarray(0, -64), { key: privateKey, dsaEncoding: "ieee-p1363" }));
  return passport;
}
const withPassports = (noteBytes: readonly number[]): CmvtContent => ({
  generation: 7,
  passportCount: noteBytes.length,
  passports: noteBytes.map((byteLength, index) =>
    signed({
      passportId: guidOf(index + 1),
      objectId: guidOf(99),
      frameworkId: 1,
      complianceStatus: 1,
      issuedUtcTicks: newYear,
      expiresUtcTicks: 0n,
      lastVerifiedUtcTicks: newYear,
      signature: new Uint8Array(64),
      issuerId: StoredText.of(""),
      notes: StoredText.of("x".repeat(byteLength)),
    }),
  ),
});
/** Passports without texts, 30 in the first block. */
const bare = (count: number): number[] => new Array(count).fill(0);
const as = (other: CmvtContent) => (content: CmvtContent | UnusedRegion) => void Object.assign(content, other);
const last =
  (change: Partial<Passport>, renew = true) =>
  (content: CmvtContent | UnusedRegion): void => {
    const passport = Object.assign((content as CmvtContent).passports.at(-1) as Passport, change);
    if (renew) signed(passport);
  };

describeRegionRules<CmvtContent | UnusedRegion>(
  cmvtCodec,
  cmvtCodec.write,
  {
    content: () => withPassports(bare(35)),
    facts: { complianceKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })) },
  },
  [
    ...blockRuleCases("cmvt"),
    ...tableRuleCases("cmvt", "CMVT", 7),
    { rule: "cmvt.count-negative", blocks: negativeCount(4) },
    { rule: "cmvt.count-differs", content: (content) => void Object.assign(content, { passportCount: 36 }) },
    { rule: "cmvt.reserved-not-zero", blocks: ([first]) => first?.set([1], 4) },
    { rule: "cmvt.record-broken", blocks: (blocks) => blocks[1]?.set([0xff, 0xff, 0xff, 0xff], 4 * 132 + 0x3c) },
    {
      rule: "cmvt.packing",
      content: as(withPassports(bare(2))),
      blocks: moveToNextBlock(16 + 132, 132, "CMVT", 7),
      also: { "cmvt.sdk-misreads": "a passport that was not packed leaves free bytes before it" },
    },
    { rule: "cmvt.sdk-misreads", content: as(withPassports([...bare(29), 200])) },
    { rule: "cmvt.id-empty", content: last({ passportId: guidOf(0) }) },
    { rule: "cmvt.id-duplicate", content: last({ passportId: guidOf(1) }) },
    { rule: "cmvt.framework-unknown", content: last({ frameworkId: 9 }) },
    { rule: "cmvt.status-unknown", content: last({ complianceStatus: 5 }) },
    {
      rule: "cmvt.text-too-long",
      content: as(withPassports([256])),
      blocks: (blocks) => {
        const long = signed({ ...(withPassports([0]).passports[0] as Passport), notes: StoredText.of("x".repeat(257)) });
        blocks[0]?.set(compliancePassport.encode({ ...long, issuerIdLength: 0, notesLength: 257 }), 16);
      },
    },
    { rule: "cmvt.text-not-utf8", content: last({ issuerId: new StoredText(Uint8Array.of(0xff), false) }) },
    { rule: "cmvt.verified-before-issued", content: last({ lastVerifiedUtcTicks: newYear - 1n }) },
    { rule: "cmvt.expires-before-issued", content: last({ expiresUtcTicks: newYear }) },
    { rule: "cmvt.unsigned", content: last({ signature: new Uint8Array(64) }, false) },
    { rule: "cmvt.signature-invalid", content: last({ frameworkId: 2 }, false) },
    { rule: "cmvt.time-range", content: last({ expiresUtcTicks: 2n ** 62n }) },
  ],
);
