import { basename } from "node:path";
import type { OpenSource } from "./open-volume.ts";

/** A text as one argument of a shell's command. */
export const quoted = (text: unknown): string => `'${String(text).replaceAll("'", "'\\''")}'`;

/** The image that a volume was opened from, as an argument: its file, also where it is seen through an overlay. */
export const imageArgument = ({ name, path, overlay }: OpenSource): string =>
  quoted(overlay !== undefined && path !== undefined ? basename(path) : name);
/** The option that names the overlay, with a space before it; nothing where there is none. */
export const overlayOption = ({ overlay }: OpenSource): string => (overlay === undefined ? "" : ` --overlay ${quoted(overlay.path)}`);
