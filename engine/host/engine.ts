/** What the hosts and the command line use of the engine. */
export { equalBytes, fromHex, hexNumber, toHex } from "../base/bytes.ts";
export { isGuidText } from "../base/guid.ts";
export { toJson } from "../base/json.ts";
export { formatSize, parseNumber, visibleText } from "../base/numbers.ts";
export { StoredText } from "../base/stored-text.ts";
export type { Struct } from "../base/struct/index.ts";
export { nsToTicks, parseTicks, ticksText, ticksToUnixMs, unixMsToTicks } from "../base/ticks.ts";
export { isWorkingBlockSize } from "../base/units.ts";
export type { BlockDevice } from "../device/block-device.ts";
export {
  encodeOverlay,
  type ImagePlace,
  OverlayFile,
  OverlayFileDevice,
  type OverlayIdentity,
  openFileDevice,
  openThroughOverlay,
  RemoteDevice,
  readUpTo,
  systemReason,
} from "../device/index.ts";
export type { ErrorCode, ErrorData } from "../errors/catalogue.ts";
export { EngineError, explain, isAbort, isEngineError } from "../errors/engine-error.ts";
export type { Finding } from "../findings/finding.ts";
export { allRules } from "../findings/registry.ts";
export { checkVolume } from "../forensics/check.ts";
export { annotateImageBlock, checkImage, type Image, inspectImage, nameImageBlock, openImageDevice } from "../forensics/image.ts";
export { inspectVolume } from "../forensics/inspect/inspect.ts";
export { judgeGeneralLog } from "../forensics/rules/general-log.ts";
export {
  countBits,
  findModule,
  firstUnstorableModule,
  hasModule,
  judgeTrailer,
  moduleLevel,
  moduleOfKind,
  modules,
  modulesOf,
  regionFlags,
  tagText,
  walHeader,
} from "../format/core/index.ts";
export { type RegionBlocks, type RegionPlace, type RegionReading, regionCodecs } from "../format/regions/index.ts";
export { everyRecord } from "../journal/find-records.ts";
export { findGeneralLog, isGeneralLogHeader, readGeneralLog } from "../journal/general-log.ts";
export { describeGeneralLog } from "../journal/general-log-document.ts";
export { LogStream } from "../journal/log-stream.ts";
export { type LogRecord, recordAt } from "../journal/metadata-log.ts";
export type { Recovery } from "../journal/recovery.ts";
export { addModule, requireModule } from "../operations/add-module.ts";
export { type CopyInputs, type CopyPlan, copyWithModule, planCopyWithModule } from "../operations/copy-with-module.ts";
export { applyCreateVolume, type CreateVolumeInputs, type CreateVolumePlan, planCreateVolume } from "../operations/create-volume.ts";
export {
  type Exported,
  type ExportFile,
  type ExportNote,
  type ExportOptions,
  type ExportTarget,
  exportFiles,
  type OutsideAttributes,
} from "../operations/export-files.ts";
export { hashOfRun } from "../operations/fresh-content.ts";
export { importFiles } from "../operations/import-files.ts";
export type { ImportEntry, ImportSource, StoredRun } from "../operations/import-source.ts";
export { type ComparedStrategy, compareStrategies, inodeRecordParts } from "../operations/modules/compare-strategies.ts";
export { readModuleFacts } from "../operations/modules/facts.ts";
export { type ListedModule, listModules, moduleRegions, preflight, type Strategy } from "../operations/modules/preflight.ts";
export {
  type Applied,
  type ApplyOptions,
  applyPlan,
  type BundleOptions,
  describePlan,
  type Operation,
  type OperationPlan,
  type PlanOptions,
  previewVolume,
  sha256Text,
} from "../operations/operation.ts";
export {
  assertSameImage,
  changesInImage,
  changesOf,
  describeChange,
  describeRecovery,
  identifyBase,
  imageAfter,
  type OverlayChange,
} from "../operations/overlay-changes.ts";
export { commitOverlay } from "../operations/overlay-commit.ts";
export {
  planQueue,
  type QueuedOperation,
  type QueuePlan,
  totalsOf,
  whyOrderMatters,
} from "../operations/queue.ts";
export { type Recovered, type RecoverOptions, recoverVolume } from "../operations/recover.ts";
export { repairFrom } from "../operations/repair/from-image.ts";
export { rulesWithRepairs } from "../operations/repair/not-repaired.ts";
export { type RepairInputs, repair } from "../operations/repair/repair.ts";
export { resize } from "../operations/resize.ts";
export { setConfig } from "../operations/set-config.ts";
export { setLabel } from "../operations/set-label.ts";
export { undoOperation } from "../operations/undo.ts";
export { type BundleDocument, encodeUndoBundle, readBundleDocument, readUndoBundle } from "../operations/undo-bundle.ts";
export type { RemapCopy, RemapFormat, StoredSum } from "../remap/copy.ts";
export type { RemapDevice, RemapReading } from "../remap/device.ts";
export { openRemap } from "../remap/device.ts";
export { remapDocument } from "../remap/documents/document.ts";
export { createFingerprint, matchWords } from "../remap/matching.ts";
export { remapNotation } from "../remap/notation.ts";
export { planReassembly } from "../remap/reassembly.ts";
export {
  type Candidate,
  type DeviceMatch,
  matchDevices,
  storedDevices,
  type Validation,
  validateRemap,
  validationLevels,
} from "../remap/validation.ts";
export { AllocationBitmap } from "../volume/bitmap.ts";
export { BitmapPyramid } from "../volume/bitmap-pyramid.ts";
export { annotateBlock, nameBlock, regionMeaning, structureOf } from "../volume/block-view.ts";
export { creationProfiles, findProfile } from "../volume/creation-profiles.ts";
export {
  type FileEntry,
  FileTree,
  inodeTypeName,
  isDirectory,
  isFile,
  namesOf,
  pathText,
  readDirectoryEntries,
} from "../volume/file-tree.ts";
export { type PlannedRegion, planLayout, smallestTotalBlocks } from "../volume/layout-plan.ts";
export { openVolume } from "../volume/open.ts";
export { readRecovery } from "../volume/recovery.ts";
export { loadRegionBlocks, regionFacts } from "../volume/region-readers/coded-region.ts";
export type { BlockVerdict, Volume, VolumeKeys, VolumeRegion } from "../volume/volume.ts";
export { readOnlyReason } from "../volume/volume-edit.ts";
