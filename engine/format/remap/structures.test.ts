import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, fromHex, toHex } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { StoredText } from "../../base/stored-text.ts";
import type { Struct } from "../../base/struct/index.ts";
import { goldenJson } from "../../testing/golden.ts";
import { goldenCopies, remapGoldens } from "../../testing/remap-goldens.ts";
import {
  dmr4KernelMetadata,
  dmr4RemapEntry,
  dmr4ScriptRecord,
  dmrmFingerprint,
  dmrmMetadata,
  dmrmParts,
  padWithSpaces,
  raiseVersionCounter,
  setupFingerprint,
  setupMetadata,
  spacePadded,
} from "./index.ts";

const structures: readonly [pattern: RegExp, structure: Struct<unknown>, byteLength: number][] = [
  [/^dmrm-/, dmrmMetadata as unknown as Struct<unknown>, 4459],
  [/^dmr4k-/, dmr4KernelMetadata as unknown as Struct<unknown>, 84_288],
  [/^dmr4s-/, dmr4ScriptRecord as unknown as Struct<unknown>, 512],
  [/^setup-/, setupMetadata as unknown as Struct<unknown>, 37_384],
];

describe("the kernel's CRC-32", () => {
  const ascii = (text: string) => new TextEncoder().encode(text);
  it.each([
    [new Uint8Array(0), 0],
    [ascii("123456789"), 0x2dfd2d88],
    [Uint8Array.of(1), 0x77073096],
    [ascii("/dev/sdb"), 0x7dcf543c],
    [new Uint8Array(4096), 0],
  ])("is as the reference has it, case %#", (bytes, sum) => expect(checksum.kernelCrc32(bytes)).toBe(sum));
  it("chains, and is zero behind its own sum", () =>
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
        const sum = checksum.kernelCrc32(first);
        expect(checksum.kernelCrc32(second, sum)).toBe(checksum.kernelCrc32(Uint8Array.of(...first, ...second)));
        const stored = new Uint8Array(4);
        new DataView(stored.buffer).setUint32(0, sum, true);
        expect(checksum.kernelCrc32(stored, sum)).toBe(0);
      }),
    ));
});

describe.each(structures)("structure of %s", (pattern, structure, byteLength) => {
  const copies = remapGoldens(pattern).flatMap((name) => goldenCopies(name, byteLength).map((copy) => ({ name, ...copy })));
  it("has the size and the field places of the reference", () => {
    expect(structure.byteLength).toBe(byteLength);
    const leaves = structure.fields.filter((field) => field.offset !== undefined);
    expect(leaves.every((field) => (field.offset ?? 0) + (field.byteLength ?? 0) <= byteLength)).toBe(true);
  });
  it.each(copies)("encodes copy $index of $name back to the same bytes", ({ bytes }) => {
    const value = structure.parse(bytes);
    expect(equalBytes(structure.encode(value, { byteLength, checksums: "keep" }), bytes)).toBe(true);
  });
  it("covers every byte exactly once, whatever the bytes", () => {
    const whole = copies[0]?.bytes ?? new Uint8Array(byteLength);
    const mutated = fc.array(fc.tuple(fc.nat(byteLength - 1), fc.nat(255)), { maxLength: 64 }).map((changes) => {
      const bytes = whole.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
    const arbitrary = fc.oneof(mutated, fc.uint8Array({ maxLength: 2 * byteLength, size: "max" }));
    fc.assert(
      fc.property(arbitrary, (bytes) => {
        let next = 7n;
        for (const row of structure.annotate(bytes, 7n)) {
          expect(row.start).toBe(next);
          next = row.end;
        }
        expect(next).toBe(7n + BigInt(bytes.length));
      }),
      { numRuns: byteLength > 40_000 ? 6 : 30 },
    );
  });
  it("decodes what it encodes, for any bytes", () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: byteLength, maxLength: byteLength, size: "max" }), (bytes) => {
        const value = structure.parse(bytes);
        const encoded = structure.encode(value, { byteLength, checksums: "keep" });
        expect(equalBytes(encoded, bytes)).toBe(true);
        const sealed = structure.parse(structure.encode(value, { byteLength }));
        expect(structure.encode(sealed, { byteLength })).toEqual(structure.encode(value, { byteLength }));
      }),
      { numRuns: byteLength > 40_000 ? 4 : 20 },
    ));
});

