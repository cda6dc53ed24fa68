import { Button, PopoverNext } from "@blueprintjs/core";
import { Cross, Home, Lock, Plus } from "@blueprintjs/icons";
import type { VolumeRow } from "../../../engine/contract/index.ts";
import { activateVolume, activeVolume, closeVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";
import { runCommand } from "../commands.ts";

const glyphs: Record<VolumeRow["state"], GlyphState> = { sound: "ok", findings: "warning", damaged: "error", opening: "running" };

/** One tab per volume, and whether anything can be written. */
export function VolumeTabs() {
  const open = useSession((state) => state.open);
  const rows = useSession((state) => state.rows);
  const active = useSession(activeVolume);
  const reason = useVolumeData((state) => selectVolumeData(active?.id)(state)?.overview.writeStateReason);
  const stateOf = (id: string) => glyphs[rows.find((row) => row.id === id)?.state ?? "opening"];
  return (
    <nav className="tabs" data-pane="tabs" aria-label="Open volumes">
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
        content={<p className="note">{reason ?? "Volumes are opened for reading. Nothing in this window writes."}</p>}
      >
        <button type="button" className="write-chip">
          <Lock size={12} />
          Read-only
        </button>
      </PopoverNext>
    </nav>
  );
}
