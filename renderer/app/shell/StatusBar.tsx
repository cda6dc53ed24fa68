import { lensNames, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { useTasks } from "../../store/tasks.ts";
import type { VolumeData } from "../../store/volume-data.ts";
import { formatAddress, formatBytes, formatCount, formatNoun } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** The hovered thing or the selection, the state of the check, what was written, units. Also the polite live region. */
export function StatusBar({ volume, data }: { volume: OpenVolume | undefined; data: VolumeData | undefined }) {
  const selection = useSelection(selectSelection(volume?.id));
  const hovered = useSelection((state) => (state.hovered?.volumeId === volume?.id ? state.hovered : undefined));
  const running = useTasks((state) => state.rows.find((row) => row.state === "running"));
  const shown = hovered ?? selection;
  const words = (range: { start: bigint; end: bigint }) =>
    `${formatAddress(range.start)} · ${data?.overview.blockNoun ?? "block"} ${formatCount(range.start / BigInt(data?.overview.blockBytes ?? 4096))} · ${formatBytes(range.end - range.start)}`;
  const { findings } = data?.overview ?? {};
  return (
    <footer className="status" data-pane="status">
      <span role="status" aria-live="polite" className="status-selection">
        {data?.lost
          ? `The source cannot be read any more: ${data.lost}`
          : shown
            ? `${hovered ? "Hover: " : ""}${words(shown.range)}${shown.source === "stored" ? "" : ` · ${lensNames[shown.source].toLowerCase()}`}`
            : volume
              ? "Nothing selected"
              : "Nothing is opened by itself"}
      </span>
      <span className="stretch" />
      {running && (
        <span>
          {running.name}
          {running.progress?.total ? ` ${Math.floor((running.progress.done / running.progress.total) * 100)} %` : "…"}
        </span>
      )}
      {data && (
        <span>
          {data.checked ? <Glyph state={findings?.error ? "error" : findings?.warning ? "warning" : "ok"} /> : <Glyph state="running" />}{" "}
          {data.checked
            ? `${formatNoun(findings?.error ?? 0, "error")}, ${formatNoun(findings?.warning ?? 0, "warning")}`
            : "Being checked"}
        </span>
      )}
      <span>
        <b>{formatCount(data?.overview.bytesWritten ?? 0n)} B written</b> {volume ? "to the image" : ""}
      </span>
      <span>KiB, MiB</span>
    </footer>
  );
}
