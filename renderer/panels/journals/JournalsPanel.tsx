import "./journals.css";
import { HTMLSelect, SegmentedControl } from "@blueprintjs/core";
import { useState } from "react";
import type { LogView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { useJournals } from "../../store/journal.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatNoun, visible } from "../../ui/format.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";
import { LogRecords } from "./LogRecords.tsx";
import { Transactions } from "./Transactions.tsx";

/** The logs of a volume: header, what stands at the end, transactions with what each would change, records. */
export function JournalsPanel({ volume }: { volume: OpenVolume }) {
  const { answer: view, failure } = useJournals(volume);
  const selection = useSelection(selectSelection(volume.id));
  const [chosen, setChosen] = useState<number>();
  if (failure)
    return (
      <p className="empty" role="alert">
        {failure.what}. {failure.next}
      </p>
    );
  if (!view) return <p className="empty">Reading the logs…</p>;
  const selected = selection && view.logs.find(({ range }) => selection.range.start >= range.start && selection.range.end <= range.end);
  const log = view.logs.find((each) => each.slot === chosen) ?? selected ?? view.logs[0];
  return (
    <div className="journals">
      <div className="panel-bar">
        {log && view.logs.length > 1 ? (
          <HTMLSelect
            aria-label="Log"
            value={log.slot}
            options={view.logs.map((each) => ({ value: each.slot, label: `${each.name} (${each.kind})` }))}
            onChange={(event) => setChosen(Number(event.target.value))}
          />
        ) : (
          <span>{log ? log.name : "No log"}</span>
        )}
        <span className="stretch" />
        {view.others.map((other) => (
          <button
            key={other.slot}
            type="button"
            className="link"
            onClick={() => {
              select({ volumeId: volume.id, range: other.range });
              showPanel("contents");
            }}
          >
            <Swatch family={other.family} /> {other.name}
          </button>
        ))}
      </div>
      {log ? <Log key={log.slot} volume={volume} log={log} /> : <p className="empty">This volume has no log.</p>}
    </div>
  );
}

function Log({ volume, log }: { volume: OpenVolume; log: LogView }) {
  const [shown, setShown] = useState<"transactions" | "records">("transactions");
  const { recovery } = log;
  return (
    <>
      {recovery && (
        <section className={`log-state state-${recovery.health}`} aria-label="State of the log">
          <h2>
            <Glyph state={recovery.health} label /> {visible(recovery.title)}
          </h2>
          <p>
            {visible(recovery.reason)} {recovery.action === "none" ? "" : visible(recovery.advice)}{" "}
            <button
              type="button"
              className="link"
              onClick={() => {
                select({ volumeId: volume.id, range: recovery.range });
                showPanel("hex");
              }}
            >
              Show the end of the log
            </button>
          </p>
        </section>
      )}
      <details className="log-header">
        <summary>
          <Glyph state={log.headerHealth} label /> Header · <span className="weak">{visible(headline(log))}</span>
        </summary>
        <Facts
          rows={log.header.map(({ label, value, mono, range }) => ({
            label,
            value: visible(value),
            mono,
            ...(range && { onOpen: () => select({ volumeId: volume.id, range }) }),
          }))}
        />
      </details>
      <div className="panel-bar">
        <SegmentedControl
          size="small"
          intent="primary"
          aria-label="What is listed"
          value={shown}
          onValueChange={(value) => setShown(value === "records" ? "records" : "transactions")}
          options={[
            { label: `Transactions ${log.transactions.length + log.moreTransactions}`, value: "transactions" },
            { label: `Records ${log.recordCount}`, value: "records" },
          ]}
        />
        <span className="stretch" />
        {log.unreadBytes > 0n && <span title={`${log.unreadBytes} bytes`}>{formatBytes(log.unreadBytes)} of the log not looked at</span>}
        {log.moreTransactions > 0 && <span>newest {formatNoun(log.transactions.length, "transaction")} listed</span>}
      </div>
      {log.recordCount === 0 ? (
        <p className="empty">Nothing was ever written into this log, or nothing of it can be read.</p>
      ) : shown === "transactions" ? (
        <Transactions volume={volume} log={log} />
      ) : (
        <LogRecords volume={volume} log={log} />
      )}
    </>
  );
}

/** The header in one line: where the sequence stands, and what is wrong with it. */
function headline({ header, recordCount }: LogView): string {
  const value = (label: string) => header.find((fact) => fact.label === label)?.value;
  const sequence = value("sequenceEnd");
  if (sequence === undefined) return header[0]?.value ?? "";
  return `sequence ${sequence} · ${value("totalEntries")} entries written · ${formatNoun(recordCount, "record")} left in the log · trailer ${value("trailer")}`;
}
