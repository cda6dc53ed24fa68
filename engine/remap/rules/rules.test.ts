import { describe, expect, it } from "vitest";
import { StoredText } from "../../base/stored-text.ts";
import { MemoryDevice } from "../../device/memory-device.ts";
import { EngineError } from "../../errors/engine-error.ts";
import { allRules } from "../../findings/registry.ts";
import { type DmrmMetadata, dmrmMetadata, padWithSpaces, setupMetadata } from "../../format/remap/index.ts";
import { RemapImage, remapClock, soundDmrm, type soundKernel, soundSetup } from "../../testing/remap-images.ts";
import { checkRemap } from "../check.ts";
import { openRemap } from "../device.ts";

interface Case {
  /** Gives the image that breaks the rule. */
  breaks: () => RemapImage | MemoryDevice;
  /** Rules that this image cannot but break as well. */
  also?: string[];
  /** Rules that a sound device of this kind breaks and this one does not. */
  without?: string[];
}

const [dmrm, kernel, script, setup] = [
  (change?: (value: DmrmMetadata) => void) => new RemapImage().dmrm(change),
  (change?: Parameters<RemapImage["kernel"]>[0]) => new RemapImage().kernel(change),
  (change?: Parameters<RemapImage["script"]>[0]) => new RemapImage().script(change),
  (change?: Parameters<RemapImage["setup"]>[0]) => new RemapImage().setup(change),
];
/** Puts a value at a path of a structure; a function makes it from what stands there. */
const set =
  (path: string, to: unknown) =>
  (value: object): void => {
    const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
    const last = keys.pop() ?? "";
    const holder = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, value as Record<string, unknown>);
    if (!(last in holder) && !["padding", "unused", "reserved_expansion"].includes(last)) throw new TypeError(`there is no ${path}`);
    holder[last] = typeof to === "function" ? to(holder[last]) : to;
  };
const add =
  (change: number | bigint) =>
  (before: number | bigint): number | bigint =>
    typeof before === "bigint" ? before + BigInt(change) : before + Number(change);
const invert = (at: number) => (bytes: Uint8Array) => {
  bytes[at] = (bytes[at] ?? 0) ^ 0x55;
};
/** A copy of one field changed, whose own sum and those above it were left, while the sums that decide were renewed. */
const stale = (change: (bytes: Uint8Array) => void): RemapImage => {
  const bytes = dmrmMetadata.encode(soundDmrm());
  change(bytes);
  const value = dmrmMetadata.parse(bytes);
  const renewed = dmrmMetadata.parse(dmrmMetadata.encode(value));
  const spare_devices = { ...value.spare_devices, spare_info_crc: renewed.spare_devices.spare_info_crc };
  const draft = { ...value, spare_devices };
  // What follows a part that was kept stale must be summed over the stale bytes.
  const once = dmrmMetadata.encode(draft, { checksums: "keep" });
  const final_crc = Number(dmrmMetadata.annotate(once).find((row) => row.path === "final_crc")?.computed);
  const spare_info_crc = Number(dmrmMetadata.annotate(once).find((row) => row.path === "spare_devices.spare_info_crc")?.computed);
  const twice = dmrmMetadata.encode({ ...draft, spare_devices: { ...spare_devices, spare_info_crc }, final_crc }, { checksums: "keep" });
  const sealed = Number(dmrmMetadata.annotate(twice).find((row) => row.path === "final_crc")?.computed);
  return new RemapImage().put(
    "DMRM",
    dmrmMetadata.encode({ ...draft, spare_devices: { ...spare_devices, spare_info_crc }, final_crc: sealed }, { checksums: "keep" }),
  );
};

class FailingDevice extends MemoryDevice {
  readonly from: bigint;
  constructor(bytes: Uint8Array, from: bigint) {
    super(bytes);
    this.from = from;
  }
  override async read(start: bigint, into: Uint8Array): Promise<number> {
    if (start === this.from && into.length > 40)
      throw new EngineError("DEVICE_READ_FAILED", { path: "memory", at: start, byteLength: into.length, reason: "bad sector" });
    return super.read(start, into);
  }
}

