import { EngineError } from "../errors/engine-error.ts";
import { findModule, firstUnstorableModule, hasModule, moduleConfigs, moduleLevel, modules } from "../format/core/index.ts";
import { defineOperation, singleStep } from "./operation.ts";

/** Sets the level of modules, by name or abbreviation. MODULE_UNKNOWN, MODULE_NOT_STORABLE, MODULE_NOT_ACTIVE, MODULE_LEVEL_OUT_OF_RANGE. Core reference 5.3. */
export const setConfig = defineOperation("config", async (volume, { levels }: { levels: Readonly<Record<string, number>> }, options) => {
  const { moduleManifest = 0, moduleConfig = 0n, moduleConfigExt = 0n } = volume.superblock ?? {};
  const all = new Map<number, number>();
  for (let id = 0; id < firstUnstorableModule; id++) all.set(id, moduleLevel(moduleConfig, moduleConfigExt, id));
  const sentences: string[] = [];
  for (const [name, level] of Object.entries(levels)) {
    const module = findModule(name);
    if (!module) throw new EngineError("MODULE_UNKNOWN", { module: name });
    if (module.id >= firstUnstorableModule) throw new EngineError("MODULE_NOT_STORABLE", { module: module.name, id: module.id });
    if (!hasModule(moduleManifest, module.id)) throw new EngineError("MODULE_NOT_ACTIVE", { module: module.name });
    if (!Number.isInteger(level) || level < 0 || level > 15)
      throw new EngineError("MODULE_LEVEL_OUT_OF_RANGE", { module: module.name, level });
    sentences.push(`Set the level of ${modules[module.id]?.name} from ${all.get(module.id)} to ${level}.`);
    all.set(module.id, level);
  }
  const step = await singleStep(volume, "Set module levels", options, (edit) => {
    Object.assign(edit.superblock, moduleConfigs(all));
  });
  return {
    sentences,
    steps: [step],
    warnings: [],
    worstCase: `If this goes wrong in every way we know, you lose nothing: undo restores ${step.changes.images.length} blocks.`,
  };
});
