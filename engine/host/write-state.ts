import type { Overview } from "../contract/index.ts";
import type { OpenVolume } from "./open-volume.ts";

/** Whether anything can be written, and why not. */
export function describeWriteState({
  writeState,
  source,
}: OpenVolume): Pick<Overview, "writeState" | "writeStateReason" | "lockedReason" | "bytesWritten" | "overlay"> {
  const { enabled, bytesWritten, lockedReason } = writeState;
  if (source.overlay)
    return {
      writeState: "overlay",
      writeStateReason: `What you change goes to an overlay, a file beside the image: the image is only read, until the overlay is committed.${lockedReason === undefined ? "" : ` Nothing can be changed: ${lockedReason}.`}`,
      lockedReason,
      bytesWritten,
      overlay: { id: source.overlay.id },
    };
  return {
    writeState: enabled ? "changes" : "read-only",
    writeStateReason: enabled
      ? "Changes are enabled: a plan that you apply is written to the source, after its undo bundle was saved."
      : `Opened for reading: nothing can be written to the source.${lockedReason === undefined ? "" : ` Changes cannot be enabled: ${lockedReason}.`}`,
    lockedReason,
    bytesWritten,
  };
}