const dmrmCases: Record<string, Case> = {
  "no-valid-copy": { breaks: () => damagedEverywhere(), also: ["dmrm.final-crc"] },
  "copy-missing": { breaks: () => dmrm().device(4_194_304) },
  "copy-unread": { breaks: () => new FailingDevice(dmrm().bytes, 2_097_152n) },
  "copy-blank": { breaks: () => dmrm().damage("DMRM", 3, (bytes) => bytes.fill(0)) },
  "copy-stale": { breaks: () => dmrm().dmrm((value) => raise(value), [0, 1]) },
  "copies-differ": {
    breaks: () =>
      dmrm().dmrm(
        (value) => {
          value.target_config.alert_threshold = 71;
        },
        [3],
      ),
  },
  "blend-possible": {
    breaks: () =>
      dmrm((value) => plain(value)).dmrm(
        (value) => {
          plain(value);
          raise(value);
        },
        [0],
      ),
    also: ["dmrm.copy-stale"],
  },
  magic: { breaks: () => dmrm().damage("DMRM", 0, invert(0)), also: ["dmrm.integrity-crc", "dmrm.final-crc"] },
  signature: {
    breaks: () =>
      dmrm().dmrm(
        (value) => {
          value.integrity.signature = StoredText.of("Xm-remap-v4.0-metadata", 32);
        },
        [1],
      ),
  },
  version: { breaks: () => dmrm(set("integrity.version", 0x00040100)) },
  "metadata-size": { breaks: () => dmrm(set("integrity.metadata_size", 2048)) },
  "main-device-crc": { breaks: () => dmrm().damage("DMRM", 0, invert(676)), also: ["dmrm.final-crc"] },
  "spare-info-crc": { breaks: () => dmrm().damage("DMRM", 0, invert(3133)), also: ["dmrm.final-crc"] },
  "config-crc": { breaks: () => dmrm().damage("DMRM", 0, invert(3885)), also: ["dmrm.final-crc"] },
  "final-crc": { breaks: () => dmrm().damage("DMRM", 2, invert(4455)) },
  "spare-crc": { breaks: () => stale(invert(995)) },
  "instructions-crc": { breaks: () => stale(invert(3923)) },
  "version-header-crc": { breaks: () => stale(invert(354)) },
  "integrity-crc": { breaks: () => stale(invert(114)) },
  "not-sealed": { breaks: () => unsealed() },
  "section-crcs": { breaks: () => dmrm(set("integrity.individual_section_crcs[5]", 1)) },
  "time-order": {
    breaks: () =>
      dmrm(({ integrity }) => {
        integrity.last_update_timestamp = integrity.creation_timestamp - 1n;
      }),
  },
  "time-future": { breaks: () => dmrm(set("integrity.last_update_timestamp", remapClock + 86_401n)) },
  "sequence-number": { breaks: () => dmrm(set("integrity.update_sequence_number", add(1))) },
  "copy-count": { breaks: () => dmrm(set("integrity.copy_location_map", 0x0f)) },
  "minimum-copies": { breaks: () => dmrm(set("integrity.minimum_valid_copies", 0)) },
  "version-header-magic": { breaks: () => dmrm(set("version_header.magic", 1)) },
  "version-chain": { breaks: () => dmrm(set("version_header.chain_versions[0]", 99)) },
  "version-copies": { breaks: () => dmrm(set("version_header.copy_count", 9)) },
  "operation-type": { breaks: () => dmrm(set("version_header.operation_type", 3)) },
  "resolution-strategy": { breaks: () => dmrm(set("version_header.resolution_strategy", 3)) },
  "version-times": { breaks: () => dmrm(set("version_header.modification_timestamp", 1n)) },
  "spare-count": {
    breaks: () =>
      dmrm((value) => {
        value.spare_devices.spare_count = 9;
        const [spare] = value.spare_devices.spares;
        for (let slot = 3; slot < 8; slot++) {
          const made = { ...spare, uuid: new Uint8Array(16).fill(slot), device_path: StoredText.of(`/dev/x${slot}`, 256) };
          value.spare_devices.spares[slot] = made as (typeof value.spare_devices.spares)[number];
        }
      }),
    also: ["dmrm.fingerprint-origin"],
  },
  "primary-spare": { breaks: () => dmrm(set("spare_devices.primary_spare_index", 3)) },
  "unused-spare": { breaks: () => dmrm(set("spare_devices.spare_health_scores[7]", 5)) },
  "health-score": { breaks: () => dmrm(set("spare_devices.spare_health_scores[1]", 101)) },
  "spare-size": {
    breaks: () =>
      dmrm(({ spare_devices }) => {
        for (const spare of spare_devices.spares.slice(2, 3)) spare.device_size_sectors = 16_383n;
      }),
    also: ["dmrm.fingerprint-origin"],
  },
  "text-padding": { breaks: () => dmrm(set("target_config.target_params.bytes[511]", 0x61)) },
  "sysfs-count": { breaks: () => dmrm(set("target_config.sysfs_settings[31]", 1)) },
  switch: { breaks: () => dmrm(set("reassembly.safe_mode_only", 2)) },
  "instruction-version": { breaks: () => dmrm(set("reassembly.instruction_version", 2)) },
  "fingerprint-origin": { breaks: () => dmrm(set("main_device.uuid[9]", 7)) },
  "target-size": { breaks: () => dmrm(set("target_config.target_size_sectors", add(-8n))) },
  "next-spare-sector": { breaks: () => dmrm(set("legacy_remap_data.next_spare_sector", 100n)) },
  "next-spare-over-copy": { breaks: () => dmrm(set("legacy_remap_data.next_spare_sector", 8200n)) },
  "remaps-over-copy": { breaks: () => dmrm(set("legacy_remap_data.next_spare_sector", 8204n)) },
  "next-spare-outside": { breaks: () => dmrm(set("legacy_remap_data.next_spare_sector", 1n << 40n)) },
  "reserved-not-zero": { breaks: () => dmrm(set("reserved_expansion", new Uint8Array(512).fill(1))) },
  "device-twice": {
    breaks: () =>
      dmrm((value) => {
        const [first, second] = value.spare_devices.spares;
        if (first && second) value.spare_devices.spares[1] = first;
      }),
  },
};

