import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createGunzip, gunzipSync } from "node:zlib";
import { fromHex } from "../base/bytes.ts";
import { SparseDevice } from "../device/sparse-device.ts";

const folder = (name: string) => fileURLToPath(new URL(`./golden/${name}/`, import.meta.url));
const imageEndings = { dwvd: [".dwvd.gz", ".bin.gz", ".rdlt.gz"], "dm-remap": [".img.gz"] };
export type GoldenSet = keyof typeof imageEndings;

/** Names of the golden JSON files of a set that match, without ending; those with an image of `ending` where one is given. */
export function goldenNames(pattern: RegExp = /./, { set = "dwvd", ending }: { set?: GoldenSet; ending?: string } = {}): string[] {
  return readdirSync(folder(set))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .filter((name) => pattern.test(name) && (ending === undefined || existsSync(`${folder(set)}${name}${ending}`)))
    .sort();
}

// biome-ignore lint/suspicious/noExplicitAny: the goldens' documents have as many shapes as there are files
export const goldenJson = (name: string, set: GoldenSet = "dwvd"): any => JSON.parse(readFileSync(`${folder(set)}${name}.json`, "utf8"));

/** The keys that belong to a golden's volume. */
export function goldenKeys(name: string): { policyVault?: Uint8Array; compliance?: Uint8Array } {
  const { policyVaultHmacKey, publicKeySpki } = goldenJson(name).inputs ?? {};
  return {
    ...(typeof policyVaultHmacKey === "string" && { policyVault: fromHex(policyVaultHmacKey) }),
    ...(typeof publicKeySpki === "string" && { compliance: fromHex(publicKeySpki) }),
  };
}

function imagePath(name: string, set: GoldenSet): string {
  const ending = imageEndings[set].find((candidate) => existsSync(`${folder(set)}${name}${candidate}`));
  if (ending === undefined) throw new TypeError(`golden ${name} has no image`);
  return `${folder(set)}${name}${ending}`;
}

/** The unpacked image as a device that holds only what is not zero. */
export const goldenDevice = (name: string, set: GoldenSet = "dwvd"): Promise<SparseDevice> =>
  SparseDevice.from(createReadStream(imagePath(name, set)).pipe(createGunzip()), { name });

/** The unpacked image; for small ones. */
export const goldenBytes = (name: string, set: GoldenSet = "dwvd"): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(imagePath(name, set))));
