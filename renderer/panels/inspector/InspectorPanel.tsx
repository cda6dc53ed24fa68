import { Button } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { Description } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { describeFailure } from "../../store/tasks.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Facts } from "../../ui/facts.tsx";
import { visible } from "../../ui/format.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";

/** Always the selection: what it is, its values, what holds and what not, why it matters, who refers to it. */
export function InspectorPanel({ volume }: { volume: OpenVolume }) {
  const range = useSelection(selectSelection(volume.id))?.range;
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const findings = useVolumeData((state) => selectVolumeData(volume.id)(state)?.findings);
  const layout = useVolumeData((state) => selectVolumeData(volume.id)(state)?.layout);
  const [shown, setShown] = useState<{ description?: Description; problem?: string }>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed source or new findings ask for the same range again
  useEffect(() => {
    let stale = false;
    if (!range) return setShown({});
    volume.api.describe(range).then(
      (description) => !stale && setShown({ description }),
      (error: unknown) => !stale && setShown({ problem: describeFailure(error).what }),
    );
    return () => {
      stale = true;
    };
  }, [volume, range, version, findings]);
  if (!range) return <p className="empty">Select a region, a block or a byte: what it is and what it means stands here.</p>;
  if (shown.problem) return <p className="empty">{shown.problem}</p>;
  const { description } = shown;
  if (!description) return <p className="empty">Reading…</p>;
  const region = layout?.stored.find((each) => each.name === description.title);
  const go = (place: { range: { start: bigint; end: bigint } }) => select({ volumeId: volume.id, range: place.range });
  return (
    <div className="inspector" tabIndex={0} role="group" aria-label="Inspector">
      <h2 className="inspector-title">
        <Swatch family={description.family} />
        {visible(description.title)}
        {description.state && <span className="state-tag">{description.state.replace("-", " ")}</span>}
      </h2>
      <Facts rows={description.facts.map((fact) => ({ ...fact, value: visible(fact.value) }))} />
      <h3>{region ? "Stored" : "Checked against"}</h3>
      {region ? (
        <ul className="witnesses">
          {region.witnesses.map((witness) => (
            <li key={witness.source}>
              <Glyph state={witness.agrees ? "ok" : "error"} label /> {witness.source}
              <span>{witness.tag ?? `${witness.startBlock ?? "–"} + ${witness.blockCount ?? "–"}`}</span>
            </li>
          ))}
        </ul>
      ) : description.checkedAgainst.length > 0 ? (
        <ul className="witnesses">
          {description.checkedAgainst.map((copy) => (
            <li key={copy.name}>
              <Glyph state={copy.agrees ? "ok" : "error"} label />{" "}
              <button type="button" className="link" disabled={!copy.range} onClick={() => copy.range && go({ range: copy.range })}>
                {copy.name}
              </button>
              <span>{visible(copy.value)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="empty">none</p>
      )}
      <h3>Findings</h3>
      {description.findings.length > 0 ? (
        <ul className="witnesses">
          {description.findings.slice(0, 12).map((finding) => (
            <li key={`${finding.rule}-${finding.block}-${finding.slot}`}>
              <Glyph state={finding.severity} label /> {visible(finding.title)}
            </li>
          ))}
        </ul>
      ) : (
        <p className="empty">none</p>
      )}
      <h3>What it means</h3>
      <p className={description.meaning ? undefined : "empty"}>{description.meaning ?? "none"}</p>
      <h3>Referenced from</h3>
      {description.referencedFrom.length > 0 ? (
        <ul className="witnesses">
          {description.referencedFrom.map((place) => (
            <li key={place.label}>
              <button type="button" className="link" onClick={() => go(place)}>
                {place.label}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <p className="empty">none</p>
      )}
      <div className="actions">
        <Button size="small" text="Open in hex" onClick={() => showPanel("hex")} />
        <Button size="small" text="Show on map" onClick={() => showPanel("map")} />
      </div>
    </div>
  );
}
