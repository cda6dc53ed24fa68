import type { ParseArgsConfig } from "node:util";
import type { VolumeKeys } from "../host/engine.ts";
import { readVolumeKeys } from "../host/volume-keys.ts";
import { type ParsedArguments, textOption } from "./arguments.ts";

/** Options that name files with keys. A key itself is no argument: other users of the machine see those. */
export const keyOptions: NonNullable<ParseArgsConfig["options"]> = { "vault-key": { type: "string" }, "issuer-key": { type: "string" } };

/** The keys in the files that were named. What readVolumeKeys throws. */
export const keysOption = (values: ParsedArguments["values"]): Promise<VolumeKeys> =>
  readVolumeKeys({ policyVault: textOption(values, "vault-key"), compliance: textOption(values, "issuer-key") });