function raise(value: DmrmMetadata): void {
  value.integrity.version_counter += 1n;
  value.integrity.update_sequence_number += 1;
}
/** Without the version header, as upstream leaves it: then the final sum is the same for every version. */
function plain(value: DmrmMetadata): void {
  value.version_header = dmrmMetadata.parse(new Uint8Array(4459)).version_header;
}
function damagedEverywhere(): RemapImage {
  const image = dmrm();
  for (let index = 0; index < 5; index++) image.damage("DMRM", index, invert(4456));
  return image;
}
function unsealed(): RemapImage {
  const value = soundDmrm();
  value.integrity.version_counter = 1n;
  value.integrity.update_sequence_number = 1;
  value.integrity.integrity_crc = 0;
  const bytes = dmrmMetadata.encode(value, { checksums: "keep" });
  const final_crc = Number(dmrmMetadata.annotate(bytes).find((row) => row.path === "final_crc")?.computed);
  return new RemapImage().put("DMRM", dmrmMetadata.encode({ ...value, final_crc }, { checksums: "keep" }));
}

const kernelCases: Record<string, Case> = {
  "no-valid-copy": {
    breaks: () => {
      const image = kernel();
      for (let index = 0; index < 5; index++) image.damage("DMR4-kernel", index, invert(400));
      return image;
    },
    also: ["dmr4k.checksum"],
  },
  "copy-missing": {
    breaks: () => kernel(set("device_config.spare_device_sectors", 1280n)).device(524_288),
    also: ["dmr4k.device-size", "dmr4k.remap-outside-spare"],
  },
  "copy-unread": { breaks: () => new FailingDevice(kernel().bytes, 262_144n) },
  "copy-blank": { breaks: () => kernel().damage("DMR4-kernel", 2, (bytes) => bytes.fill(0)) },
  "copy-stale": { breaks: () => kernel().kernel(set("header.sequence_number", add(-1n)), [3, 4]) },
  "copies-differ": { breaks: () => kernel().kernel(set("health_data.health_score", 99), [4]) },
  magic: { breaks: () => kernel().damage("DMR4-kernel", 1, invert(0)) },
  version: { breaks: () => kernel().kernel(set("header.version", 5), [1]) },
  checksum: { breaks: () => kernel().damage("DMR4-kernel", 1, invert(400)) },
  "remap-count": { breaks: () => kernel().kernel(set("remap_data.active_remaps", 2049), [2]) },
  "health-score": { breaks: () => kernel().kernel(set("health_data.health_score", 101), [2]) },
  "time-future": { breaks: () => kernel().kernel(set("header.timestamp", remapClock + 86_401n), [2]) },
  "structure-size": { breaks: () => kernel(set("header.structure_size", 84_287)) },
  "reserved-not-zero": { breaks: () => kernel(set("header.reserved", 1)) },
  "copy-index": { breaks: () => kernel().kernel(set("header.copy_index", 3), [1]) },
  "max-remaps": { breaks: () => kernel(set("remap_data.max_remaps", 4096)) },
  "entry-behind-count": { breaks: () => kernel(set("remap_data.active_remaps", add(-1))) },
  "remap-outside-main": { breaks: () => kernel(set("device_config.main_device_sectors", 1n)) },
  "remap-outside-spare": { breaks: () => kernel(entry(set("spare_sector", 1n << 40n))) },
  "remap-upper-half": { breaks: () => kernel(entry(set("spare_sector", 9000n))) },
  "remap-flags": { breaks: () => kernel(entry(set("flags", 4))) },
  "remap-time": { breaks: () => kernel(entry(set("remap_timestamp", (remapClock + 90_000n) * 1_000_000_000n))) },
  "original-twice": {
    breaks: () =>
      kernel(({ remap_data: { remaps } }) => {
        if (remaps[1] && remaps[0]) remaps[1].original_sector = remaps[0].original_sector;
      }),
  },
  "spare-twice": {
    breaks: () =>
      kernel(({ remap_data: { remaps } }) => {
        if (remaps[1] && remaps[0]) remaps[1].spare_sector = remaps[0].spare_sector;
      }),
  },
  "remap-over-metadata": { breaks: () => kernel(entry(set("spare_sector", 1279n))) },
  "spare-too-small": {
    breaks: () => kernel(set("device_config.spare_device_sectors", 1279n)),
    also: ["dmr4k.remap-outside-spare"],
  },
  "device-size": { breaks: () => kernel(set("device_config.spare_device_sectors", add(8n))) },
  "sequence-time-order": {
    breaks: () =>
      kernel().kernel(
        ({ header }) => {
          header.sequence_number = 2n;
          header.timestamp += 100n;
        },
        [0, 1],
      ),
    also: ["dmr4k.copy-stale"],
  },
};

