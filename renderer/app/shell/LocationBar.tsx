import { Button, Menu, MenuItem, PopoverNext } from "@blueprintjs/core";
import { ArrowLeft, ArrowRight, ArrowUp, MenuClosed, PanelStats } from "@blueprintjs/icons";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Description, Place } from "../../../engine/contract/index.ts";
import { goBack, goForward, select, selectSelection, selectTrail, useSelection } from "../../store/selection.ts";
import { type OpenVolume, selectEnclosing } from "../../store/session.ts";
import { describeFailure, runTask } from "../../store/tasks.ts";
import type { VolumeData } from "../../store/volume-data.ts";
import { rememberFocus } from "../../ui/focus.ts";
import { formatAddress, formatBlocks, formatBytes } from "../../ui/format.ts";
import { editPlace, useDialog } from "../dialogs/dialog-state.ts";

interface LocationBarProps {
  volume: OpenVolume;
  data: VolumeData;
  /** Opens or closes what a narrow window keeps in a drawer. */
  onDrawer: (name: "navigator" | "inspector") => void;
}

/** Back, forward, up; the trail of the selection, which is also the box to go to a place. */
export function LocationBar({ volume, data, onDrawer }: LocationBarProps) {
  const selection = useSelection(selectSelection(volume.id));
  const trail = useSelection(selectTrail(volume.id));
  const [description, setDescription] = useState<Description>();
  const editing = useDialog((state) => state.editsPlace);
  const range = selection?.range;
  const { version } = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version of the source may say something else of the same range
  useEffect(() => {
    let stale = false;
    if (!range) return setDescription(undefined);
    volume.api.describe(range).then(
      (next) => !stale && setDescription(next),
      () => !stale && setDescription(undefined),
    );
    return () => {
      stale = true;
    };
  }, [volume, range, version]);
  const places = description?.trail ?? [];
  return (
    <section className="location" data-pane="location" aria-label="Location">
      <Button
        variant="minimal"
        size="small"
        icon={<ArrowLeft size={14} />}
        aria-label="Back"
        disabled={trail.past.length === 0}
        onClick={() => goBack(volume.id)}
      />
      <Button
        variant="minimal"
        size="small"
        icon={<ArrowRight size={14} />}
        aria-label="Forward"
        disabled={trail.future.length === 0}
        onClick={() => goForward(volume.id)}
      />
      <Button
        variant="minimal"
        size="small"
        icon={<ArrowUp size={14} />}
        aria-label="Enclosing thing"
        disabled={places.length < 2}
        onClick={() => void selectEnclosing(volume)}
      />
      <div className="crumbs">
        {editing ? (
          <LocationEdit volume={volume} />
        ) : (
          <>
            <nav aria-label="Place">
              {places.map((place, index) => (
                <Fragment key={`${place.label}-${place.range.start}-${place.range.end}`}>
                  {index > 0 && <span aria-hidden>›</span>}
                  <PopoverNext
                    placement="bottom-start"
                    arrow={false}
                    disabled={index > 1}
                    content={<Siblings volume={volume} data={data} />}
                  >
                    <button
                      type="button"
                      className="crumb"
                      onClick={() => select({ volumeId: volume.id, range: place.range, path: place.path })}
                    >
                      {index === 0 ? data.overview.name : place.label}
                    </button>
                  </PopoverNext>
                </Fragment>
              ))}
            </nav>
            <button type="button" className="crumb-rest" title="Go to block, byte or expression" onClick={() => editPlace(true)}>
              <span>{range ? whereIs(range, data.overview) : "Nothing selected"}</span>
            </button>
          </>
        )}
        <kbd>Ctrl</kbd>
        <kbd>G</kbd>
      </div>
      <Button
        className="drawer-button"
        variant="minimal"
        size="small"
        icon={<MenuClosed size={14} />}
        aria-label="Navigator"
        onClick={() => onDrawer("navigator")}
      />
      <Button
        className="drawer-button inspector-button"
        variant="minimal"
        size="small"
        icon={<PanelStats size={14} />}
        aria-label="Inspector"
        onClick={() => onDrawer("inspector")}
      />
    </section>
  );
}

function whereIs({ start, end }: { start: bigint; end: bigint }, { blockBytes, blockNoun }: VolumeData["overview"]): string {
  const size = BigInt(blockBytes);
  const length = formatBytes(end - start);
  if (start % size === 0n && end % size === 0n)
    return `${blockNoun}${end - start === size ? "" : "s"} ${formatBlocks(start / size, (end - start) / size)} · ${length}`;
  return `${formatAddress(start)}–${formatAddress(end - 1n)} · ${length}`;
}

/** Regions of the volume, to go to one beside the present. */
function Siblings({ volume, data }: { volume: OpenVolume; data: VolumeData }) {
  const size = BigInt(data.overview.blockBytes);
  const regions = data.layout?.stored.filter((region) => region.startBlock >= 0n && region.blockCount > 0n) ?? [];
  return (
    <Menu size="small">
      {regions.map((region) => (
        <MenuItem
          key={region.slot}
          text={region.name}
          label={`${region.startBlock}`}
          onClick={() =>
            select({ volumeId: volume.id, range: { start: region.startBlock * size, end: (region.startBlock + region.blockCount) * size } })
          }
        />
      ))}
    </Menu>
  );
}

function LocationEdit({ volume }: { volume: OpenVolume }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<{ place?: Place; problem?: string }>({});
  // Focused before the next key arrives, so that what is typed right after Ctrl+G lands here. A click elsewhere ends it; a panel that
  // takes the focus while it loads does not.
  useLayoutEffect(() => {
    const box = input.current;
    const giveBack = rememberFocus();
    box?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !box?.form?.contains(event.target)) editPlace(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      giveBack(box?.form);
    };
  }, []);
  useEffect(() => {
    let stale = false;
    if (text.trim() === "") return setAnswer({});
    volume.api.locate(text).then(
      (place) => !stale && setAnswer({ place }),
      (error: unknown) => !stale && setAnswer({ problem: describeFailure(error).where ?? describeFailure(error).what }),
    );
    return () => {
      stale = true;
    };
  }, [volume, text]);
  // The answer shown may still be that of fewer letters; what is typed is asked for once more.
  const go = async () => {
    const place = await runTask("Go", () => volume.api.locate(text));
    if (!place) return;
    select({ volumeId: volume.id, range: place.range, path: place.path });
    editPlace(false);
  };
  return (
    <form
      className="crumb-edit"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <input
        ref={input}
        aria-label="Block, byte or expression"
        placeholder="1041 · b1041+0x20 · end-1 · MWAL · inode 212 · 0x34 * 2"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && editPlace(false)}
      />
      <output aria-live="polite">
        {answer.place ? `${answer.place.label} · ${formatAddress(answer.place.range.start)}` : (answer.problem ?? "")}
      </output>
    </form>
  );
}
