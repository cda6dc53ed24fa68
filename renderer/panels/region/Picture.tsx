import type { ByteRange, RegionPicture } from "../../../engine/contract/index.ts";
import { formatCount, visible } from "../../ui/format.ts";
import { Bars } from "../../ui/pictures/bars.tsx";
import { Cells } from "../../ui/pictures/cells.tsx";
import { Links } from "../../ui/pictures/links.tsx";
import { Ranges } from "../../ui/pictures/ranges.tsx";
import { Series } from "../../ui/pictures/series.tsx";
import "../../ui/pictures/pictures.css";

/** The picture that explains a region, with its words under it. */
export function Picture({ picture, onSelect }: { picture: RegionPicture; onSelect: (range: ByteRange) => void }) {
  const more = "more" in picture && picture.more > 0 ? ` First ones only; ${formatCount(picture.more)} more are in the table.` : "";
  return (
    <section className="picture" aria-label={picture.title}>
      <h3>{picture.title}</h3>
      <Drawing picture={picture} onSelect={onSelect} />
      <p className="weak">
        {visible(picture.summary)}
        {more}
      </p>
    </section>
  );
}

function Drawing({ picture, onSelect }: { picture: RegionPicture; onSelect: (range: ByteRange) => void }) {
  const pick = (things: readonly { range?: ByteRange | undefined }[]) => (index: number) => {
    const range = things[index]?.range;
    if (range) onSelect(range);
  };
  const named = <Thing extends { label: string }>(things: readonly Thing[]) =>
    things.map((thing) => ({ ...thing, label: visible(thing.label) }));
  switch (picture.type) {
    case "bars":
      return <Bars bars={named(picture.bars)} onPick={pick(picture.bars)} />;
    case "ranges":
      return <Ranges {...picture} ranges={named(picture.ranges)} onPick={pick(picture.ranges)} />;
    case "cells":
      return (
        <Cells
          label={picture.title}
          columns={picture.columns}
          cells={named(picture.cells)}
          states={picture.states}
          onPick={pick(picture.cells)}
        />
      );
    case "series":
      return <Series series={picture.series} unit={picture.unit} summary={picture.summary} />;
    case "links":
      return <Links nodes={named(picture.nodes)} links={named(picture.links)} summary={picture.summary} onPick={pick(picture.links)} />;
  }
}
