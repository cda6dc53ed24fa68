import type { RemapCopyView, RemapStructureView, RemapView } from "../../../engine/contract/index.ts";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";
import type { Places } from "./RemapPanel.tsx";

export const copyGlyphs: Readonly<Record<RemapCopyView["state"], GlyphState>> = {
  chosen: "ok",
  equal: "ok",
  stale: "info",
  damaged: "error",
  blank: "error",
  missing: "not-run",
  unread: "error",
};

const firstRemapSector = 8192n;

/** The places of the copies on one scale, from sector 0 to a little behind the last. */
export function CopiesDrawing({ view, structure, places }: { view: RemapView; structure: RemapStructureView; places: Places }) {
  const sectorsOfCopy = BigInt(Math.ceil(structure.spaceBytes / 512));
  const last = structure.copies.reduce((most, copy) => (copy.sector > most ? copy.sector : most), 0n);
  const end = ((last + sectorsOfCopy) * 17n) / 16n;
  const at = (sector: bigint) => (Number(sector) / Number(end)) * 100;
  const others = view.structures
    .filter((each) => each !== structure)
    .flatMap((each) => each.copies.map((copy) => ({ ...copy, format: each.format })));
  const isMetadataArea = structure.format === "DMRM";
  const areaEnd = isMetadataArea ? firstRemapSector : last + sectorsOfCopy;
  const summary = `The copies to scale: ${structure.copies.map((copy) => `copy ${copy.index} at sector ${copy.sector} ${copy.verdict}`).join(", ")}. The table below lists the same.`;
  return (
    <figure className="remap-drawing" aria-label="Copies on the device">
      <div className="remap-labels" aria-hidden>
        {structure.copies.map((copy) => (
          <button
            key={copy.index}
            type="button"
            tabIndex={-1}
            className={`copy-${copy.state}`}
            style={{ left: `${at(copy.sector)}%` }}
            onClick={() => places.choose(copy.range)}
            onDoubleClick={() => places.open(copy.range)}
          >
            <b>copy {copy.index}</b>
            <span className="remap-label-sector">{formatCount(copy.sector)}</span>
          </button>
        ))}
      </div>
      <div className="remap-bar" role="img" aria-label={summary}>
        {structure.copies.map((copy) => (
          <span
            key={copy.index}
            className={`remap-copy copy-${copy.state}${isInside(places.selected, copy) ? " is-selected" : ""}`}
            style={{ left: `${at(copy.sector)}%`, width: `max(12px, ${at(sectorsOfCopy)}%)` }}
            title={`copy ${copy.index} · sector ${formatCount(copy.sector)} · ${copy.verdict}${copy.fault ? `: ${copy.fault}` : ""}`}
            onClick={() => places.choose(copy.range)}
            onDoubleClick={() => places.open(copy.range)}
          />
        ))}
        {others
          .filter((copy) => copy.sector <= end)
          .map((copy) => (
            <span
              key={`${copy.format} ${copy.index}`}
              className={`remap-other copy-${copy.state}`}
              style={{ left: `${at(copy.sector)}%` }}
              title={`${copy.format} copy ${copy.index} · sector ${formatCount(copy.sector)} · ${copy.verdict}`}
              onClick={() => places.choose(copy.range)}
            />
          ))}
      </div>
      <div className="remap-scale" aria-hidden>
        <span className="remap-area" style={{ width: `${at(areaEnd)}%` }} />
        {isMetadataArea && <span className="remap-space" />}
      </div>
      <p className="remap-scale-text">
        <span>
          {isMetadataArea ? "declared metadata area" : "metadata"}, sectors 0–{formatCount(areaEnd - 1n)} ({formatBytes(areaEnd * 512n)})
        </span>
        {isMetadataArea ? (
          <span className="remap-space-text">remap space from {formatCount(firstRemapSector)}</span>
        ) : (
          <span>the device has {formatCount(view.sectors)}</span>
        )}
      </p>
      <ul className="remap-legend">
        {structure.copies.map((copy) => (
          <li key={copy.index}>
            <Glyph state={copyGlyphs[copy.state]} /> copy {copy.index}: {copy.verdict}
          </li>
        ))}
      </ul>
    </figure>
  );
}

const isInside = (selected: Places["selected"], { range }: RemapCopyView): boolean =>
  selected !== undefined && selected.start >= range.start && selected.end <= range.end;
