import "./pending-banner.css";
import { Button, SegmentedControl } from "@blueprintjs/core";
import type { Lens, Overview } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { lensNames, select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { showThrough } from "../../store/volume-data.ts";
import { visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

const shownAs: Record<Lens, string> = {
  stored: "All panels show the volume as stored.",
  replay: "Shown as after replay: no byte of it is written.",
  queue: "Shown as after the queue: no byte of it is written.",
};

/** Above all panels while they show another state than the stored one, or the metadata log holds something that was not brought to its end. */
export function PendingBanner({ volume, overview }: { volume: OpenVolume; overview: Overview }) {
  const { pending, lens, lenses } = overview;
  if (!pending && lens === "stored") return null;
  const health = pending?.health ?? "info";
  return (
    <section
      className={`pending-banner state-${health}`}
      data-pane="pending"
      aria-label={pending ? "Pending transaction" : "What is shown"}
    >
      <Glyph state={health} label />
      {pending && <b>{visible(pending.title)}.</b>}
      <span role="status">{shownAs[lens]}</span>
      <span className="stretch" />
      {lenses.length > 1 && (
        <SegmentedControl
          size="small"
          intent="primary"
          aria-label="Show the volume"
          value={lens}
          options={lenses.map((each) => ({ value: each, label: lensNames[each] }))}
          onValueChange={(value) => void showThrough(volume, value as Lens)}
        />
      )}
      {pending && (
        <Button
          size="small"
          text="Open journals"
          onClick={() => {
            select({ volumeId: volume.id, range: pending.range });
            showPanel("journals");
          }}
        />
      )}
    </section>
  );
}
