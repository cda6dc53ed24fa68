import { isAllZero, viewOf } from "../../base/bytes.ts";
import { type EcdsaVerifier, ecdsaP256Verifier } from "../../base/ecdsa.ts";
import {
  bytes,
  countedText,
  type Decoded,
  enumeration,
  guid,
  i32,
  type Kind,
  reserved,
  struct,
  ticks,
  u16,
} from "../../base/struct/index.ts";
import type { PackedLayout } from "./packed-table.ts";
import { type AddPackedProblem, type PackedRule, packedTableCodec, recordList } from "./packed-table-codec.ts";
import { duplicates, isCalendarTicks, isEmptyGuid, sdkOutOfRange, without } from "./region.ts";

export const complianceFrameworks = {
  0: "GDPR",
  1: "HIPAA",
  2: "SOX",
  3: "PCI-DSS",
  4: "SOC2",
  5: "ISO27001",
  6: "CCPA",
  7: "FISMA",
  8: "FedRAMP",
};
export const complianceStatuses = { 0: "Unknown", 1: "Compliant", 2: "NonCompliant", 3: "Exempt", 4: "PendingReview" };
const signatureBytes = 64;
/** Bytes before the issuer's name, and between it and the notes. Other regions reference 9. */
const [issuerStart, leastPassportBytes] = [0x40, 132];
/** What the SDK's add() takes, and what its reader takes. Other regions reference 9. */
export const passportLimits = { issuerBytes: 128, notesBytes: 256, readIssuerBytes: 4096, readNotesBytes: 65_536 } as const;

/** One passport, 132 bytes and its texts. Other regions reference 9. */
export const compliancePassport = struct("CompliancePassport", {
  passportId: guid(),
  objectId: guid({ doc: "What the passport is about" }),
  frameworkId: enumeration(u16(), complianceFrameworks),
  complianceStatus: enumeration(u16(), complianceStatuses),
  issuedUtcTicks: ticks(),
  expiresUtcTicks: ticks({ doc: "0: never" }),
  lastVerifiedUtcTicks: ticks(),
  issuerIdLength: i32({ unit: "bytes", check: (value) => value >= 0 && value <= passportLimits.issuerBytes, expects: "0 to 128" }),
  issuerId: countedText((values) => values.issuerIdLength as number),
  notesLength: i32({ unit: "bytes", check: (value) => value >= 0 && value <= passportLimits.notesBytes, expects: "0 to 256" }),
  notes: countedText((values) => values.notesLength as number),
  signature: bytes(signatureBytes, { as: "checksum", doc: "ECDSA P-256 with SHA-256 over the bytes before it, r and s; zeros: unsigned" }),
});
export type CompliancePassport = Omit<Decoded<typeof compliancePassport>, "issuerIdLength" | "notesLength">;

const header = struct("ComplianceVaultHeader", {
  passportCount: i32({ check: (value) => value >= 0, expects: "not negative" }),
  reserved: reserved(12),
});

export interface CmvtContent {
  generation: number;
  passportCount: number;
  passports: CompliancePassport[];
}

export type CmvtRule =
  | PackedRule<"cmvt">
  | `cmvt.${
      | "id-empty"
      | "id-duplicate"
      | "framework-unknown"
      | "status-unknown"
      | "text-too-long"
      | "text-not-utf8"
      | "verified-before-issued"
      | "expires-before-issued"
      | "unsigned"
      | "signature-invalid"
      | "time-range"}`;

const lengthExceeds = "ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'length')";

const layout: PackedLayout = {
  tag: "CMVT",
  sdkRegion: "Compliance Vault",
  neverZero: () => true,
  leastBytes: () => leastPassportBytes,
  measure(block, start, _, end) {
    const view = viewOf(block);
    const invalid = (what: string, field: string, length: number) => ({
      found: `${what} of ${length} bytes`,
      sdk: `InvalidDataException: CompliancePassport ${field} ${length} is invalid or exceeds buffer.`,
    });
    const issuer = view.getInt32(start + 0x3c, true);
    if (issuer < 0 || issuer > passportLimits.readIssuerBytes || start + issuerStart + issuer > end)
      return invalid("an issuer", "issuerLen", issuer);
    const notesAt = start + issuerStart + issuer;
    if (notesAt + 4 > end) return { found: `an issuer of ${issuer} bytes`, sdk: lengthExceeds };
    const notes = view.getInt32(notesAt, true);
    if (notes < 0 || notes > passportLimits.readNotesBytes || notesAt + 4 + notes > end) return invalid("notes", "notesLen", notes);
    const byteLength = leastPassportBytes + issuer + notes;
    return start + byteLength <= end ? byteLength : { found: `notes of ${notes} bytes`, sdk: sdkOutOfRange };
  },
};

