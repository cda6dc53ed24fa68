import { useRef, useState } from "react";
import type { ModuleChoice, ModulePreflight, StrategyChoice, StrategyComparison } from "../../../engine/contract/index.ts";
import { planCopy, useModuleChoices, usePreflight, useStrategies } from "../../store/add-module.ts";
import { propose } from "../../store/plan.ts";
import { activeVolume, type OpenVolume, useSession } from "../../store/session.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatBytes, formatCount, formatNoun, formatSpan, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { RecordBar } from "../../ui/record-bar.tsx";
import { RegionStrip } from "../../ui/region-strip.tsx";
import { ModuleChooser } from "./ModuleChooser.tsx";
import { NewFilePlanStep, NewFileResultStep, useNewFile } from "./NewFileSteps.tsx";
import { noPlace, PlaceField, placeOf } from "./PlaceField.tsx";
import { PlanResult, PlanStep } from "./PlanStep.tsx";
import { StrategyTable } from "./StrategyTable.tsx";
import { nothingWritten, WizardFrame } from "./WizardFrame.tsx";

const titles = ["Module", "Pre-flight", "Strategy", "Plan", "Result"] as const;

export function AddModuleWizard() {
  const volume = useSession(activeVolume);
  return volume ? <AddModuleSteps key={volume.id} volume={volume} /> : null;
}

/** Adds a module: which, what stands against it, the ways compared on this very volume, every block, the result. */
function AddModuleSteps({ volume }: { volume: OpenVolume }) {
  const choosing = useSession((state) => state.host?.choosing);
  const modules = useModuleChoices(volume);
  const [at, setAt] = useState(0);
  const [name, setName] = useState<string>();
  const [wanted, setWanted] = useState<string>();
  const [place, setPlace] = useState(noPlace(volume.name.replace(/(\.[^.]*)?$/, "-copy$1")));
  const copy = useNewFile();
  const { file, created, busy } = copy;
  // What was shown stays when the volume changes under the wizard by what it does itself.
  const isDeciding = at < 3;
  const preflight = usePreflight(volume, isDeciding ? name : undefined);
  const comparison = useStrategies(volume, isDeciding && at > 0 ? name : undefined);
  const shown = useRef<{ preflight: ModulePreflight | undefined; comparison: StrategyComparison | undefined }>({
    preflight: undefined,
    comparison: undefined,
  });
  if (isDeciding) shown.current = { preflight, comparison };

  const module = modules?.find((each) => each.name === name);
  const ways = shown.current.comparison?.ways;
  const way = ways?.find((each) => each.available && (wanted ? each.strategy === wanted : each.recommended));
  const chosenPlace = placeOf(place, choosing);
  const plan = async () => {
    if (!way || name === undefined) return;
    if (way.strategy === "copy") {
      if (typeof chosenPlace === "string" || !(await copy.plan(() => planCopy(volume, name, chosenPlace)))) return;
    } else {
      copy.drop();
      if (!(await copy.working(() => propose(volume, "module.add", { module: name, strategy: way.strategy })))) return;
    }
    setAt(3);
  };
  const frame = {
    steps: titles.map((title, index) => ({ title, found: foundAt(index, name, shown.current.preflight, ways, way) })),
    at,
    onStep: setAt,
    side: <Side module={module} preflight={shown.current.preflight} />,
  };
  if (at === 0)
    return (
      <WizardFrame
        {...frame}
        heading="Which module"
        isReady={modules !== undefined}
        problem={!modules ? "Reading the modules…" : module ? undefined : "Choose a module."}
        note="Nothing has been written. The next step checks what it needs."
        action={{ text: "Check", run: () => setAt(1) }}
      >
        {modules && (
          <ModuleChooser
            modules={modules}
            chosen={name}
            onChoose={(chosen) => {
              setName(chosen);
              setWanted(undefined);
            }}
          />
        )}
      </WizardFrame>
    );
  if (at === 1)
    return (
      <WizardFrame
        {...frame}
        heading="Pre-flight"
        about={preflight && summaryOf(preflight)}
        problem={
          !preflight || !comparison
            ? "Comparing the ways on this volume…"
            : comparison.ways.some(({ available }) => available)
              ? undefined
              : `No way is open for ${name}.`
        }
        note="Nothing has been written. The next step compares the ways."
        action={{ text: "Compare the ways", run: () => setAt(2) }}
      >
        {preflight?.groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h4>{group.title}</h4>
            <Checks checks={group.checks} />
          </section>
        ))}
      </WizardFrame>
    );
  if (at === 2)
    return (
      <WizardFrame
        {...frame}
        heading="Choose how to add it"
        isReady={comparison !== undefined}
        about={comparison && measuredText(comparison)}
        problem={
          !comparison
            ? "Comparing the ways on this volume…"
            : !way
              ? "Choose a way."
              : way.strategy === "copy" && typeof chosenPlace === "string"
                ? chosenPlace
                : undefined
        }
        note={nothingWritten}
        action={{ text: "Preview the plan", run: () => void plan(), busy }}
        preview={comparison && way && <Pictures comparison={comparison} way={way} moduleId={module?.id} />}
      >
        {comparison && <StrategyTable ways={comparison.ways} chosen={way?.strategy} onChoose={setWanted} />}
        {way?.strategy === "copy" && (
          <div className="wizard-fields strategy-place">
            <PlaceField chosen={place} onChange={setPlace} />
          </div>
        )}
      </WizardFrame>
    );
  if (at === 3 && !file) return <PlanStep volume={volume} frame={frame} onApplied={() => setAt(4)} />;
  if (at === 3 && file)
    return (
      <NewFilePlanStep
        frame={frame}
        state={copy}
        file={file}
        words={{ about: "this volume is only read", making: "Copying", stop: "Stop: the copy is taken away again" }}
        onCreated={() => setAt(4)}
      />
    );
  if (!file || !created) return <PlanResult volume={volume} frame={frame} />;
  return <NewFileResultStep frame={frame} file={file} created={created} note="The copy was read back and held against every rule." />;
}