type Entry = ReturnType<typeof soundKernel>["remap_data"]["remaps"][number];
const entry =
  (change: (entry: Entry) => void): Parameters<RemapImage["kernel"]>[0] =>
  ({ remap_data }) => {
    const [first] = remap_data.remaps;
    if (first) change(first);
  };

const scriptCases: Record<string, Case> = {
  "no-valid-copy": {
    breaks: () => script(set("main_device_path", padWithSpaces("", 128))),
    also: ["dmr4s.path-missing"],
    without: ["dmr4s.kernel-rejects"],
  },
  "copy-missing": { breaks: () => script().device(4_194_304), also: ["dmr4s.device-size"] },
  "copy-unread": { breaks: () => new FailingDevice(script().bytes, 2_097_152n) },
  "record-replaced": { breaks: () => script().damage("DMR4-script", 1, (bytes) => bytes.fill(0x41)) },
  "kernel-rejects": { breaks: () => script() },
  version: { breaks: () => script(set("version", 5)) },
  "copy-index": { breaks: () => script(set("copy_index", 0)) },
  sequence: { breaks: () => script(set("sequence", 2n)) },
  "reserved-not-zero": { breaks: () => script(set("unused", new Uint8Array(112).fill(1))) },
  "records-differ": { breaks: () => script().script(set("main_device_sectors", 9n), [2]) },
  "path-missing": {
    breaks: () => script().script(set("spare_device_path", padWithSpaces("", 128)), [2]),
    also: ["dmr4s.records-differ"],
  },
  "paths-equal": {
    breaks: () =>
      script((value) => {
        value.spare_device_path = value.main_device_path;
      }),
  },
  "device-size": { breaks: () => script(set("spare_device_sectors", 9n)) },
};

