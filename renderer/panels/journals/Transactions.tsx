import { type KeyboardEvent, useRef, useState } from "react";
import type { LogView, TransactionState, TransactionView } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { formatAddress, formatCount, formatNoun } from "../../ui/format.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";
import { TransactionChanges } from "./TransactionChanges.tsx";

const states: Record<TransactionState, { word: string; glyph: GlyphState; title: string }> = {
  pending: { word: "pending", glyph: "error", title: "Committed, and not known to be applied" },
  "header-lost": { word: "header lost", glyph: "warning", title: "Complete; the log's header does not count it" },
  overrun: { word: "overrun", glyph: "error", title: "Larger than the log: it overwrote its own entries" },
  uncommitted: { word: "uncommitted", glyph: "warning", title: "Begun at the end of the log, without a commit" },
  applied: { word: "applied", glyph: "ok", title: "Committed and completed" },
  discarded: { word: "discarded", glyph: "not-run", title: "Left over: never completed, or overwritten in part" },
};

/** Transactions, newest last as in the log, and beside the chosen one what it changes. */
export function Transactions({ volume, log }: { volume: OpenVolume; log: LogView }) {
  const urgent = log.transactions.find((each) => each.state !== "applied" && each.state !== "discarded");
  const [chosenId, setChosenId] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const chosen = log.transactions.find((each) => each.id === chosenId) ?? urgent ?? log.transactions.at(-1);
  const choose = (transaction: TransactionView | undefined) => {
    if (!transaction) return;
    setChosenId(transaction.id);
    select({ volumeId: volume.id, range: transaction.range });
    list.current?.querySelector(`[data-id="${transaction.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const keys = (event: KeyboardEvent) => {
    const index = chosen ? log.transactions.indexOf(chosen) : -1;
    const target = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: log.transactions.length - 1 }[event.key];
    if (target !== undefined) choose(log.transactions[target]);
    else if (event.key === "Enter") showPanel("hex");
    else return;
    event.preventDefault();
  };
  return (
    <div className="transactions">
      <div
        ref={list}
        className="transaction-list"
        role="listbox"
        aria-label="Transactions"
        tabIndex={0}
        aria-activedescendant={chosen && `transaction-${chosen.id}`}
        onKeyDown={keys}
      >
        {log.transactions.map((transaction) => {
          const { word, glyph, title } = states[transaction.state];
          return (
            <div
              key={transaction.id}
              id={`transaction-${transaction.id}`}
              data-id={transaction.id}
              role="option"
              tabIndex={-1}
              aria-selected={transaction === chosen}
              className={`transaction-row transaction-${transaction.state}`}
              onClick={() => choose(transaction)}
              onDoubleClick={() => showPanel("hex")}
              onKeyDown={(event) => event.key === "Enter" && showPanel("hex")}
            >
              <Glyph state={glyph} label />
              <span className="transaction-sequence">
                {transaction.sequence === undefined ? "no sequence" : `№ ${formatCount(transaction.sequence)}`}
              </span>
              <span title={title}>{word}</span>
              <span className="weak">
                {formatNoun(transaction.entryCount, "entry").replace("entrys", "entries")} · {formatAddress(transaction.range.start)}
              </span>
              {transaction.note && <span className="weak">{transaction.note}</span>}
            </div>
          );
        })}
      </div>
      {chosen && <TransactionChanges key={chosen.id} volume={volume} slot={log.slot} transaction={chosen} />}
    </div>
  );
}
