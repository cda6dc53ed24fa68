import { Button, HTMLSelect } from "@blueprintjs/core";
import { useState } from "react";
import type { NewVolumeLayout, NewVolumeRequest, VolumeChoices } from "../../../engine/contract/index.ts";
import { planNewVolume, useNewLayout, useVolumeChoices } from "../../store/new-file.ts";
import { useSession } from "../../store/session.ts";
import { formatBytes, formatCount, formatNoun, groupDigits } from "../../ui/format.ts";
import { RegionStrip } from "../../ui/region-strip.tsx";
import { ModulePicker } from "./ModulePicker.tsx";
import { NewFilePlanStep, NewFileResultStep, useNewFile } from "./NewFileSteps.tsx";
import { noPlace, PlaceField, placeOf } from "./PlaceField.tsx";
import { nothingWritten, WizardFrame } from "./WizardFrame.tsx";

const ownModules = "own";
const blockSizes = [512, 4096, 8192, 16_384, 32_768, 65_536];
const units = { blocks: 0n, KiB: 1024n, MiB: 1_048_576n, GiB: 1_073_741_824n } as const;
type Unit = keyof typeof units;
const mostLabelBytes = 64;
const titles = ["Profile or modules", "Size and place", "Plan", "Result"] as const;

/** Blocks of a size as it was typed; undefined where it is no number. Sizes in bytes are rounded up to whole blocks. */
export function blocksOf(text: string, unit: Unit, blockBytes: number): bigint | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  return unit === "blocks" ? BigInt(text) : (BigInt(text) * units[unit] + BigInt(blockBytes) - 1n) / BigInt(blockBytes);
}

/** Makes a new volume: of what, how large and where; every block; then the file, and opens it. */
export function NewVolumeWizard() {
  const choices = useVolumeChoices();
  const choosing = useSession((state) => state.host?.choosing);
  const [at, setAt] = useState(0);
  const [profile, setProfile] = useState("standard");
  const [modules, setModules] = useState<ReadonlySet<string>>(new Set());
  const [size, setSize] = useState<{ text: string; unit: Unit }>({ text: "64", unit: "MiB" });
  const [blockBytes, setBlockBytes] = useState(4096);
  const [label, setLabel] = useState("");
  const [place, setPlace] = useState(noPlace("new.dwvd"));
  const made = useNewFile();
  const { file, created, busy } = made;

  const blocks = blocksOf(size.text, size.unit, blockBytes);
  const request: NewVolumeRequest | undefined =
    blocks === undefined ? undefined : { ...(profile === ownModules ? { modules: [...modules] } : { profile }), blockBytes, blocks, label };
  const { layout, isCurrent } = useNewLayout(request);
  const chosenPlace = placeOf(place, choosing);
  const labelBytes = new TextEncoder().encode(label).length;
  const sizeProblem =
    blocks === undefined
      ? "The size needs a whole number."
      : labelBytes > mostLabelBytes
        ? `Label is ${labelBytes} bytes in UTF-8; ${mostLabelBytes} fit.`
        : !isCurrent
          ? "Laying it out…"
          : layout?.problem !== undefined
            ? groupDigits(layout.problem)
            : typeof chosenPlace === "string"
              ? chosenPlace
              : undefined;

  const plan = async () => {
    if (!request || typeof chosenPlace === "string") return;
    if (await made.plan(() => planNewVolume(request, chosenPlace))) setAt(2);
  };
  const named = choices?.profiles.find(({ name }) => name === profile);
  const found = [
    named ? titleOf(named.name) : formatNoun(modules.size, "module"),
    blocks === undefined ? undefined : `${formatCount(blocks)} × ${formatCount(blockBytes)} bytes`,
    file && `${formatCount(file.view.writtenBlocks)} blocks`,
  ];
  const frame = {
    steps: titles.map((title, index) => ({ title, found: found[index] })),
    at,
    onStep: at < 3 ? setAt : undefined,
    note: nothingWritten,
  };
  if (at === 0)
    return (
      <WizardFrame
        {...frame}
        heading="What it is made of"
        isReady={choices !== undefined}
        problem={choices ? undefined : "Reading the profiles…"}
        action={{ text: "Size and place", run: () => setAt(1) }}
        preview={<LayoutPreview layout={layout} />}
      >
        {choices && (
          <Profiles
            choices={choices}
            profile={profile}
            onProfile={(name) => {
              setProfile(name);
              setBlockBytes(choices.profiles.find((each) => each.name === name)?.blockBytes ?? 4096);
            }}
          />
        )}
        {choices && (
          <ModulePicker
            modules={choices.modules}
            ticked={named ? new Set(named.modules.map(({ id }) => choices.modules.find((each) => each.id === id)?.name ?? "")) : modules}
            levels={named?.modules}
            onChange={named ? undefined : setModules}
          />
        )}
      </WizardFrame>
    );
  if (at === 1)
    return (
      <WizardFrame
        {...frame}
        heading="How large, and where"
        problem={sizeProblem}
        action={{ text: "Preview the plan", run: () => void plan(), busy }}
        preview={<LayoutPreview layout={layout} />}
      >
        <div className="wizard-fields">
          <label htmlFor="new-size">Size</label>
          <div className="wizard-line">
            <input
              id="new-size"
              inputMode="numeric"
              value={size.text}
              onChange={(event) => setSize({ ...size, text: event.target.value.trim() })}
            />
            <HTMLSelect
              aria-label="Unit of the size"
              value={size.unit}
              onChange={(event) => setSize({ ...size, unit: event.target.value as Unit })}
            >
              {Object.keys(units).map((unit) => (
                <option key={unit}>{unit}</option>
              ))}
            </HTMLSelect>
            {blocks !== undefined && (
              <span className="weak">
                {formatNoun(blocks, "block")}, {formatBytes(blocks * BigInt(blockBytes))}
              </span>
            )}
            {isCurrent && layout?.problem !== undefined && layout.fewestBlocks > layout.totalBlocks && (
              <Button
                size="small"
                text={`Use ${formatCount(layout.fewestBlocks)} blocks`}
                onClick={() => setSize({ text: `${layout.fewestBlocks}`, unit: "blocks" })}
              />
            )}
          </div>
          <label htmlFor="new-block-size">Block size</label>
          <div className="wizard-line">
            <HTMLSelect id="new-block-size" value={blockBytes} onChange={(event) => setBlockBytes(Number(event.target.value))}>
              {blockSizes.map((bytes) => (
                <option key={bytes} value={bytes}>
                  {formatCount(bytes)} bytes
                </option>
              ))}
            </HTMLSelect>
          </div>
          <label htmlFor="new-label">Label</label>
          <div className="wizard-line">
            <input id="new-label" value={label} onChange={(event) => setLabel(event.target.value)} />
            <span className="weak">
              {formatCount(labelBytes)} of {mostLabelBytes} bytes
            </span>
          </div>
          <PlaceField chosen={place} onChange={setPlace} />
        </div>
      </WizardFrame>
    );
  if (!file) return null;
  if (!created)
    return (
      <NewFilePlanStep
        frame={frame}
        state={made}
        file={file}
        words={{ about: "what would be written, and nothing else", making: "Creating", stop: "Stop: the file is taken away again" }}
        onCreated={() => setAt(3)}
      />
    );
  return (
    <NewFileResultStep frame={frame} file={file} created={created} note="The volume was written, read back and held against every rule." />
  );
}