describe("DMRM", () => {
  const fresh = goldenCopies("dmrm-a0-fresh", 4459)[0]?.bytes ?? new Uint8Array(0);
  it("has its parts and sums where the reference has them", () => {
    const places = Object.fromEntries(dmrmMetadata.fields.map((field) => [field.path, field.offset]));
    for (const [part, [start]] of Object.entries(dmrmParts))
      expect(places[part] ?? places[Object.keys(places).find((path) => path.startsWith(`${part}.`)) ?? ""], part).toBe(start);
    const crcs = goldenJson("dmrm-a-valid5", "dm-remap").copies[0].crcs as { name: string; storedAt: number }[];
    for (const { name, storedAt } of crcs) {
      const row = dmrmMetadata.annotate(fresh).find((each) => each.path === name);
      expect(row?.start, name).toBe(BigInt(storedAt));
    }
  });
  it("is the worked example of the reference", () => {
    const hex = (start: number, end: number) => toHex(fresh.subarray(start, end));
    expect(hex(0, 8)).toBe("4d524d4400000400");
    expect(hex(40, 48)).toBe("0100000000000000");
    expect(hex(48, 52)).toBe("0078e768");
    expect(hex(68, 72)).toBe("6b110000");
    expect(hex(108, 114)).toBe("05011f000000");
    expect(hex(3907, 3927)).toBe("01000001010 00f000000070000000000 4e6f5504".replaceAll(" ", ""));
    expect(hex(3927, 3943)).toBe("00000000000000000020000000000000");
    const value = dmrmMetadata.parse(fresh);
    expect(toHex(value.main_device.uuid)).toBe("232284150df6e9680000000032e6dc7b");
    expect(value.main_device.device_serial_hash).toBe(0x0000747033ba0627n);
    expect(value.main_device.device_fingerprint_crc).toBe(0x802df56f);
    expect(value.target_config.target_params.text).toBe("/dev/sdb /dev/sdc");
    expect(value.final_crc).toBe(0x2b2e4d40);
  });
  it("gets its sums in the order that the format asks for, from values alone", () => {
    const sealed = goldenCopies("dmrm-d-version-conflict", 4459)[2]?.bytes ?? new Uint8Array(0);
    const value = dmrmMetadata.parse(sealed);
    const zero = { device_fingerprint_crc: 0 };
    const bare = {
      ...value,
      integrity: { ...value.integrity, integrity_crc: 0 },
      version_header: { ...value.version_header, header_crc32: 0 },
      main_device: { ...value.main_device, ...zero },
      spare_devices: {
        ...value.spare_devices,
        spares: value.spare_devices.spares.map((spare) => ({ ...spare, ...zero })),
        spare_info_crc: 0,
      },
      target_config: { ...value.target_config, config_crc: 0 },
      reassembly: { ...value.reassembly, instructions_crc: 0 },
      final_crc: 0,
    };
    expect(equalBytes(dmrmMetadata.encode(bare), sealed)).toBe(true);
  });
  it.each([
    [0, 1, 0xf1ec22f6],
    [1, 0, 0x04556f4e],
    [2, 0, 0xe12f8a10],
  ])("gets the instructions sum of safety level %i", (level, loose, sum) => {
    const value = dmrmMetadata.parse(fresh);
    const strict = level === 2 ? 1 : 0;
    const reassembly = {
      ...value.reassembly,
      requires_user_confirmation: strict,
      safe_mode_only: strict,
      validate_spare_device_sizes: loose ? 0 : 1,
      validate_filesystem_signatures: strict,
      allow_degraded_assembly: loose,
      allow_size_mismatch_recovery: loose,
    };
    expect(dmrmMetadata.parse(dmrmMetadata.encode({ ...value, reassembly })).reassembly.instructions_crc).toBe(sum);
  });
  it("has one final sum for every setup and counter once the counter was raised, which is why it proves little", () => {
    const value = dmrmMetadata.parse(fresh);
    for (let raised = value, times = 0; times < 3; times++) {
      raised = raiseVersionCounter(raised, 1_760_000_060n + BigInt(times));
      const written = dmrmMetadata.parse(dmrmMetadata.encode(raised));
      expect(written.final_crc).toBe(0xf4a1c36e);
      expect(written.integrity.version_counter).toBe(2n + BigInt(times));
      expect(written.integrity.update_sequence_number).toBe(2 + times);
    }
  });
});

describe("texts and small structures", () => {
  it("keeps every byte of a fingerprint and an entry", () => {
    for (const structure of [dmrmFingerprint, dmr4RemapEntry, setupFingerprint] as unknown as Struct<unknown>[])
      fc.assert(
        fc.property(fc.uint8Array({ minLength: structure.byteLength ?? 0, maxLength: structure.byteLength ?? 0 }), (bytes) =>
          equalBytes(structure.encode(structure.parse(bytes), { checksums: "keep" }), bytes),
        ),
      );
  });
  it("pads with spaces and takes them away again", () => {
    expect(spacePadded(padWithSpaces("/dev/sdb", 128))).toBe("/dev/sdb");
    expect(() => padWithSpaces("x".repeat(38), 37)).toThrow(RangeError);
    expect(StoredText.of("/dev/sdb", 256).text).toBe("/dev/sdb");
    expect(fromHex("20")).toEqual(padWithSpaces("", 1));
  });
});
