import { EngineError, fromHex, openFileDevice, readUpTo, type VolumeKeys } from "./engine.ts";

const vaultKeyBytes = 32;
const mostKeyBytes = 4096;

/** The keys in files that the user named. What openFileDevice throws; KEY_UNUSABLE for a file that holds no such key. */
export async function readVolumeKeys(files: { policyVault?: string | undefined; compliance?: string | undefined }): Promise<VolumeKeys> {
  return {
    ...(files.policyVault !== undefined && { policyVault: vaultKey(files.policyVault, await readKeyFile(files.policyVault)) }),
    ...(files.compliance !== undefined && { compliance: await readKeyFile(files.compliance) }),
  };
}

/** The key of the header seal in a file: its bytes, or the bytes that it writes in hex digits. What readVolumeKeys throws. Core reference 2.4. */
export async function readSealKey(path: string): Promise<Uint8Array> {
  const bytes = await readKeyFile(path);
  const text = new TextDecoder("latin1").decode(bytes).trim();
  return /^([0-9a-f]{2}){16,}$/i.test(text) ? fromHex(text) : bytes;
}

async function readKeyFile(path: string): Promise<Uint8Array> {
  const device = await openFileDevice(path);
  try {
    const bytes = await readUpTo(device, 0n, mostKeyBytes + 1);
    if (bytes.length > 0 && bytes.length <= mostKeyBytes) return bytes;
    throw new EngineError("KEY_UNUSABLE", { path, found: `${device.byteLength} bytes`, expected: `1 to ${mostKeyBytes}` });
  } finally {
    await device.close();
  }
}

/** The key of a policy vault's seal: 32 bytes, or 64 hex digits. Core regions reference 5.1. */
function vaultKey(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length === vaultKeyBytes) return bytes;
  const text = new TextDecoder("latin1").decode(bytes).trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text);
  throw new EngineError("KEY_UNUSABLE", { path, found: `${bytes.length} bytes`, expected: "32 bytes, or 64 hex digits" });
}
