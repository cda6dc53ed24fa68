import { Button } from "@blueprintjs/core";
import type { Overview } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useFindingsFilter } from "../../store/findings-filter.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { checkVolume, selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** What the volume is, how it is, and what to look at first. */
export function OverviewPanel({ volume }: { volume: OpenVolume }) {
  const data = useVolumeData(selectVolumeData(volume.id));
  if (!data) return null;
  const { overview } = data;
  const worst = overview.findings.error > 0 ? "error" : overview.findings.warning > 0 ? "warning" : "info";
  const facts = (rows: Overview["identity"]) =>
    rows.map((fact) => ({
      label: fact.label,
      value: visible(fact.value),
      title: fact.title,
      mono: fact.mono,
      onOpen: fact.range && (() => fact.range && select({ volumeId: volume.id, range: fact.range })),
    }));
  return (
    <div className="overview" tabIndex={0} role="group" aria-label="Overview">
      <p className={`headline headline-${worst}`}>
        <Glyph state={worst} />
        <span>{overview.headline}</span>
        <Button variant="minimal" size="small" text="Show findings" onClick={() => showPanel("findings")} />
      </p>
      <div className="overview-columns">
        <section>
          <h2>Identity</h2>
          <Facts rows={facts(overview.identity)} />
          <h2>Geometry</h2>
          <Facts rows={facts(overview.geometry)} />
        </section>
        <section>
          <h2>
            Health
            <Button variant="minimal" size="small" text="Check again" onClick={() => void checkVolume(volume.id, volume.api)} />
          </h2>
          <Health overview={overview} />
        </section>
      </div>
      {overview.space.length > 0 && <Space overview={overview} />}
      {overview.modules.length > 0 && <Modules overview={overview} />}
    </div>
  );
}

function Health({ overview }: { overview: Overview }) {
  if (overview.health.length === 0) return <p className="empty">There is nothing to check in this file.</p>;
  return (
    <ul className="health">
      {overview.health.map((check) => (
        <li key={check.id}>
          <button
            type="button"
            disabled={check.rules.length === 0}
            onClick={() => {
              useFindingsFilter.setState({ prefixes: check.rules, name: check.name });
              showPanel("findings");
            }}
          >
            <Glyph state={check.state} label />
            <b>{check.name}</b>
            <span>{check.text}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Space({ overview }: { overview: Overview }) {
  const total = Number(overview.totalBlocks) || 1;
  return (
    <section>
      <h2>Space</h2>
      <div className="space-bar" role="img" aria-label={overview.space.map((part) => `${part.label} ${part.blocks} blocks`).join(", ")}>
        {overview.space.map((part) => (
          <span key={part.kind} className={`space-${part.kind}`} style={{ width: `${(Number(part.blocks) / total) * 100}%` }} />
        ))}
      </div>
      <ul className="legend">
        {overview.space.map((part) => (
          <li key={part.kind} title={formatBytes(part.blocks * BigInt(overview.blockBytes))}>
            <span className={`swatch space-${part.kind}`} aria-hidden />
            {part.label} <b>{formatCount(part.blocks)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

const stateWords = { active: "active", inactive: "not active", "not-storable": "cannot be stored: the manifest on disk has 32 bits" };

function Modules({ overview }: { overview: Overview }) {
  return (
    <section>
      <h2>Modules</h2>
      <ul className="modules">
        {overview.modules.map((module) => (
          <li
            key={module.id}
            className={`module-${module.state}`}
            title={`${module.name} (bit ${module.id}): ${stateWords[module.state]}${module.state === "active" ? `, level ${module.level}` : ""}`}
          >
            <span>{module.abbreviation}</span>
            {module.level > 0 && <sup>{module.level}</sup>}
            <span className="visually-hidden"> {stateWords[module.state]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
