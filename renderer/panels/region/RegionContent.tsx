import "./region.css";
import { Button, Tab, Tabs } from "@blueprintjs/core";
import { type ReactNode, useState } from "react";
import type { RegionView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatCount, formatNoun, visible } from "../../ui/format.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";
import { Picture } from "./Picture.tsx";
import { RegionTable } from "./RegionTable.tsx";

const stateWords: Readonly<Record<RegionView["state"], string>> = {
  absent: "Nothing was ever written here.",
  formatted: "Made, and never filled: the first block is sealed and empty.",
  undecodable: "What stands here is no content of this kind. The bytes are in the hex view, the reasons among the findings.",
  decoded: "",
  opaque: "No structure is known for this kind of region. The bytes are in the hex view.",
};

/** What Blueprint's tab names as its panel; the table stands outside the tabs, so that it can grow. */
const panelOfTab = (tabs: string, tab: string) => ({
  id: `bp6-tab-panel_${tabs}_${tab}`,
  role: "tabpanel",
  "aria-labelledby": `bp6-tab-title_${tabs}_${tab}`,
});

const rowPixels = 24;
const tableBarPixels = 96;

/** A region's facts, its pictures and its tables; `children` stand before the pictures, `detail` behind the tables. */
export function RegionContent({
  volume,
  view,
  children,
  detail,
}: {
  volume: OpenVolume;
  view: RegionView;
  children?: ReactNode;
  detail?: ReactNode;
}) {
  const [shown, setShown] = useState(view.tables[0]?.id);
  const table = view.tables.find((each) => each.id === shown) ?? view.tables[0];
  const worst = view.findings.error > 0 ? "error" : view.findings.warning > 0 ? "warning" : "ok";
  return (
    <div className="region-content">
      <header>
        <h2>
          <Swatch family={view.family} /> {visible(view.name)}
          <span className="state-tag">{view.kind}</span>
        </h2>
        <button type="button" className="link" onClick={() => showPanel("findings")}>
          <Glyph state={worst} label />{" "}
          {worst === "ok" ? "no findings" : `${formatNoun(view.findings.error, "error")}, ${formatNoun(view.findings.warning, "warning")}`}
        </button>
        <span className="stretch" />
        <Button
          size="small"
          text="Open in hex"
          onClick={() => {
            select({ volumeId: volume.id, range: view.range });
            showPanel("hex");
          }}
        />
      </header>
      {stateWords[view.state] && <p className="empty">{stateWords[view.state]}</p>}
      {view.sdkReads && (
        <p className="notice">
          <Glyph state="warning" /> The SDK's reader sees something else: {visible(view.sdkReads)}
        </p>
      )}
      {view.unreadBlocks > 0n && (
        <p className="notice">
          <Glyph state="info" /> The last {formatNoun(view.unreadBlocks, "block")} of the region were not looked at.
        </p>
      )}
      {view.facts.length > 0 && (
        <Facts
          rows={view.facts.map((fact) => ({
            ...fact,
            value: visible(fact.value),
            onOpen: fact.range && (() => fact.range && select({ volumeId: volume.id, range: fact.range })),
          }))}
        />
      )}
      {children}
      {view.pictures.map((picture) => (
        <Picture key={picture.title} picture={picture} onSelect={(range) => select({ volumeId: volume.id, range })} />
      ))}
      {view.tables.length > 1 && (
        <Tabs id={`tables-${view.slot}`} selectedTabId={table?.id} onChange={(id) => setShown(String(id))}>
          {view.tables.map((each) => (
            <Tab key={each.id} id={each.id} title={`${each.title} ${formatCount(each.rowCount)}`} />
          ))}
        </Tabs>
      )}
      {table && (
        <div
          className="region-table-place"
          {...(view.tables.length > 1 && panelOfTab(`tables-${view.slot}`, table.id))}
          style={detail ? { flex: `0 1 ${tableBarPixels + rowPixels * table.rowCount}px` } : undefined}
        >
          <RegionTable key={table.id} volume={volume} slot={view.slot} table={table} />
        </div>
      )}
      {view.tables.length === 0 && view.state === "decoded" && <p className="empty">There are no lists in this region.</p>}
      {detail}
    </div>
  );
}
