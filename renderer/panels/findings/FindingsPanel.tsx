import { Button } from "@blueprintjs/core";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Finding, Severity } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { findingId, selectFinding } from "../../store/findings.ts";
import { clearFindingsFilter, useFindingsFilter } from "../../store/findings-filter.ts";
import { askForRepair, isRecovery } from "../../store/repair.ts";
import { selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { checkVolume, selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Facts } from "../../ui/facts.tsx";
import { isChord } from "../../ui/focus.ts";
import { formatBlocks, formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

const groups: readonly { severity: Severity; title: string }[] = [
  { severity: "error", title: "Errors" },
  { severity: "warning", title: "Warnings" },
  { severity: "info", title: "Notes" },
];
const mostListed = 500;

/** What is wrong, by severity, each with its evidence. */
export function FindingsPanel({ volume }: { volume: OpenVolume }) {
  const data = useVolumeData(selectVolumeData(volume.id));
  const { prefixes, name, text } = useFindingsFilter();
  const selected = useSelection(selectSelection(volume.id))?.object;
  const [chosen, setChosen] = useState<string>();
  const [limit, setLimit] = useState(mostListed);
  const list = useRef<HTMLDivElement>(null);
  const findings = data?.findings;
  const shown = useMemo(() => (findings ?? []).filter((finding) => matches(finding, prefixes, text)), [findings, prefixes, text]);
  if (!data) return null;
  const activeId = shown.some((finding) => findingId(finding) === selected) ? selected : chosen;
  const active = shown.find((finding) => findingId(finding) === activeId);
  const choose = (finding: Finding | undefined) => {
    if (!finding) return;
    setChosen(findingId(finding));
    selectFinding(volume.id, data.overview.blockBytes, finding);
    list.current?.querySelector(`[data-id="${CSS.escape(findingId(finding))}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const keys = (event: KeyboardEvent) => {
    if (isChord(event)) return;
    const index = active ? shown.indexOf(active) : -1;
    const target = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: shown.length - 1 }[event.key];
    if (target !== undefined) choose(shown[target]);
    else if (event.key === "Enter") showPanel("hex");
    else return;
    event.preventDefault();
  };
  return (
    <div className="findings">
      <div className="panel-bar">
        <input
          placeholder="Filter by rule, place, text"
          aria-label="Filter findings"
          value={text}
          onChange={(event) => useFindingsFilter.setState({ text: event.target.value })}
        />
        {name && <Button size="small" text={`${name} ×`} aria-label={`Stop filtering by ${name}`} onClick={clearFindingsFilter} />}
        <Button size="small" text="Check" onClick={() => void checkVolume(volume.id, volume.api)} />
      </div>
      {!data.checked && <p className="empty">Being checked…</p>}
      {data.checked && shown.length === 0 && (
        <p className="empty">{findings?.length ? "No finding matches the filter." : "No findings."}</p>
      )}
      {shown.length > 0 && (
        <div
          ref={list}
          className="finding-list"
          role="listbox"
          aria-label="Findings"
          tabIndex={0}
          aria-activedescendant={active && `finding-${activeId}`}
          onKeyDown={keys}
        >
          {groups.map(({ severity, title }) => {
            const rows = shown.filter((finding) => finding.severity === severity);
            if (rows.length === 0) return null;
            return (
              <div key={severity} role="group" aria-label={title}>
                <h3 aria-hidden>
                  {title} <span>{formatCount(rows.length)}</span>
                </h3>
                {rows.slice(0, limit).map((finding) => (
                  <FindingRow
                    key={findingId(finding)}
                    finding={finding}
                    selected={findingId(finding) === activeId}
                    onSelect={() => choose(finding)}
                    onOpen={() => showPanel("hex")}
                  />
                ))}
                {rows.length > limit && (
                  <p className="empty">
                    First {formatCount(limit)} of {formatCount(rows.length)} ·{" "}
                    <Button variant="minimal" size="small" text="Show more" onClick={() => setLimit(limit + mostListed)} />
                  </p>
                )}
              </div>
            );
          })}
        </div>
      )}
      {active && <Evidence finding={active} locked={data.overview.lockedReason} onOpen={() => showPanel("hex")} />}
      {data.lastCheck && (
        <p className="empty">
          {formatNoun(data.lastCheck.rules, "rule")}, {formatNoun(data.lastCheck.blocks, "block")} in the file
        </p>
      )}
    </div>
  );
}

function matches(finding: Finding, prefixes: readonly string[], text: string): boolean {
  if (prefixes.length > 0 && !prefixes.some((prefix) => finding.rule.startsWith(prefix))) return false;
  return (
    text === "" ||
    `${finding.rule} ${finding.title} ${finding.block ?? ""} ${finding.region ?? ""}`.toLowerCase().includes(text.toLowerCase())
  );
}

const placeOf = (finding: Finding): string =>
  finding.block === undefined ? "" : `block ${formatBlocks(finding.block, finding.blockCount ?? 1n)}`;

function FindingRow({
  finding,
  selected,
  onSelect,
  onOpen,
}: {
  finding: Finding;
  selected: boolean;
  onSelect: () => void;
  onOpen: () => void;
}) {
  const id = findingId(finding);
  return (
    <div
      id={`finding-${id}`}
      data-id={id}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      className="finding-row"
      onClick={onSelect}
      onDoubleClick={onOpen}
      onKeyDown={(event) => event.key === "Enter" && onOpen()}
    >
      <Glyph state={finding.severity} label />
      <span className="finding-title">{visible(finding.title)}</span>
      <span className="finding-place">{placeOf(finding)}</span>
      <span className="finding-rule">{finding.rule}</span>
      <span className="finding-repair">{finding.repair ? `repair: ${finding.repair.risk}` : ""}</span>
    </div>
  );
}

function Evidence({ finding, locked, onOpen }: { finding: Finding; locked: string | undefined; onOpen: () => void }) {
  return (
    <section className="evidence" aria-label="Evidence" tabIndex={0}>
      <h3>
        <Glyph state={finding.severity} /> {visible(finding.title)}
      </h3>
      <p>{visible(finding.explanation)}</p>
      <p className="evidence-actions">
        {finding.block !== undefined && <Button size="small" text="Open in hex" onClick={onOpen} />}
        {finding.repair && !isRecovery(finding.repair.id) && (
          <Button size="small" text="Repair…" disabled={locked !== undefined} onClick={() => askForRepair(finding.rule)} />
        )}
      </p>
      <Facts
        rows={[
          { label: "Rule", value: finding.rule, mono: true },
          { label: "Confidence", value: finding.confidence },
          { label: "Place", value: placeOf(finding) || "the whole volume" },
          { label: "Reference", value: finding.reference ?? "none" },
          ...Object.entries(finding.evidence).map(([label, value]) => ({
            label,
            value: visible(typeof value === "object" ? JSON.stringify(value) : String(value)),
            mono: true,
          })),
        ]}
      />
    </section>
  );
}
