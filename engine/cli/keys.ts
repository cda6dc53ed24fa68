import type { ParseArgsConfig } from "node:util";
import type { VolumeKeys } from "../host/engine.ts";
import { readSealKey, readVolumeKeys } from "../host/volume-keys.ts";
import { type ParsedArguments, textOption } from "./arguments.ts";

/** Options that name files with keys. A key itself is no argument: other users of the machine see those. */
export const keyOptions: NonNullable<ParseArgsConfig["options"]> = { "vault-key": { type: "string" }, "issuer-key": { type: "string" } };

/** The keys in the files that were named. What readVolumeKeys throws. */
export const keysOption = (values: ParsedArguments["values"]): Promise<VolumeKeys> =>
  readVolumeKeys({ policyVault: textOption(values, "vault-key"), compliance: textOption(values, "issuer-key") });

/** The key of the header seal in the file that was named; undefined where none was. What readSealKey throws. */
export async function sealKeyOption(values: ParsedArguments["values"]): Promise<Uint8Array | undefined> {
  const path = textOption(values, "seal-key");
  return path === undefined ? undefined : readSealKey(path);
}
