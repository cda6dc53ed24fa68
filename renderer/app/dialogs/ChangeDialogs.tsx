import { HTMLSelect } from "@blueprintjs/core";
import { useState } from "react";
import { activeVolume, type OpenVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { ChangeForm } from "./ChangeForm.tsx";

const mostLabelBytes = 64;

const useOverview = () => {
  const volume: OpenVolume | undefined = useSession(activeVolume);
  return useVolumeData((state) => selectVolumeData(volume?.id)(state)?.overview);
};

export function LabelDialog() {
  const stored = useOverview()?.identity.find(({ label }) => label === "Label")?.value ?? "";
  const [label, setLabel] = useState(stored === "none" ? "" : stored);
  const bytes = new TextEncoder().encode(label).length;
  const problem = bytes > mostLabelBytes ? `Label is ${bytes} bytes in UTF-8; ${mostLabelBytes} fit.` : undefined;
  return (
    <ChangeForm operation="label" heading="The label of the volume" inputs={() => ({ label })} problem={problem}>
      <label className="setting">
        <span>Label</span>
        <input autoFocus value={label} onChange={(event) => setLabel(event.target.value)} />
      </label>
      <p className="weak">
        {formatCount(bytes)} of {mostLabelBytes} bytes
      </p>
    </ChangeForm>
  );
}

export function LevelDialog() {
  const active = useOverview()?.modules.filter(({ state }) => state === "active") ?? [];
  const [name, setName] = useState(active[0]?.name ?? "");
  const module = active.find((each) => each.name === name) ?? active[0];
  const [level, setLevel] = useState<number>();
  const chosen = level ?? module?.level ?? 0;
  const problem = !module ? "No module is active in this volume." : chosen === module.level ? "That is its level already." : undefined;
  return (
    <ChangeForm
      operation="config"
      heading="A module and its level"
      inputs={() => ({ levels: { [module?.name ?? ""]: chosen } })}
      problem={problem}
    >
      <label className="setting">
        <span>Module</span>
        <HTMLSelect
          autoFocus
          value={module?.name ?? ""}
          options={active.map((each) => ({ value: each.name, label: `${each.name}, level ${each.level}` }))}
          onChange={(event) => {
            setName(event.target.value);
            setLevel(undefined);
          }}
        />
      </label>
      <label className="setting">
        <span>Level</span>
        <HTMLSelect
          value={chosen}
          options={Array.from({ length: 16 }, (_, index) => index)}
          onChange={(event) => setLevel(Number(event.target.value))}
        />
      </label>
    </ChangeForm>
  );
}

export function ResizeDialog() {
  const overview = useOverview();
  const [text, setText] = useState(`${overview?.totalBlocks ?? ""}`);
  const blocks = /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
  const problem =
    blocks === undefined
      ? "A number of blocks is needed."
      : blocks === overview?.totalBlocks
        ? "It has so many blocks already."
        : undefined;
  return (
    <ChangeForm operation="resize" heading="How many blocks" inputs={() => ({ blocks: text })} problem={problem}>
      <label className="setting">
        <span>Blocks</span>
        <input autoFocus inputMode="numeric" value={text} onChange={(event) => setText(event.target.value.trim())} />
      </label>
      <p className="weak">
        {overview &&
          blocks !== undefined &&
          `${formatBytes(blocks * BigInt(overview.blockBytes))}, now ${formatCount(overview.totalBlocks)} blocks`}
      </p>
    </ChangeForm>
  );
}