const titleOf = (name: string): string => name.replace(/^./, (first) => first.toUpperCase()).replaceAll("-", " ");

function Profiles({ choices, profile, onProfile }: { choices: VolumeChoices; profile: string; onProfile: (name: string) => void }) {
  const rows = [
    ...choices.profiles.map(({ name, modules, blockBytes }) => ({
      name,
      title: titleOf(name),
      text: `${modules.length === 0 ? "no modules" : formatNoun(modules.length, "module")}, blocks of ${formatCount(blockBytes)} bytes`,
    })),
    { name: ownModules, title: "Modules of your own", text: "each at level 1" },
  ];
  return (
    <fieldset className="wizard-profiles">
      <legend className="visually-hidden">Profile</legend>
      {rows.map(({ name, title, text }) => (
        <label key={name} className={name === profile ? "is-chosen" : undefined}>
          <input type="radio" name="profile" checked={name === profile} onChange={() => onProfile(name)} />
          <span>
            <b>{title}</b>
            <small>{text}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** The layout as it would be, with what of it is overhead. */
function LayoutPreview({ layout }: { layout: NewVolumeLayout | undefined }) {
  if (!layout || layout.regions.length === 0) return <p className="weak">There is no layout to show.</p>;
  const { metadataBlocks, dataBlocks, totalBlocks, blockBytes, inodeBytes, inodePaddingBytes } = layout;
  const percent = totalBlocks > 0n ? (Number(metadataBlocks) / Number(totalBlocks)) * 100 : 0;
  return (
    <>
      <h4>Layout as it would be · log scale</h4>
      <RegionStrip regions={layout.regions} label="Regions in order" />
      <p className="wizard-figures">
        <span>
          <b>{formatCount(metadataBlocks)}</b> metadata blocks ({formatBytes(metadataBlocks * BigInt(blockBytes))})
        </span>
        <span>
          <b>{formatCount(dataBlocks)}</b> data blocks ({formatBytes(dataBlocks * BigInt(blockBytes))})
        </span>
        {dataBlocks > 0n && (
          <span>
            <b>{percent.toFixed(percent < 10 || percent > 99 ? 1 : 0)} %</b> overhead
          </span>
        )}
        <span>
          inodes of <b>{inodeBytes}</b> bytes, {inodePaddingBytes} of them padding
        </span>
      </p>
      {layout.problem !== undefined && <p className="wizard-problem">{groupDigits(layout.problem)}</p>}
    </>
  );
}
