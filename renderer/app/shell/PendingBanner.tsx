import "./pending-banner.css";
import { Button } from "@blueprintjs/core";
import type { RecoveryView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** Above all panels while the metadata log holds something that was not brought to its end. */
export function PendingBanner({ volume, pending }: { volume: OpenVolume; pending: RecoveryView | undefined }) {
  if (!pending) return null;
  return (
    <section className={`pending-banner state-${pending.health}`} data-pane="pending" aria-label="Pending transaction">
      <Glyph state={pending.health} label />
      <b>{visible(pending.title)}.</b>
      <span>All panels show the volume as stored.</span>
      <span className="stretch" />
      <Button
        size="small"
        text="Open journals"
        onClick={() => {
          select({ volumeId: volume.id, range: pending.range });
          showPanel("journals");
        }}
      />
    </section>
  );
}
