import { MemoryDevice } from "../device/memory-device.ts";
import {
  type Dmr4KernelMetadata,
  type Dmr4ScriptRecord,
  type DmrmMetadata,
  dmr4KernelMetadata,
  dmr4ScriptRecord,
  dmrmMetadata,
  type SetupMetadata,
  sectorBytes,
  setupMetadata,
} from "../format/remap/index.ts";
import { type RemapFormat, remapLayouts } from "../remap/copy.ts";
import { goldenCopies } from "./remap-goldens.ts";

/** Sectors of the devices that are made here: more than every place of every structure takes. */
const deviceSectors = 16_384;
/** Unix seconds at which these devices are looked at. */
export const remapClock = 1_770_000_000n;

const firstCopy = (name: string, byteLength: number): Uint8Array => goldenCopies(name, byteLength)[0]?.bytes.slice() ?? new Uint8Array(0);

/** A DMRM copy that breaks no rule. */
export function soundDmrm(): DmrmMetadata {
  const value = dmrmMetadata.parse(firstCopy("dmrm-a-valid5", 4459));
  value.legacy_remap_data.next_spare_sector = 9000n;
  return value;
}

/** A kernel copy that breaks no rule: its remaps lie behind the metadata, in the lower half of the spare. */
export function soundKernel(): Dmr4KernelMetadata {
  const value = dmr4KernelMetadata.parse(firstCopy("dmr4k-a-valid5", 84_288));
  value.device_config.spare_device_sectors = BigInt(deviceSectors);
  for (const [index, entry] of value.remap_data.remaps.entries())
    if (index < value.remap_data.active_remaps) entry.spare_sector = 2000n + BigInt(index);
  return value;
}

/** A script record that breaks no rule of its own. */
export function soundScript(): Dmr4ScriptRecord {
  const value = dmr4ScriptRecord.parse(firstCopy("dmr4s-a-script", 512));
  value.spare_device_sectors = BigInt(deviceSectors);
  return value;
}

/** A setup that breaks no rule: all its sums are fresh. */
export const soundSetup = (): SetupMetadata => setupMetadata.parse(firstCopy("setup-a-hypothetical", 37_384));

/** A device in memory that copies are put on. */
export class RemapImage {
  readonly bytes = new Uint8Array(deviceSectors * sectorBytes);

  /** Bytes at the places of a structure; all five unless told. */
  put(format: RemapFormat, bytes: Uint8Array | ((index: number) => Uint8Array), places: readonly number[] = [0, 1, 2, 3, 4]): this {
    for (const index of places)
      this.bytes.set(typeof bytes === "function" ? bytes(index) : bytes, Number(remapLayouts[format].sectors[index] ?? 0n) * sectorBytes);
    return this;
  }
  dmrm(change: (value: DmrmMetadata) => void = () => {}, places?: readonly number[]): this {
    const value = soundDmrm();
    change(value);
    return this.put("DMRM", dmrmMetadata.encode(value), places);
  }
  kernel(change: (value: Dmr4KernelMetadata) => void = () => {}, places?: readonly number[]): this {
    const value = soundKernel();
    change(value);
    return this.put("DMR4-kernel", dmr4KernelMetadata.encode(value), places);
  }
  script(change: (value: Dmr4ScriptRecord) => void = () => {}, places?: readonly number[]): this {
    return this.put(
      "DMR4-script",
      (index) => {
        const value = { ...soundScript(), copy_index: index };
        change(value);
        return dmr4ScriptRecord.encode(value);
      },
      places,
    );
  }
  setup(change: (value: SetupMetadata) => void = () => {}, places?: readonly number[]): this {
    const value = soundSetup();
    change(value);
    return this.put("SETUP", setupMetadata.encode(value), places);
  }
  /** Changes bytes of a copy and renews nothing. */
  damage(format: RemapFormat, index: number, change: (bytes: Uint8Array) => void): this {
    const start = Number(remapLayouts[format].sectors[index] ?? 0n) * sectorBytes;
    change(this.bytes.subarray(start, start + remapLayouts[format].structBytes));
    return this;
  }
  device(byteLength = this.bytes.length): MemoryDevice {
    return new MemoryDevice(this.bytes.slice(0, byteLength));
  }
}
