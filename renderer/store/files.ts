import type { ChooseWhat, ExportRequest, ExportView, ImportSurvey } from "../../engine/contract/index.ts";
import { type OpenVolume, requireSession } from "./session.ts";
import { runHostTask, runTask, type TaskWatch } from "./tasks.ts";

/** The host's own dialog. Empty when cancelled. */
export const chooseSources = async (what: ChooseWhat) => (await runTask("Choose", () => requireSession().choose(what))) ?? [];

/** A folder of the volume. */
export const listVolumeFolder = (volume: OpenVolume, path: string) => runTask("Read folder", () => volume.api.files(path));

/** What importing would take in. Undefined where it failed or was stopped. */
export const surveyImport = (volume: OpenVolume, paths: string[], watch: TaskWatch): Promise<ImportSurvey | undefined> =>
  runHostTask("Look at what is to be imported", () => volume.api.surveyImport(paths), watch);

/** What exporting would do; writes nothing. */
export const surveyExport = (volume: OpenVolume, request: ExportRequest, watch: TaskWatch): Promise<ExportView | undefined> =>
  runHostTask("Look at what is to be exported", () => volume.api.surveyExport(request), watch);

export const exportFiles = (volume: OpenVolume, request: ExportRequest, watch: TaskWatch): Promise<ExportView | undefined> =>
  runHostTask("Export", () => volume.api.exportFiles(request), watch);
