import { Command as Cmdk } from "cmdk";
import { useEffect, useState } from "react";
import type { Annotation, Place } from "../../../engine/contract/index.ts";
import { showPanel } from "../../store/dock.ts";
import { findingId, selectFinding } from "../../store/findings.ts";
import { select, useSelection } from "../../store/selection.ts";
import { activeVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatAddress, visible } from "../../ui/format.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";
import { commands, runCommand } from "../commands.ts";
import { closeDialog } from "./dialog-state.ts";

const mostFields = 60;

/** As cmdk keeps values: without spaces around. */
const placeValue = (text: string): string => `${text.trim()} place`;

const namesCommand = (text: string): boolean => commands.some((command) => command.name.toLowerCase() === text.trim().toLowerCase());

/** One box for commands, places, fields and findings; a command that cannot be done says why. */
export function Palette() {
  const volume = useSession(activeVolume);
  const data = useVolumeData(selectVolumeData(volume?.id));
  const selection = useSelection((state) => (volume ? state.byVolume[volume.id] : undefined));
  const [text, setText] = useState("");
  const [place, setPlace] = useState<Place>();
  const [chosen, setChosen] = useState("");
  const [fields, setFields] = useState<readonly Annotation[]>([]);
  const size = BigInt(data?.overview.blockBytes ?? 4096);
  const block = (selection?.range.start ?? 0n) / size;
  useEffect(() => {
    let stale = false;
    setPlace(undefined);
    if (volume && text.trim() !== "")
      volume.api.locate(text).then(
        (found) => {
          if (stale) return;
          setPlace(found);
          // What names a place exactly is meant before what only looks like it; a command of that very name before both.
          if (!namesCommand(text)) setChosen(placeValue(text));
        },
        () => {},
      );
    return () => {
      stale = true;
    };
  }, [volume, text]);
  useEffect(() => {
    let stale = false;
    volume?.api.block(block).then(
      (view) => !stale && setFields(view.fields.filter((field) => field.kind !== "reserved").slice(0, mostFields)),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [volume, block]);
  const act = (run: () => void) => () => {
    closeDialog();
    run();
  };
  const go = (range: { start: bigint; end: bigint }, path?: string) => {
    if (volume) select({ volumeId: volume.id, range, path });
    showPanel("hex");
  };
  return (
    <Cmdk label="Search commands, places, fields and findings" className="palette" value={chosen} onValueChange={setChosen}>
      <Cmdk.Input autoFocus placeholder="A command, a block, a region, a field, a finding" value={text} onValueChange={setText} />
      <Cmdk.List>
        <Cmdk.Empty>Nothing is called so.</Cmdk.Empty>
        {place && (
          <Cmdk.Item value={placeValue(text)} keywords={[text]} onSelect={act(() => go(place.range, place.path))}>
            Go to {place.label} <span>{formatAddress(place.range.start)}</span>
          </Cmdk.Item>
        )}
        <Cmdk.Group heading="Commands">
          {commands
            .filter((command) => command.id !== "go.palette")
            .map((command) => {
              const reason = command.disabled?.();
              return (
                <Cmdk.Item
                  key={command.id}
                  value={`${command.menu} ${command.name}`}
                  disabled={reason !== undefined}
                  onSelect={act(() => runCommand(command.id))}
                >
                  {command.menu} › {command.name} <span>{reason ?? command.keys ?? ""}</span>
                </Cmdk.Item>
              );
            })}
        </Cmdk.Group>
        {data?.layout && (
          <Cmdk.Group heading="Regions">
            {data.layout.stored
              .filter((region) => region.startBlock >= 0n && region.blockCount > 0n)
              .map((region) => (
                <Cmdk.Item
                  key={region.slot}
                  value={`${region.name} ${region.kind} ${region.slot}`}
                  onSelect={act(() => go({ start: region.startBlock * size, end: (region.startBlock + region.blockCount) * size }))}
                >
                  <Swatch family={region.family} /> {region.name} <span>{`${region.startBlock}`}</span>
                </Cmdk.Item>
              ))}
          </Cmdk.Group>
        )}
        {fields.length > 0 && (
          <Cmdk.Group heading={`Fields of block ${block}`}>
            {fields.map((field) => (
              <Cmdk.Item key={field.path} value={field.path} onSelect={act(() => go({ start: field.start, end: field.end }, field.path))}>
                {field.path} <span>{visible(field.text).slice(0, 48)}</span>
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        )}
        {volume && data && data.findings.length > 0 && (
          <Cmdk.Group heading="Findings">
            {data.findings.slice(0, mostFields).map((finding) => (
              <Cmdk.Item
                key={findingId(finding)}
                value={`${finding.title} ${finding.rule} ${finding.block ?? ""}`}
                onSelect={act(() => {
                  selectFinding(volume.id, data.overview.blockBytes, finding);
                  showPanel("findings");
                })}
              >
                <Glyph state={finding.severity} /> {visible(finding.title)} <span>{finding.rule}</span>
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        )}
      </Cmdk.List>
    </Cmdk>
  );
}
