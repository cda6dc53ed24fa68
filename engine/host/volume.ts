import { RpcTarget } from "capnweb";
import {
  type Bookmark,
  type ByteRange,
  blockRequest,
  blocksRequest,
  bookmarkRequest,
  bytesRequest,
  type CheckSummary,
  type CopyRows,
  type CopyRowsRequest,
  type CopySet,
  copyRowsRequest,
  type EntryChange,
  type EntryChangeRequest,
  type ExportRequest,
  type ExportView,
  enableRequest,
  entryChangeRequest,
  exportRequest,
  expressionRequest,
  type Folder,
  type ImportSurvey,
  type InodeContent,
  type InodeView,
  type IntegrityReport,
  type IntegrityView,
  importPathsRequest,
  inodeAtRequest,
  inodeContentRequest,
  inodeNumberRequest,
  type JournalsView,
  type Lens,
  type LogRecordPage,
  type LogRecordsRequest,
  lensRequest,
  logRecordsRequest,
  type MapApi,
  type ModuleChoice,
  type ModuleHead,
  type ModulePreflight,
  type ModuleReport,
  type ModulesChecked,
  moduleAtRequest,
  moduleNameRequest,
  moduleRequest,
  type NewPlace,
  newPlaceRequest,
  type Place,
  type PlanRequest,
  pathRequest,
  planRequest,
  queueIdRequest,
  type RecoveredView,
  type RegionView,
  type RemapView,
  type RowsRequest,
  rangeRequest,
  recoverRequest,
  rowsRequest,
  type SearchRequest,
  type SearchResult,
  type SnapshotRowsRequest,
  type SnapshotsMeasured,
  type StrategyComparison,
  searchRequest,
  slotRequest,
  snapshotRowsRequest,
  type TablePage,
  type TaskApi,
  type UndoRow,
  type VolumeApi,
  type VolumeEvent,
} from "../contract/index.ts";
import { readInodeTable } from "../volume/inode-table.ts";
import { CopyHost, describePreflight, describeStrategies } from "./add-module.ts";
import { describeBlock, describeHeads, readBytes } from "./blocks.ts";
import { recoverPath } from "./changes.ts";
import type { ClientFiles } from "./client-files.ts";
import { checkModules, moduleAt, reportModule } from "./code-modules.ts";
import { describeCopyRows, describeCopySets } from "./copies.ts";
import { describeRange } from "./describe.ts";
import {
  allRules,
  EngineError,
  listModules,
  nameImageBlock,
  type RemapDevice,
  readModuleFacts,
  unixMsToTicks,
  type Volume,
} from "./engine.ts";
import { exportToFolder, listVolumeFolder, pathOfInode, surveyImport } from "./files.ts";
import { countFindings } from "./finding-counts.ts";
import { describeContent, inodeAt } from "./inodes.ts";
import { checkIntegrity, describeIntegrity } from "./integrity.ts";
import { describeEntryChange, describeJournals, describeLogRecords } from "./journal.ts";
import { describeLayout } from "./layout.ts";
import { locate } from "./locate.ts";
import { MapHost } from "./map.ts";
import type { OpenVolume } from "./open-volume.ts";
import { planOperation, planUndo, resolveInputs } from "./operations.ts";
import type { OverlaysHost } from "./overlays-host.ts";
import { describeOverview } from "./overview.ts";
import { PlanHost } from "./plan.ts";
import { QueueHost, readJson } from "./queue-host.ts";
import { describeRaid } from "./raid.ts";
import { describeRemap } from "./remap/view.ts";
import { describeReplication } from "./replication.ts";
import { parse } from "./requests.ts";
import { readPattern, searchDevice } from "./search.ts";
import { TaskHost } from "./task.ts";
import { describeTree } from "./tree.ts";
import { bundleOf, listUndo } from "./undo-list.ts";

const inodeLimitBytes = 64 * 1_048_576;

/** A client's handle on an open volume. Every input is parsed before anything looks at it: REQUEST_INVALID. */
export class VolumeHost extends RpcTarget implements VolumeApi {
  readonly #opened: OpenVolume;
  readonly #files: ClientFiles | undefined;
  readonly #close: () => Promise<void>;
  readonly #overlays: ((opened: OpenVolume) => OverlaysHost) | undefined;

