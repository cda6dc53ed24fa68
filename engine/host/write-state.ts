import type { Overview } from "../contract/index.ts";
import type { OpenVolume } from "./open-volume.ts";

/** Whether anything can be written, and why not. */
export function describeWriteState({
  writeState,
}: OpenVolume): Pick<Overview, "writeState" | "writeStateReason" | "lockedReason" | "bytesWritten"> {
  const { enabled, bytesWritten, lockedReason } = writeState;
  return {
    writeState: enabled ? "changes" : "read-only",
    writeStateReason: enabled
      ? "Changes are enabled: a plan that you apply is written to the source, after its undo bundle was saved."
      : `Opened for reading: nothing can be written to the source.${lockedReason === undefined ? "" : ` Changes cannot be enabled: ${lockedReason}.`}`,
    lockedReason,
    bytesWritten,
  };
}
