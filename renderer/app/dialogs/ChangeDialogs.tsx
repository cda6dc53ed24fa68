import { Button, DialogBody, DialogFooter, HTMLSelect } from "@blueprintjs/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { showPanel } from "../../store/dock.ts";
import { propose } from "../../store/plan.ts";
import { addToQueue } from "../../store/queue.ts";
import { activeVolume, type OpenVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { closeDialog } from "./dialog-state.ts";

const mostLabelBytes = 64;

/**
 * The first step of a change: its form, what is wrong with it in a sentence, and Plan. The second step is the Plan panel, the same for
 * every operation.
 */
function ChangeForm({
  operation,
  inputs,
  problem,
  children,
}: {
  operation: string;
  inputs: () => object;
  /** Why it cannot be planned as it stands. */
  problem: string | undefined;
  children: ReactNode;
}) {
  const volume = useSession(activeVolume);
  const [planning, setPlanning] = useState(false);
  const submit = async (act: typeof propose) => {
    if (!volume || problem !== undefined) return;
    setPlanning(true);
    const isDone = await act(volume, operation, inputs());
    setPlanning(false);
    if (!isDone) return;
    closeDialog();
    showPanel("plan");
  };
  const plan = (event: FormEvent) => {
    event.preventDefault();
    void submit(propose);
  };
  return (
    <form onSubmit={plan}>
      <DialogBody>
        {children}
        <p className="note" role="status">
          {problem ?? "Nothing is written: the change is planned and shown first."}
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Keep as it is" onClick={closeDialog} />
            <Button
              text="Add to queue"
              title="Plans it behind the changes that wait already"
              disabled={planning || problem !== undefined}
              onClick={() => void submit(addToQueue)}
            />
            <Button type="submit" intent="primary" text="Plan" loading={planning} disabled={problem !== undefined} />
          </>
        }
      />
    </form>
  );
}

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
    <ChangeForm operation="label" inputs={() => ({ label })} problem={problem}>
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
    <ChangeForm operation="config" inputs={() => ({ levels: { [module?.name ?? ""]: chosen } })} problem={problem}>
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

const risks = [
  { value: "safe", label: "safe: nothing can be lost" },
  { value: "advisory", label: "advisory: one right answer, worth a look" },
  { value: "dangerous", label: "dangerous: the plan names the worst loss" },
];

export function RepairDialog() {
  const findings = useOverview()?.findings;
  const [risk, setRisk] = useState("safe");
  const problem = findings && findings.error + findings.warning + findings.info === 0 ? "There is nothing to mend." : undefined;
  return (
    <ChangeForm operation="repair" inputs={() => ({ risk })} problem={problem}>
      <p>Mends what has one right answer, up to a risk. What is left stays among the findings.</p>
      <label className="setting">
        <span>Up to</span>
        <HTMLSelect autoFocus value={risk} options={risks} onChange={(event) => setRisk(event.target.value)} />
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
    <ChangeForm operation="resize" inputs={() => ({ blocks: text })} problem={problem}>
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