const setupCases: Record<string, Case> = {
  "no-valid-copy": {
    breaks: () => {
      const image = setup();
      for (let index = 0; index < 5; index++) image.damage("SETUP", index, invert(37_380));
      return image;
    },
    also: ["setup.overall-crc"],
  },
  "copy-missing": { breaks: () => setup().device(4_194_304) },
  "copy-unread": { breaks: () => new FailingDevice(setup().bytes, 2_097_152n) },
  "copy-blank": { breaks: () => setup().damage("SETUP", 3, (bytes) => bytes.fill(0)) },
  "copy-stale": { breaks: () => setup().setup(set("version_counter", add(-1n)), [2]) },
  "copies-differ": { breaks: () => setup().setup(set("corruption_detected", 1), [2]) },
  magic: { breaks: () => setup().damage("SETUP", 1, invert(0)), also: ["setup.overall-crc", "setup.header-crc"] },
  version: { breaks: () => setup(set("metadata_version", 2)) },
  "overall-crc": { breaks: () => setup().damage("SETUP", 1, invert(37_380)) },
  "header-crc": { breaks: () => staleSetup("header_crc32", [3]) },
  "devices-crc": { breaks: () => staleSetup("devices_crc32") },
  "config-crc": { breaks: () => staleSetup("config_crc32") },
  "fingerprint-crc": { breaks: () => staleSetup("main_device.fingerprint_crc32") },
  "spare-crc": { breaks: () => staleSetup("spares[0].spare_crc32") },
  "inner-magic": { breaks: () => setup(set("target_config.config_magic", 1)) },
  "spare-count": {
    breaks: () =>
      setup((value) => {
        value.num_spare_devices = 17;
        for (let slot = 3; slot < 16; slot++) value.spares[slot] = value.spares[0] as (typeof value.spares)[number];
      }),
  },
  "unused-spare": { breaks: () => setup(set("num_spare_devices", 2)) },
  "copy-locations": { breaks: () => setup(set("metadata_copy_locations[4]", 8000n)) },
  capacity: { breaks: () => setup(set("main_device.device_capacity", add(512n))) },
  "spare-capacity": {
    breaks: () =>
      setup(({ spares: [spare] }) => {
        if (spare) spare.capacity_used = 1n;
      }),
  },
  "time-order": {
    breaks: () =>
      setup((value) => {
        value.modified_timestamp = value.created_timestamp - 1n;
      }),
  },
  "reserved-not-zero": { breaks: () => setup(set("padding", Uint8Array.of(1, 0, 0, 0))) },
};

/** Inverts one sum and renews those that cover it. */
function staleSetup(path: string, places?: readonly number[]): RemapImage {
  const bytes = setupMetadata.encode(soundSetup());
  const start = Number(setupMetadata.annotate(bytes).find((row) => row.path === path)?.start);
  invert(start)(bytes);
  for (const covering of ["devices_crc32", "overall_crc32"]) {
    const row = setupMetadata.annotate(bytes).find((each) => each.path === covering);
    if (row && covering !== path) new DataView(bytes.buffer).setUint32(Number(row.start), Number(row.computed), true);
  }
  return setup().put("SETUP", bytes, places);
}

const deviceCases: Record<string, Case> = {
  "structures-overlap": { breaks: () => kernel().script(undefined, [0, 1]), also: ["dmr4k.checksum", "dmr4s.record-replaced"] },
  "not-decoded": {
    breaks: () => {
      const image = dmrm();
      image.bytes.set(new TextEncoder().encode("RMRD"), 512 * 512);
      image.bytes.set([0x44, 0x4d, 0x52, 0x34], 256 * 512);
      return image;
    },
  },
};

const rulesBroken = async (image: RemapImage | MemoryDevice): Promise<Set<string>> => {
  const remap = await openRemap(image instanceof RemapImage ? image.device() : image, { now: remapClock });
  return new Set(remap ? checkRemap(remap).map(({ rule }) => rule) : []);
};

describe.each([
  ["dmrm", dmrmCases, () => dmrm(), []],
  ["dmr4k", kernelCases, () => kernel(), []],
  ["dmr4s", scriptCases, () => script(), ["dmr4s.kernel-rejects"]],
  ["setup", setupCases, () => setup(), []],
  ["remap", deviceCases, () => dmrm(), []],
] as const)("the rules of %s", (subject, cases, sound, always) => {
  it("hold for a sound device", async () => expect([...(await rulesBroken(sound()))]).toEqual(always));
  it.each(Object.entries(cases as Record<string, Case>))(
    "are broken by an image made for %s, and no other is",
    async (key, { breaks, also = [], without = [] }) => {
      const expected = new Set([`${subject}.${key}`, ...also, ...always].filter((rule) => !without.includes(rule)));
      expect(await rulesBroken(breaks())).toEqual(expected);
    },
  );
  it("all have such an image", () => {
    const declared = allRules().flatMap(({ id }) => (id.startsWith(`${subject}.`) ? [id.slice(subject.length + 1)] : []));
    expect(Object.keys(cases).sort()).toEqual(declared.sort());
  });
});

describe("records of the script beside copies of the module", () => {
  it("are not called rejected", async () => {
    const image = kernel().script(undefined, [2, 3, 4]);
    expect((await rulesBroken(image)).has("dmr4s.kernel-rejects")).toBe(false);
  });
});
