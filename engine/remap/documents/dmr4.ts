import { equalBytes, isAllZero, toHex } from "../../base/bytes.ts";
import { type Dmr4KernelMetadata, dmr4MostRemaps, spacePadded } from "../../format/remap/index.ts";
import type { RemapCopy } from "../copy.ts";
import type { KernelReading, ScriptReading } from "../device.ts";
import { kernelChecksum } from "../judge.ts";
import { type Document, remapNotation } from "../notation.ts";
import { afterRewrites, choiceOf, hashOf, placeOf, stateOf } from "./parts.ts";

/** ENODATA, which the module's reader returns where nothing is valid. */
const noData = -61;

/** The five blocks of the module and the fields of the chosen one. dm-remap reference 9. */
export function describeKernel(reading: KernelReading, image: Uint8Array | undefined): Document {
  const { copies, choice } = reading;
  const chosen = copies[choice.index ?? -1]?.value;
  const valid = copies.filter((copy) => copy.valid).length;
  return {
    ...choiceOf(reading),
    readReturn: choice.index === undefined ? noData : 0,
    repairScheduled: choice.index !== undefined && valid < copies.length,
    copies: copies.map(describeKernelCopy),
    chosenFields: chosen ? kernelFields(chosen) : null,
    afterRepairRule: afterRewrites(reading, image),
  };
}

function describeKernelCopy(copy: RemapCopy<Dmr4KernelMetadata>): Document {
  const { value, bytes } = copy;
  const place = { ...placeOf(copy), block: copy.index };
  if (!value || !bytes) return { ...place, ...stateOf(copy) };
  const { magic, version, sequence_number, timestamp, copy_index, structure_size } = value.header;
  const { active_remaps } = value.remap_data;
  const sum = kernelChecksum(copy);
  return {
    ...place,
    ...stateOf(copy),
    head: remapNotation({ magic, version, sequence_number, timestamp, copy_index, structure_size, active_remaps }),
    ...(sum && {
      checksum: {
        storedAt: sum.storedAt,
        stored: sum.stored,
        computed: sum.computed,
        match: sum.match,
        computedBy: "calculate_metadata_crc32",
      },
    }),
    structSha256: hashOf(bytes) ?? null,
  };
}

/** All fields of a kernel copy; of the remap table the entries that are counted. */
export function kernelFields(value: Dmr4KernelMetadata): Document {
  const { device_config, remap_data } = value;
  const { device_fingerprint, ...config } = device_config;
  const remaps = remap_data.remaps.slice(0, Math.min(remap_data.active_remaps, dmr4MostRemaps));
  const isBlank = isAllZero(device_fingerprint);
  const fields = remapNotation({ ...value, device_config: config, remap_data: { ...remap_data, remaps } }) as Document;
  return {
    ...fields,
    device_config: {
      ...(fields.device_config as Document),
      device_fingerprint_all_zero: isBlank,
      ...(!isBlank && { device_fingerprint: toHex(device_fingerprint) }),
    },
  };
}

/** The records of the script. dm-remap reference 9. */
export function describeScript({ copies, choice }: ScriptReading): Document {
  return {
    choiceReason: choice.reason,
    copies: copies.map(describeScriptCopy),
    kernelReaderReturn: noData,
    kernelReaderNote: "-61 = ENODATA: the kernel rejects script records because their checksum field is 0",
    recordsIdenticalExceptCopyIndex: recordsAgree(copies),
  };
}

/** Whether all records are there and differ in nothing but their number. dm-remap reference 6, invariants. */
export function recordsAgree(copies: ScriptReading["copies"]): boolean {
  const [first] = copies;
  return copies.every(
    ({ bytes }) =>
      bytes &&
      first?.bytes &&
      equalBytes(bytes.subarray(0, 28), first.bytes.subarray(0, 28)) &&
      equalBytes(bytes.subarray(32), first.bytes.subarray(32)),
  );
}

/** One record of the script. */
export function describeScriptCopy(copy: ScriptReading["copies"][number]): Document {
  const { value, bytes } = copy;
  return {
    ...placeOf(copy),
    ...stateOf(copy),
    ...(bytes && { sectorSha256: hashOf(bytes) ?? null }),
    fields: value ? scriptFields(value) : null,
  };
}

/** All fields of a script record, texts without their spaces. */
export function scriptFields(value: NonNullable<ScriptReading["copies"][number]["value"]>): Document {
  return {
    ...(remapNotation(value) as Document),
    main_device_uuid: spacePadded(value.main_device_uuid),
    spare_device_uuid: spacePadded(value.spare_device_uuid),
    main_device_path: spacePadded(value.main_device_path),
    spare_device_path: spacePadded(value.spare_device_path),
  };
}
