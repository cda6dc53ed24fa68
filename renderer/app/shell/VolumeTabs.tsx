import { Button, Classes, PopoverNext } from "@blueprintjs/core";
import { Cross, Home, Layers, Lock, Plus, Unlock } from "@blueprintjs/icons";
import type { VolumeRow } from "../../../engine/contract/index.ts";
import { enableChanges } from "../../store/plan.ts";
import { activateVolume, activeVolume, closeVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";
import { runCommand } from "../commands.ts";

const glyphs: Record<VolumeRow["state"], GlyphState> = { sound: "ok", findings: "warning", damaged: "error", opening: "running" };

/** A button of the chip's menu: it closes the menu and runs a command. */
const command = (id: string) => ({ className: Classes.POPOVER_DISMISS, onClick: () => runCommand(id) });

/** One tab per volume, and whether anything can be written. */
export function VolumeTabs() {
  const open = useSession((state) => state.open);
  const rows = useSession((state) => state.rows);
  const active = useSession(activeVolume);
  const overview = useVolumeData((state) => selectVolumeData(active?.id)(state)?.overview);
  const enabled = overview?.writeState === "changes";
  const overlay = overview?.writeState === "overlay";
  const stateOf = (id: string) => glyphs[rows.find((row) => row.id === id)?.state ?? "opening"];
  return (
    <nav className={`tabs write-${overview?.writeState ?? "read-only"}`} data-pane="tabs" aria-label="Open volumes">
      <div role="tablist" aria-label="Volumes">
        <button type="button" role="tab" aria-selected={!active} className="tab" onClick={() => activateVolume(undefined)}>
          <Home size={12} />
          Welcome
        </button>
        {open.map((volume) => (
          <button
            type="button"
            role="tab"
            key={volume.id}
            aria-selected={volume.id === active?.id}
            className="tab"
            onClick={() => activateVolume(volume.id)}
            onAuxClick={(event) => event.button === 1 && void closeVolume(volume.id)}
          >
            <Glyph state={stateOf(volume.id)} label />
            {volume.name}
            {rows.find((row) => row.id === volume.id)?.isQueued && (
              <span className="tab-dot" role="img" aria-label="changes wait in its queue" title="Changes wait in its queue" />
            )}
          </button>
        ))}
      </div>
      {active && (
        <Button
          variant="minimal"
          size="small"
          icon={<Cross size={12} />}
          aria-label={`Close ${active.name}`}
          onClick={() => void closeVolume(active.id)}
        />
      )}
      <Button variant="minimal" size="small" icon={<Plus size={12} />} aria-label="Open volume" onClick={() => runCommand("file.open")} />
      <span className="stretch" />
      <PopoverNext
        placement="bottom-end"
        content={
          <div className="note write-menu">
            <p>{overview?.writeStateReason ?? "Volumes are opened for reading. Nothing in this window writes."}</p>
            {active && overview && !overlay && overview.lockedReason === undefined && (
              <Button
                size="small"
                text={enabled ? "Keep reading only" : "Enable changes"}
                onClick={() => void enableChanges(active, !enabled)}
              />
            )}
            {active && overlay && (
              <>
                <Button size="small" text="Show difference" {...command("overlay.difference")} />
                <Button size="small" text="Commit to image…" {...command("overlay.commit")} />
                <Button size="small" text="Drop overlay…" {...command("overlay.drop")} />
              </>
            )}
            {active && <Button size="small" text={overlay ? "Other overlays…" : "Open with overlay…"} {...command("overlay.open")} />}
          </div>
        }
      >
        <button type="button" className={`write-chip state-${overview?.writeState ?? "read-only"}`}>
          {overlay ? <Layers size={12} /> : enabled ? <Unlock size={12} /> : <Lock size={12} />}
          {overlay ? "Overlay" : enabled ? "Changes enabled" : "Read-only"}
        </button>
      </PopoverNext>
    </nav>
  );
}
