import { StoredText } from "../base/stored-text.ts";
import { EngineError } from "../errors/engine-error.ts";
import { defineOperation, singleStep } from "./operation.ts";

const labelBytes = 64;

/** Gives the volume another label. LABEL_TOO_LONG. */
export const setLabel = defineOperation("label", async (volume, { label }: { label: string }, options) => {
  const bytes = new TextEncoder().encode(label).length;
  if (bytes > labelBytes) throw new EngineError("LABEL_TOO_LONG", { bytes, most: labelBytes });
  const step = await singleStep(volume, "Set the label", options, (edit) => {
    edit.superblock.volumeLabel = StoredText.of(label, labelBytes);
  });
  return {
    sentences: [`Set the label from ${JSON.stringify(volume.superblock?.volumeLabel.text ?? "")} to ${JSON.stringify(label)}.`],
    steps: [step],
    warnings: [],
    worstCase: `If this goes wrong in every way we know, you lose nothing: undo restores ${step.changes.images.length} blocks.`,
  };
});