/** The compliance passports. Other regions reference 9. */
export const cmvtCodec = packedTableCodec<Decoded<typeof header>, CmvtContent, "cmvt">({
  names: { rules: "cmvt", tag: "CMVT", sdkRegion: layout.sdkRegion },
  name: "ComplianceVault",
  header,
  reserved: { start: 4, byteLength: 12 },
  layoutOf: () => layout,
  countOf: ({ passportCount }) => BigInt(passportCount),
  subject: (index) => `passport ${index}`,
  contentOf: (generation, { passportCount }, records) => ({
    generation,
    passportCount,
    passports: records.map((record) => without(compliancePassport.parse(record), "issuerIdLength", "notesLength")),
  }),
  placesOf: (place) => ({ passports: place }),
  structures: (_index, _block, countIn) => ({ passports: recordList(compliancePassport as Kind<unknown>, countIn(layout)) }),
  encode: ({ passportCount, passports }) => ({
    header: header.encode({ passportCount }),
    records: passports.map((passport) => {
      const [issuerIdLength, notesLength] = [passport.issuerId.bytes.length, passport.notes.bytes.length];
      if (issuerIdLength > passportLimits.issuerBytes) throw new RangeError(`an issuer has at most ${passportLimits.issuerBytes} bytes`);
      if (notesLength > passportLimits.notesBytes) throw new RangeError(`notes have at most ${passportLimits.notesBytes} bytes`);
      return compliancePassport.encode({ ...passport, issuerIdLength, notesLength });
    }),
  }),
  judge({ passports }, add: AddPackedProblem<CmvtRule>, { complianceKey }, records) {
    const verifies = complianceKey && ecdsaP256Verifier(complianceKey);
    for (const [index, passport] of passports.entries())
      judgePassport(passport, records[index], verifies, (...found) => add(found[0], index, found[1], found[2]));
    const unsigned = passports.flatMap(({ signature }, index) => (isAllZero(signature) ? [index] : []));
    if (unsigned.length > 0)
      add("cmvt.unsigned", unsigned[0], `${unsigned.length} of ${passports.length} passports without a signature`, "signatures");
    for (const [first, again] of duplicates(passports, ({ passportId }) => passportId))
      add("cmvt.id-duplicate", again, `the id of passport ${first}`, "an id of its own");
  },
});

function judgePassport(
  passport: CompliancePassport,
  record: Uint8Array | undefined,
  verifies: EcdsaVerifier | undefined,
  add: (rule: CmvtRule, found: string, expected: string) => void,
): void {
  const { issuedUtcTicks: issued, expiresUtcTicks: expires, lastVerifiedUtcTicks: verified, issuerId, notes, signature } = passport;
  if (isEmptyGuid(passport.passportId)) add("cmvt.id-empty", "a passport id of zeros", "an id");
  if (!(passport.frameworkId in complianceFrameworks)) add("cmvt.framework-unknown", `framework ${passport.frameworkId}`, "0 to 8");
  if (!(passport.complianceStatus in complianceStatuses)) add("cmvt.status-unknown", `status ${passport.complianceStatus}`, "0 to 4");
  if (issuerId.bytes.length > passportLimits.issuerBytes || notes.bytes.length > passportLimits.notesBytes)
    add("cmvt.text-too-long", `an issuer of ${issuerId.bytes.length} bytes, notes of ${notes.bytes.length}`, "at most 128 and 256");
  if (!issuerId.isUtf8 || !notes.isUtf8) add("cmvt.text-not-utf8", "bytes that are no UTF-8", "UTF-8");
  if (verified !== 0n && verified < issued)
    add("cmvt.verified-before-issued", `verified at ${verified}, issued at ${issued}`, "0, or not before the issue");
  if (expires !== 0n && expires <= issued)
    add("cmvt.expires-before-issued", `expires at ${expires}, issued at ${issued}`, "0, or later than the issue");
  for (const time of [issued, expires, verified]) if (!isCalendarTicks(time)) add("cmvt.time-range", `${time}`, "a time a calendar holds");
  if (!isAllZero(signature) && verifies && record && !verifies(record.subarray(0, -signatureBytes), signature))
    add("cmvt.signature-invalid", "a signature that is not the key's over these bytes", "a signature by the key");
}
