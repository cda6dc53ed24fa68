import "./raid.css";
import { useCallback } from "react";
import type { RaidView, RegionView, VolumeApi } from "../../../engine/contract/index.ts";
import { useAsked } from "../../store/region.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { Drawing } from "../../ui/drawing.tsx";
import { formatBytes, formatCount, formatNoun } from "../../ui/format.ts";
import { Glyph, type GlyphState } from "../../ui/glyphs.tsx";
import { Rebuilds } from "./Rebuilds.tsx";
import { StripeGrid } from "./StripeGrid.tsx";

/** Shards in stripe order with their states, how stripes and parity lie on them, and rebuilds. */
export function RaidDrawing({ volume, view }: { volume: OpenVolume; view: RegionView }) {
  const question = useCallback((api: VolumeApi) => api.raid(view.slot), [view.slot]);
  const { answer, failure } = useAsked(volume, view.state === "decoded" ? question : undefined);
  if (failure) return <p className="empty">{failure.what}</p>;
  if (!answer) return null;
  const follow = (range: { start: bigint; end: bigint } | undefined) => range && select({ volumeId: volume.id, range });
  return (
    <Drawing className="raid">
      <Headline raid={answer} />
      {answer.disagreements.length > 0 && (
        <section className="disagreements" aria-label="Strategy and descriptors disagree">
          <h3>
            <Glyph state="warning" /> Strategy, shards and descriptors disagree
          </h3>
          <ul>
            {answer.disagreements.slice(0, mostTold).map(({ text, range }) => (
              <li key={text}>
                {range ? (
                  <button type="button" className="link" onClick={() => follow(range)}>
                    {text}
                  </button>
                ) : (
                  text
                )}
              </li>
            ))}
          </ul>
          {answer.disagreements.length > mostTold && (
            <p className="note">
              first {mostTold} of {formatCount(answer.disagreements.length)}
            </p>
          )}
        </section>
      )}
      <StripeGrid volume={volume} raid={answer} />
      <Rebuilds volume={volume} raid={answer} />
    </Drawing>
  );
}

const mostTold = 8;

function Headline({ raid }: { raid: RaidView }) {
  const { strategy, dataShards, parityShards, stripeBlocks, blockBytes, shards, stripes, capacityBlocks } = raid;
  const unit = stripeBlocks > 0 ? `, ${formatBytes(BigInt(stripeBlocks) * BigInt(blockBytes))}` : "";
  const chip = chipOf(raid);
  return (
    <header>
      <b className="strategy">{strategy}</b>
      <span>
        {dataShards} data + {parityShards} parity
      </span>
      <span>
        StripeSize {formatNoun(stripeBlocks, "block")}
        {unit}
      </span>
      <span>{shards.length} of 64 slots</span>
      {stripes !== undefined && capacityBlocks !== undefined && (
        <span title={`${formatNoun(capacityBlocks, "data block")}, by the shortest shard`}>
          {formatNoun(stripes, "stripe")}, {formatBytes(capacityBlocks * BigInt(blockBytes))} of data
        </span>
      )}
      <span className="stretch" />
      <span className={`chip chip-${chip.state}`}>
        <Glyph state={chip.state} /> {chip.text}
      </span>
    </header>
  );
}

function chipOf({ redundancy: { state, gone, survives } }: RaidView): { state: GlyphState; text: string } {
  const more = survives === 1 ? "1 loss" : `${survives} losses`;
  switch (state) {
    case "whole":
      return { state: "ok", text: `Whole: survives ${more}` };
    case "degraded":
      return { state: "warning", text: survives === 0 ? "Degraded: survives no further loss" : `Degraded: survives ${survives} more` };
    case "lost":
      return { state: "error", text: `${formatNoun(gone, "shard")} gone: stripes cannot be read` };
    case "none":
      return { state: "info", text: "No redundancy" };
    case "unknown":
      return { state: "warning", text: "Redundancy not known" };
  }
}
