import { MemoryDevice } from "../device/memory-device.ts";
import { applyCreateVolume, type CreateVolumeInputs, planCreateVolume } from "../operations/create-volume.ts";
import { findProfile } from "../volume/creation-profiles.ts";

/** A time for volumes of tests, in ticks. */
export const now = 638_400_000_000_000_000n;

/** A fresh volume in memory: 1300 blocks of the minimal profile unless told. */
export async function volumeDevice({
  profile = "minimal",
  ...inputs
}: Partial<CreateVolumeInputs> & { profile?: string } = {}): Promise<MemoryDevice> {
  const found = findProfile(profile);
  if (!found) throw new TypeError(`there is no profile ${profile}`);
  const device = new MemoryDevice(new Uint8Array(0));
  const plan = planCreateVolume({
    ...found,
    totalBlocks: 1300n,
    label: "before",
    uuid: "00112233-4455-6677-8899-aabbccddeeff",
    now,
    ...inputs,
  });
  await applyCreateVolume(device, plan);
  return device;
}