function foundAt(
  index: number,
  name: string | undefined,
  preflight: ModulePreflight | undefined,
  ways: readonly StrategyChoice[] | undefined,
  way: StrategyChoice | undefined,
): string | undefined {
  if (index === 0) return name;
  if (index === 1) return preflight && summaryOf(preflight);
  if (index === 2) return way?.title ?? (ways && `${ways.filter(({ available }) => available).length} of ${ways.length} possible`);
  return undefined;
}

const summaryOf = ({ groups }: ModulePreflight): string => {
  const checks = groups.flatMap((group) => group.checks);
  return `${checks.filter(({ problem }) => problem === undefined).length} of ${checks.length} checks hold`;
};

function measuredText({ disk }: StrategyComparison): string {
  if (!disk) return "Computed for this volume. Times are left out: the undo folder could not be measured.";
  const { syncMs, bytesPerSecond } = disk;
  const rate = (bytes: number) => `${formatBytes(BigInt(Math.round(bytes)))}/s`;
  return `Computed for this volume. Times from ${formatSpan(syncMs.least, syncMs.most)} per sync and ${rate(bytesPerSecond.least)} to ${rate(bytesPerSecond.most)}, measured in the undo folder.`;
}

function Checks({ checks }: { checks: ModulePreflight["groups"][number]["checks"] }) {
  return (
    <ul className="checks">
      {checks.map(({ text, problem }) => (
        <li key={text}>
          <Glyph state={problem === undefined ? "ok" : "error"} label />
          <span>
            {text}
            {problem !== undefined && <small>No: {visible(problem)}.</small>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What the chosen module needs, beside every step. */
function Side({ module, preflight }: { module: ModuleChoice | undefined; preflight: ModulePreflight | undefined }) {
  if (!module || !preflight) return null;
  const { regions, inodeBytes, paddingBytes, freeSlots } = preflight.needs;
  return (
    <>
      <h3>What {module.name} needs</h3>
      <Facts
        rows={[
          ...regions.map(({ name, kind, blocks }) => ({ label: kind, value: formatNoun(blocks, "block"), title: name })),
          ...(regions.length === 0 ? [{ label: "Regions", value: "none" }] : []),
          { label: "Inode bytes", value: formatCount(inodeBytes) },
          { label: "Padding now", value: paddingBytes === undefined ? "not known" : formatCount(paddingBytes) },
          { label: "Slots free", value: formatCount(freeSlots) },
        ]}
      />
    </>
  );
}

/** Layout and inode record before and after, what is new hatched. */
function Pictures({ comparison, way, moduleId }: { comparison: StrategyComparison; way: StrategyChoice; moduleId: number | undefined }) {
  const record = way.inodeRecord ?? [];
  const isChanged = JSON.stringify(record) !== JSON.stringify(comparison.inodeRecord);
  const fields = record.filter(({ start, label }) => start > 0 && label !== "padding");
  const padding = record.find(({ label }) => label === "padding");
  return (
    <>
      <h4>
        Layout before and after · log scale <span className="planned-key">planned</span>
      </h4>
      <div className="strategy-layouts">
        <span>Before</span>
        <RegionStrip regions={comparison.regions} label="Regions before" />
        <span>After</span>
        <RegionStrip regions={way.regions ?? []} label="Regions after" />
      </div>
      {record.length > 0 && (
        <>
          <h4>Inode record, {formatCount(record.at(-1)?.end ?? 0)} bytes</h4>
          <RecordBar
            parts={record.map((part) => ({ ...part, isNew: part.moduleId !== undefined && part.moduleId === moduleId }))}
            label="Inode record as it would be; its parts are named below"
          />
          <p className="weak">
            {fields.length === 0 ? "No module fields" : fields.map(({ label, start }) => `${label} ${start}`).join(", ")}
            {padding ? `, padding ${padding.start}–${padding.end - 1}. ` : ", no padding. "}
            {!isChanged
              ? "It stays as it is."
              : way.inodesWritten === 0
                ? "No record is rewritten: zero is the initial value."
                : "Every record is written anew."}
          </p>
        </>
      )}
    </>
  );
}
