import { hexNumber } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { type SetupMetadata, setupSpareSlots } from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";
import type { SetupReading } from "../device.ts";
import { setupConfidence } from "../matching.ts";
import { type Document, remapNotation } from "../notation.ts";
import { choiceOf, hashOf, placeOf, stateOf } from "./parts.ts";

/** What the verify functions return for a sum that differs. dm-remap reference 7.4. */
const crcMismatch = 8;
/** The sums over parts of the whole, and which upstream code computes them. dm-remap reference 7.1. */
const setupSumsShown: readonly [name: string, computedBy: string][] = [
  ["overall_crc32", "dm_remap_v4_calculate_metadata_crc32"],
  ["header_crc32", "derived by hand: crc32_le(0, bytes 0-159)"],
  ["devices_crc32", "derived by hand: crc32_le(0, bytes 160-8139)"],
  ["config_crc32", "derived by hand: crc32_le(0, bytes 8144-37311)"],
];

/** The copies of a setup and the fields of the chosen one. dm-remap reference 9. */
export function describeSetup(reading: SetupReading): Document {
  const { copies, choice } = reading;
  const chosen = copies[choice.index ?? -1];
  return {
    ...choiceOf(reading),
    copies: copies.map((copy) => ({
      ...placeOf(copy),
      ...stateOf(copy),
      ...(copy.value && { version_counter: copy.value.version_counter.toString() }),
      crcs: copy.sums.map((sum) => ({ ...sum })),
      structSha256: hashOf(copy.bytes) ?? null,
    })),
    ...(chosen?.value && chosen.bytes ? describeChosenSetup(copies, chosen, chosen.value, chosen.bytes) : { fields: null }),
  };
}

/** How far a device with these copies may be trusted, `ageSeconds` after the chosen one was written. dm-remap reference 7.3. */
export function confidenceOf(copies: SetupReading["copies"], value: SetupMetadata, ageSeconds: bigint): number {
  const found = copies.filter((copy) => copy.bytes).length;
  const valid = copies.filter((copy) => copy.valid).length;
  const numSpares = value.num_spare_devices;
  return setupConfidence({ copiesFound: found, copiesValid: valid, corruptionLevel: found - valid, ageSeconds, magicOk: true, numSpares });
}

function describeChosenSetup(
  copies: SetupReading["copies"],
  copy: RemapCopy<SetupMetadata>,
  value: SetupMetadata,
  bytes: Uint8Array,
): Document {
  const sums = new Map(copy.sums.map((sum) => [sum.name, sum]));
  const whole = setupSumsShown.flatMap(([name, computedBy]) => {
    const sum = sums.get(name);
    if (!sum) return [];
    return [
      {
        name,
        stored: sum.stored,
        computed: sum.computed,
        computedBy,
        ...(name === "devices_crc32" && { atCreation: devicesSumAtCreation(bytes) }),
      },
    ];
  });
  const main = sums.get("main_device.fingerprint_crc32");
  const spare = value.num_spare_devices > 0 ? sums.get("spares[0].spare_crc32") : undefined;
  const asVerifyDoes = (start: number): number => checksum.kernelCrc32(bytes.subarray(start, start + 420));
  const verifyReturn = (start: number, stored: number) => (asVerifyDoes(start) === stored ? 0 : crcMismatch);
  return {
    verifyMetadataIntegrityReturn: copy.valid ? 0 : crcMismatch,
    verifyMainFingerprintReturn: verifyReturn(160, value.main_device.fingerprint_crc32),
    ...(spare && { verifySpare0FingerprintReturn: verifyReturn(592, value.spares[0]?.fingerprint.fingerprint_crc32 ?? 0) }),
    confidenceScoreAtLastWriteTime: confidenceOf(copies, value, 0n),
    crcs: [
      ...whole,
      ...(main
        ? [
            {
              name: main.name,
              stored: main.stored,
              computedWithFieldZeroed: main.computed,
              computedAsVerifyDoes: hexNumber(asVerifyDoes(160), 8),
            },
          ]
        : []),
      ...(spare ? [{ name: "spare_devices[0].spare_crc32", stored: spare.stored, computedWithFieldZeroed: spare.computed }] : []),
    ],
    fields: setupFields(value),
    structSha256: hashOf(bytes) ?? null,
  };
}

/** The devices' sum before a spare was added: with the count and all slots zero. dm-remap reference 7, traps. */
function devicesSumAtCreation(bytes: Uint8Array): string {
  const spareBytes = 8140 - 584;
  return hexNumber(checksum.kernelCrc32(new Uint8Array(spareBytes), checksum.kernelCrc32(bytes.subarray(160, 584))), 8);
}

/** The fields of a SETUP copy; of the slots those that are counted. */
export function setupFields(value: SetupMetadata): Document {
  const { sysfs_config, policy_config, ...rest } = value;
  const spares = value.spares.slice(0, Math.min(value.num_spare_devices, setupSpareSlots));
  const settings = sysfs_config.settings.slice(0, Math.min(sysfs_config.num_settings, sysfs_config.settings.length));
  const rules = policy_config.rules.slice(0, Math.min(policy_config.num_rules, policy_config.rules.length));
  return {
    ...(remapNotation({ ...rest, spares }) as Document),
    sysfs_num_settings: sysfs_config.num_settings,
    sysfs_settings: remapNotation(settings),
    policy_num_rules: policy_config.num_rules,
    policy_rules: remapNotation(rules),
  };
}
