import type { ParseArgsConfig } from "node:util";
import type { Image } from "../host/engine.ts";
import { type OpenPathOptions, openImage } from "../host/open-image.ts";
import type { ImageSource } from "../host/overlays.ts";
import { numberOption, type ParsedArguments, textOption } from "./arguments.ts";

type Values = ParsedArguments["values"];

/** Options of every command that looks into an image. */
export const imageOptions = { offset: { type: "string" }, overlay: { type: "string" } } as const satisfies ParseArgsConfig["options"];
export const overlayHelp = "  --overlay FILE   see IMAGE through this overlay";

/** The image that a reading command names, through the overlay that it names. */
export const imageOf = (path: string, values: Values): ImageSource => ({ path, overlay: textOption(values, "overlay") });

/** The image that a writing command changes: an overlay is made when something is first written to it. */
export const changedImageOf = (path: string, values: Values): Exclude<ImageSource, string> => ({
  path,
  overlay: textOption(values, "overlay"),
  mayBegin: true,
});

/** Opens the image that a reading command names. What openImage throws. */
export const openNamed = (path: string, values: Values, options: OpenPathOptions): Promise<Image> =>
  openImage(imageOf(path, values), { offset: numberOption(values, "offset", { units: true }), ...options });
