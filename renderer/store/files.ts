import { create } from "zustand";
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

/** What is to be exported: asked for in a panel, answered by the wizard of the shell. Counts up, so that the shell sees each. */
export const useExportRequest = create<{ path: string | undefined; asked: number }>()(() => ({ path: undefined, asked: 0 }));
export const forgetExport = () => useExportRequest.setState({ path: undefined });

/** Asks for the export of an inode. That no path leads to it is shown. */
export async function askForExport(volume: OpenVolume, inodeNumber: bigint): Promise<void> {
  const found = await runHostTask("Find the path", () => volume.api.pathOfInode(inodeNumber));
  if (found !== undefined) useExportRequest.setState(({ asked }) => ({ path: found, asked: asked + 1 }));
}
