import "./remap.css";
import { HTMLSelect, SegmentedControl } from "@blueprintjs/core";
import { useState } from "react";
import type { ByteRange, RemapStructureView, RemapValidationView, RemapView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useRemap } from "../../store/remap.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { CopiesDrawing } from "./CopiesDrawing.tsx";
import { DeviceTable } from "./DeviceTable.tsx";
import { Reassembly } from "./Reassembly.tsx";
import { RemapTable } from "./RemapTable.tsx";
import { VerdictMatrix } from "./VerdictMatrix.tsx";

/** What a row of this panel does with its bytes. */
export interface Places {
  selected: ByteRange | undefined;
  choose: (range: ByteRange) => void;
  open: (range: ByteRange) => void;
}

/** The copies of dm-remap metadata on the device's scale, what each check says of them, the devices, and how the target is put together again. */
export function RemapPanel({ volume }: { volume: OpenVolume }) {
  const { answer: view, failure } = useRemap(volume);
  const kind = useVolumeData((state) => selectVolumeData(volume.id)(state)?.overview.kind);
  const selected = useSelection(selectSelection(volume.id))?.range;
  const [format, setFormat] = useState<string>();
  if (failure)
    return (
      <p className="empty" role="alert">
        {failure.what}. {failure.next}
      </p>
    );
  if (!view) return <p className="empty">{kind === "dm-remap" ? "Reading the copies…" : "This volume holds no dm-remap metadata."}</p>;
  const choose = (range: ByteRange) => select({ volumeId: volume.id, range });
  const open = (range: ByteRange) => {
    choose(range);
    showPanel("hex");
  };
  const places: Places = { selected, choose, open };
  const structure = view.structures.find((each) => each.format === format) ?? view.structures[0];
  return (
    <div className="remap" tabIndex={0} role="group" aria-label="dm-remap">
      <div className="remap-main">
        <header className="remap-head">
          <h2 className="remap-title">
            {structure
              ? `${structure.format} metadata, ${formatNoun(structure.copies.length, "copy", "copies")}`
              : "Nothing that can be decoded"}
          </h2>
          {structure && (
            <span className="remap-note">
              {formatCount(structure.structBytes)} bytes each · {structure.validCopies} of {structure.copies.length} valid
            </span>
          )}
          <span className="stretch" />
          {view.structures.length > 1 && (
            <HTMLSelect
              aria-label="Structure"
              value={structure?.format ?? ""}
              options={view.structures.map((each) => each.format)}
              onChange={(event) => setFormat(event.target.value)}
            />
          )}
        </header>
        {structure && <Structure key={structure.format} view={view} structure={structure} places={places} />}
        <Others view={view} places={places} />
      </div>
      <Reassembly reassembly={view.reassembly} />
    </div>
  );
}

type Part = "devices" | "remaps" | "target" | "checks";

function Structure({ view, structure, places }: { view: RemapView; structure: RemapStructureView; places: Places }) {
  const [part, setPart] = useState<Part>(structure.devices.length > 0 ? "devices" : "remaps");
  const spares = structure.devices.filter(({ role }) => role === "spare").length;
  return (
    <>
      <p className={`remap-choice${structure.chosen === undefined ? " is-none" : ""}`}>
        <Glyph state={structure.chosen === undefined ? "error" : "ok"} /> <span>{visible(structure.reason)}</span>
      </p>
      <CopiesDrawing view={view} structure={structure} places={places} />
      <VerdictMatrix structure={structure} places={places} />
      <SegmentedControl
        className="remap-parts"
        size="small"
        intent="primary"
        aria-label="What the chosen copy holds"
        value={part}
        onValueChange={(value) => setPart(value as Part)}
        options={[
          { label: spares > 0 ? `Devices, ${formatNoun(spares, "spare")}` : "Devices", value: "devices" },
          { label: structure.remaps ? `Remaps ${formatCount(structure.remaps.count)}` : "Remaps", value: "remaps" },
          { label: "Target, instructions", value: "target" },
          { label: "Validation", value: "checks" },
        ]}
      />
      {part === "devices" && <DeviceTable devices={structure.devices} places={places} />}
      {part === "remaps" && <RemapTable structure={structure} places={places} />}
      {part === "target" && <Target structure={structure} places={places} />}
      {part === "checks" && <Validation validations={view.validations} />}
    </>
  );
}

function Target({ structure, places }: { structure: RemapStructureView; places: Places }) {
  const rows = (facts: RemapStructureView["target"]) =>
    facts.map((fact) => ({ ...fact, value: visible(fact.value), onOpen: fact.range && (() => fact.range && places.choose(fact.range)) }));
  if (structure.target.length === 0 && structure.instructions.length === 0)
    return <p className="empty">The chosen copy stores neither a target nor instructions.</p>;
  return (
    <div className="remap-target">
      <section>
        <h3>Target</h3>
        <Facts rows={rows(structure.target)} />
      </section>
      {structure.instructions.length > 0 && (
        <section>
          <h3>Reassembly instructions</h3>
          <Facts rows={rows(structure.instructions)} />
        </section>
      )}
    </div>
  );
}

const checkStates = { ok: "ok", failed: "error", warning: "warning", "not-run": "not-run" } as const;

function Validation({ validations }: { validations: RemapValidationView[] }) {
  const [level, setLevel] = useState<RemapValidationView["level"]>("INTEGRITY");
  const shown = validations.find((each) => each.level === level);
  if (!shown) return <p className="empty">There is nothing to validate.</p>;
  return (
    <div className="remap-validation">
      <div className="remap-levels">
        <SegmentedControl
          size="small"
          intent="primary"
          aria-label="Validation level"
          value={level}
          onValueChange={(value) => setLevel(value as RemapValidationView["level"])}
          options={validations.map((each) => ({ label: `${each.level.charAt(0)}${each.level.slice(1).toLowerCase()}`, value: each.level }))}
        />
        <b role="status">
          <Glyph
            state={
              shown.result === "OK" ? "ok" : shown.result === "RECOVERABLE" || shown.result === "VERSION_MISMATCH" ? "warning" : "error"
            }
          />{" "}
          {shown.result} ({shown.code})
        </b>
      </div>
      <ul className="remap-checks">
        {shown.checks.map((check) => (
          <li key={`${check.name} ${check.text}`}>
            <Glyph state={checkStates[check.state]} label /> <b>{check.name}</b> <span>{visible(check.text)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What else stands where metadata may begin. */
function Others({ view, places }: { view: RemapView; places: Places }) {
  if (view.overlaps.length === 0 && view.others.length === 0) return null;
  return (
    <section className="remap-others" aria-label="Other structures">
      {view.overlaps.map(({ range, text }) => (
        <p key={`${range.start} ${text}`}>
          <Glyph state="warning" label />
          <span>
            <button type="button" className="link" onClick={() => places.choose(range)}>
              Sector {formatCount(range.start / 512n)}
            </button>{" "}
            is claimed by {text}. What stands there is the one that was written last.
          </span>
        </p>
      ))}
      {view.others.map(({ sector, name }) => (
        <p key={`${sector}`}>
          <Glyph state="warning" label />
          <span>
            <button type="button" className="link" onClick={() => places.choose({ start: sector * 512n, end: (sector + 1n) * 512n })}>
              Sector {formatCount(sector)}
            </button>{" "}
            holds {name}.
          </span>
        </p>
      ))}
    </section>
  );
}
