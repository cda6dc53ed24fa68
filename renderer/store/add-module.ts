import { useEffect, useState } from "react";
import type { ModuleChoice, ModulePreflight, NewPlace, StrategyComparison } from "../../engine/contract/index.ts";
import { planNewFile } from "./new-file.ts";
import type { OpenVolume } from "./session.ts";
import { runTask } from "./tasks.ts";
import { selectVolumeData, useVolumeData } from "./volume-data.ts";

/** What a call gives, asked anew for another key and once the volume has changed; undefined until it is there. */
function useAnswer<Answer>(volume: OpenVolume, name: string, key: string | undefined, call: () => Promise<Answer>): Answer | undefined {
  const version = useVolumeData((state) => selectVolumeData(volume.id)(state)?.version);
  const whole = key === undefined ? undefined : `${volume.id} ${version} ${key}`;
  const [held, setHeld] = useState<{ key: string | undefined; answer: Answer }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked is told by its key
  useEffect(() => {
    if (whole === undefined) return undefined;
    let stale = false;
    void runTask(name, call).then((answer) => !stale && answer !== undefined && setHeld({ key: whole, answer }));
    return () => {
      stale = true;
    };
  }, [whole]);
  return held !== undefined && held.key === whole ? held.answer : undefined;
}

export const useModuleChoices = (volume: OpenVolume): readonly ModuleChoice[] | undefined =>
  useAnswer(volume, "Read modules", "", () => volume.api.moduleChoices());
export const usePreflight = (volume: OpenVolume, module: string | undefined): ModulePreflight | undefined =>
  useAnswer(volume, "Check", module, () => volume.api.preflight(module ?? ""));
/** Each way is planned for it: asked for only where it is shown. */
export const useStrategies = (volume: OpenVolume, module: string | undefined): StrategyComparison | undefined =>
  useAnswer(volume, "Compare the ways", module, () => volume.api.strategyChoices(module ?? ""));

export const planCopy = (volume: OpenVolume, module: string, place: NewPlace) => planNewFile(() => volume.api.planCopy(module, place));