  /** `files` says which files of this system a client may name; none unless told. */
  constructor(opened: OpenVolume, close: () => Promise<void>, files?: ClientFiles, overlays?: (opened: OpenVolume) => OverlaysHost) {
    super();
    this.#overlays = overlays;
    this.#opened = opened;
    this.#close = close;
    this.#files = files;
  }
  #requireFiles(path: string): ClientFiles {
    if (!this.#files) throw new EngineError("PATH_OUTSIDE_ROOT", { path });
    return this.#files;
  }

  async id() {
    return this.#opened.id;
  }
  async overview() {
    return describeOverview(this.#opened);
  }
  async layout() {
    return describeLayout(this.#opened);
  }
  async tree() {
    return describeTree(this.#opened);
  }
  async findings() {
    return [...this.#opened.findings];
  }
  async bytes(start: bigint, byteLength: number) {
    const asked = parse(bytesRequest, "bytes", { start, byteLength });
    return readBytes(this.#opened, asked.start, asked.byteLength);
  }
  async block(block: bigint) {
    return describeBlock(this.#opened, parse(blockRequest, "block", block));
  }
  async blocks(start: bigint, count: number) {
    const asked = parse(blocksRequest, "blocks", { start, count });
    return describeHeads(this.#opened, asked.start, asked.count);
  }
  async describe(range: ByteRange) {
    return describeRange(this.#opened, parse(rangeRequest, "describe", range));
  }

  async locate(expression: string): Promise<Place> {
    const text = parse(expressionRequest, "locate", expression);
    const { volume, remap } = this.#opened;
    const range = await locate(text, {
      blockBytes: volume.blockBytes,
      byteLength: volume.device.byteLength,
      findRegion: (name) =>
        findStructure(remap, name) ??
        volume.regions.find((region) => [region.kind, region.tag, region.name].some((each) => each.toLowerCase() === name.toLowerCase()))
          ?.startBlock,
      findInode: (inode) => findInode(volume, inode),
    });
    return { label: placeName(this.#opened, range.start), range };
  }

  async search(request: SearchRequest): Promise<TaskApi<SearchResult>> {
    const { start, end, limit, ...wanted } = parse(searchRequest, "search", request);
    const pattern = readPattern(wanted);
    const { volume } = this.#opened;
    const { device } = volume;
    const stop = end !== undefined && end < device.byteLength ? end : device.byteLength;
    const scope = { start: start < stop ? start : stop, end: stop, limit, where: (at: bigint) => placeName(this.#opened, at) };
    return new TaskHost((signal, report) => searchDevice(device, pattern, scope, signal, report));
  }

  async region(slot: number): Promise<RegionView> {
    return this.#opened.contents.view(parse(slotRequest, "region", slot));
  }
  async regionRows(request: RowsRequest): Promise<TablePage> {
    return this.#opened.contents.rows(parse(rowsRequest, "regionRows", request));
  }

  async snapshotTree(slot: number) {
    return this.#opened.snapshots.view(parse(slotRequest, "snapshotTree", slot));
  }
  async snapshotRows(request: SnapshotRowsRequest) {
    return this.#opened.snapshots.rows(parse(snapshotRowsRequest, "snapshotRows", request));
  }
  async measureSnapshots(slot: number): Promise<TaskApi<SnapshotsMeasured>> {
    const asked = parse(slotRequest, "measureSnapshots", slot);
    return new TaskHost((signal, report) => this.#opened.snapshots.measure(asked, signal, report));
  }
  async raid(slot: number) {
    return describeRaid(this.#opened, parse(slotRequest, "raid", slot));
  }
  async replication(slot: number) {
    return describeReplication(this.#opened, parse(slotRequest, "replication", slot));
  }
  async journals(): Promise<JournalsView> {
    return describeJournals(this.#opened);
  }
  async journalRecords(request: LogRecordsRequest): Promise<LogRecordPage> {
    return describeLogRecords(this.#opened, parse(logRecordsRequest, "journalRecords", request));
  }
  async journalChange(request: EntryChangeRequest): Promise<EntryChange> {
    return describeEntryChange(this.#opened, parse(entryChangeRequest, "journalChange", request));
  }
  async moduleAt(slot: number, at: bigint): Promise<ModuleHead | undefined> {
    const asked = parse(moduleAtRequest, "moduleAt", { slot, at });
    return moduleAt(this.#opened, asked.slot, asked.at);
  }
  async checkModules(slot: number): Promise<TaskApi<ModulesChecked>> {
    const asked = parse(slotRequest, "checkModules", slot);
    return new TaskHost((signal, report) => checkModules(this.#opened, asked, signal, report));
  }
  async inspectModule(slot: number, index: number): Promise<TaskApi<ModuleReport>> {
    const asked = parse(moduleRequest, "inspectModule", { slot, index });
    return new TaskHost((signal, report) => reportModule(this.#opened, asked.slot, asked.index, signal, report));
  }

  async integrity(slot: number): Promise<IntegrityView | undefined> {
    return describeIntegrity(this.#opened, parse(slotRequest, "integrity", slot));
  }
  async checkIntegrity(slot: number): Promise<TaskApi<IntegrityReport | undefined>> {
    const asked = parse(slotRequest, "checkIntegrity", slot);
    return new TaskHost((signal, report) => checkIntegrity(this.#opened, asked, signal, report));
  }

  async inodeAt(slot: number, at: bigint): Promise<InodeView | undefined> {
    const asked = parse(inodeAtRequest, "inodeAt", { slot, at });
    return inodeAt(this.#opened, asked.slot, asked.at);
  }
  async inodeContent(slot: number, index: number, start: bigint): Promise<InodeContent> {
    return describeContent(this.#opened, parse(inodeContentRequest, "inodeContent", { slot, index, start }));
  }
  async copySets(): Promise<CopySet[]> {
    return describeCopySets(this.#opened);
  }
  async copyRows(request: CopyRowsRequest): Promise<CopyRows> {
    return describeCopyRows(this.#opened, parse(copyRowsRequest, "copyRows", request));
  }

  async allocationMap(): Promise<MapApi> {
    return new MapHost(this.#opened);
  }

  async check(): Promise<TaskApi<CheckSummary>> {
    const opened = this.#opened;
    return new TaskHost(async (signal, report) => {
      const counts = countFindings(await opened.check(signal, report));
      return { ...counts, rules: allRules().length, blocks: opened.volume.dataRegion?.startBlock ?? opened.volume.fileBlocks };
    });
  }

  async remap(): Promise<RemapView | undefined> {
    const { remap } = this.#opened;
    return remap && describeRemap(remap);
  }

  async enableChanges(enabled: boolean): Promise<void> {
    this.#opened.enableChanges(parse(enableRequest, "enableChanges", enabled));
  }
  async moduleChoices(): Promise<ModuleChoice[]> {
    return listModules(await readModuleFacts(this.#opened.stored.volume));
  }
  async preflight(module: string): Promise<ModulePreflight> {
    return describePreflight(this.#opened.stored.volume, parse(moduleNameRequest, "preflight", module));
  }
  async strategyChoices(module: string): Promise<StrategyComparison> {
    return describeStrategies(this.#opened.stored.volume, parse(moduleNameRequest, "strategyChoices", module));
  }
  async planCopy(module: string, place: NewPlace): Promise<CopyHost> {
    const asked = parse(moduleNameRequest, "planCopy", module);
    const files = this.#requireFiles(asked);
    return CopyHost.plan(this.#opened, asked, await files.resolveNew(parse(newPlaceRequest, "planCopy", place)), files);
  }
  async files(path: string): Promise<Folder> {
    return listVolumeFolder(this.#opened, parse(pathRequest, "files", path));
  }
  async pathOfInode(inodeNumber: bigint): Promise<TaskApi<string>> {
    const asked = parse(inodeNumberRequest, "pathOfInode", inodeNumber);
    return new TaskHost((signal) => pathOfInode(this.#opened, asked, signal));
  }
  async surveyImport(paths: string[]): Promise<TaskApi<ImportSurvey>> {
    const asked = parse(importPathsRequest, "surveyImport", paths);
    const files = this.#requireFiles(asked[0] ?? "");
    return new TaskHost((signal) => surveyImport(this.#opened, asked, files, signal));
  }
  async surveyExport(request: ExportRequest): Promise<TaskApi<ExportView>> {
    return this.#export(parse(exportRequest, "surveyExport", request), true);
  }
  async exportFiles(request: ExportRequest): Promise<TaskApi<ExportView>> {
    return this.#export(parse(exportRequest, "exportFiles", request), false);
  }
  #export(asked: ExportRequest, isDry: boolean): TaskHost<ExportView> {
    const files = this.#requireFiles(asked.to);
    return new TaskHost((signal, onProgress) => exportToFolder(this.#opened, asked, files, { isDry, signal, onProgress }));
  }
  async plan(request: PlanRequest): Promise<PlanHost> {
    const { operation, inputs, clearSeal } = parse(planRequest, "plan", request);
    const opened = this.#opened;
    const resolved = await resolveInputs(operation, readJson(inputs), (path) => this.#requireFiles(path).resolve(path));
    return new PlanHost(
      opened,
      await planOperation(opened.stored.volume, operation, resolved, { now: unixMsToTicks(Date.now()), clearSeal }),
    );
  }
  async queue(): Promise<QueueHost> {
    return new QueueHost(this.#opened, (path) => this.#requireFiles(path).resolve(path));
  }
  async undoRows(): Promise<UndoRow[]> {
    return listUndo(this.#opened);
  }
  async planUndo(id: string): Promise<PlanHost> {
    const opened = this.#opened;
    const path = await bundleOf(opened, parse(queueIdRequest, "planUndo", id));
    const { plan, close } = await planUndo(opened.stored.volume, path, { now: unixMsToTicks(Date.now()) });
    return new PlanHost(opened, plan, { close });
  }
  async recover(decide?: "replay" | "discard"): Promise<TaskApi<RecoveredView>> {
    const asked = parse(recoverRequest, "recover", decide);
    const opened = this.#opened;
    const place = opened.requireWritable();
    return new TaskHost(() =>
      opened.whileWriting(async () => {
        const { done, bytesWritten } = await recoverPath(place, { decide: asked });
        opened.countWritten(bytesWritten);
        return { done };
      }),
    );
  }

  async show(lens: Lens): Promise<void> {
    await this.#opened.show(parse(lensRequest, "show", lens));
  }
  async addBookmark(bookmark: Bookmark): Promise<void> {
    await this.#opened.bookmarks.add(parse(bookmarkRequest, "addBookmark", bookmark));
    this.#opened.events.emit({ type: "bookmarks.changed" });
  }
  async removeBookmark(range: ByteRange): Promise<void> {
    await this.#opened.bookmarks.remove(parse(rangeRequest, "removeBookmark", range));
    this.#opened.events.emit({ type: "bookmarks.changed" });
  }

  async overlays(): Promise<OverlaysHost> {
    if (!this.#overlays) throw new EngineError("PATH_OUTSIDE_ROOT", { path: this.#opened.source.name });
    return this.#overlays(this.#opened);
  }

  async changes(): Promise<ReadableStream<VolumeEvent>> {
    return this.#opened.events.stream();
  }

  async close() {
    await this.#close();
  }
}

/** The sector of a structure's believed copy, or of its first. */
function findStructure(remap: RemapDevice | undefined, name: string): bigint | undefined {
  const reading = remap?.readings.find(({ format }) => format.toLowerCase() === name.toLowerCase());
  return reading?.copies[reading.choice.index ?? 0]?.sector;
}

function placeName({ volume, image }: OpenVolume, start: bigint): string {
  const size = BigInt(volume.blockBytes);
  const offset = start % size;
  const name = nameImageBlock(image, volume.judge(start / size, undefined));
  return `${image.remap ? "Sector" : "Block"} ${start / size} · ${name}${offset > 0n ? ` + 0x${offset.toString(16)}` : ""}`;
}

async function findInode(volume: Volume, inode: bigint): Promise<ByteRange | undefined> {
  const region = volume.findRegion("INOD");
  if (!region || region.startBlock < 0n || region.startBlock >= volume.fileBlocks) return undefined;
  const table = await readInodeTable(volume, region, inodeLimitBytes);
  const found = table.records.find(({ record }) => new DataView(record.buffer, record.byteOffset).getBigInt64(0, true) === inode);
  if (!found) return undefined;
  const start = found.block * BigInt(volume.blockBytes) + BigInt(found.offset);
  return { start, end: start + BigInt(found.record.length) };
}
