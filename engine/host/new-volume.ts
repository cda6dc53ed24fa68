import { basename, dirname } from "node:path";
import { RpcTarget } from "capnweb";
import {
  type CreatedFile,
  type DrawnRegion,
  type NewFileApi,
  type NewFileView,
  type NewVolumeLayout,
  type NewVolumeRequest,
  type PlanBlockRow,
  planRowsRequest,
  type TaskApi,
  type VolumeChoices,
} from "../contract/index.ts";
import type { ClientFiles } from "./client-files.ts";
import { quoted } from "./command-text.ts";
import { createAtPath, inputsOfRequest } from "./create-volume.ts";
import {
  type CreateVolumeInputs,
  type CreateVolumePlan,
  creationProfiles,
  explain,
  firstUnstorableModule,
  formatSize,
  hashOfRun,
  isEngineError,
  isWorkingBlockSize,
  modules,
  type PlannedRegion,
  planCreateVolume,
  planLayout,
  smallestTotalBlocks,
  unixMsToTicks,
} from "./engine.ts";
import { familyOf } from "./families.ts";
import { countFindings } from "./finding-counts.ts";
import { parse } from "./requests.ts";
import { TaskHost } from "./task.ts";

/** All profiles and all modules, those that cannot be stored with the reason. Core reference 1.6, 5.2. */
export const volumeChoices = (): VolumeChoices => ({
  profiles: creationProfiles.map(({ name, blockBytes, levels }) => ({
    name,
    blockBytes,
    modules: [...levels].map(([id, level]) => ({ id, level })),
  })),
  modules: modules.map(({ id, name, abbreviation, regionNames, inodeBytes }) => ({
    id,
    name,
    abbreviation,
    regions: [...regionNames],
    inodeBytes,
    ...(id >= firstUnstorableModule && { problem: explain("MODULE_NOT_STORABLE", { module: name, id }).what }),
  })),
});

export const drawnRegion = ({ name, kind, startBlock, blockCount }: Omit<PlannedRegion, "tag">): DrawnRegion => ({
  name,
  kind,
  family: familyOf(kind),
  startBlock,
  blockCount,
});

/** The layout of a new volume as far as there is one, and what stands against it. REQUEST_INVALID, MODULE_UNKNOWN. */
export function layoutOfNew(request: NewVolumeRequest): NewVolumeLayout {
  const inputs = inputsOfRequest(request, unixMsToTicks(Date.now()));
  const { manifest, blockBytes, totalBlocks } = inputs;
  const problem = problemOf(inputs, request.profile !== undefined);
  const byteLength = totalBlocks * BigInt(blockBytes);
  const figures = { ...(problem !== undefined && { problem }), blockBytes, totalBlocks, byteLength };
  if (!isWorkingBlockSize(blockBytes))
    return { ...figures, fewestBlocks: 0n, metadataBlocks: 0n, dataBlocks: 0n, inodeBytes: 0, inodePaddingBytes: 0, regions: [] };
  const { regions, metadataBlocks, dataBlocks, inodeBytes, inodePaddingBytes } = planLayout(inputs);
  const fewestBlocks = smallestTotalBlocks(manifest, blockBytes);
  return { ...figures, fewestBlocks, metadataBlocks, dataBlocks, inodeBytes, inodePaddingBytes, regions: regions.map(drawnRegion) };
}

function problemOf(inputs: CreateVolumeInputs, isProfile: boolean): string | undefined {
  try {
    planCreateVolume(inputs);
    return undefined;
  } catch (error) {
    if (!isEngineError(error)) throw error;
    if (error.code === "VOLUME_TOO_SMALL") {
      const needed = smallestTotalBlocks(inputs.manifest, inputs.blockBytes);
      return `${inputs.totalBlocks} blocks hold no data region with ${isProfile ? "this profile" : "these modules"}. ${needed} is the smallest that does.`;
    }
    if (error.code === "BLOCK_SIZE_UNSUPPORTED" && inputs.blockBytes < 4096) return "Block sizes below 4096 cannot hold the region tables.";
    const { what, next } = explain(error.code, error.data);
    return `${what}. ${next}`;
  }
}

/** A new volume that is planned: what was shown is what is made, with the same id and time. */
export class NewVolumeHost extends RpcTarget implements NewFileApi {
  readonly #path: string;
  readonly #request: NewVolumeRequest;
  readonly #plan: CreateVolumePlan;
  readonly #files: ClientFiles;

  /** What `planCreateVolume` throws. */
  constructor(path: string, request: NewVolumeRequest, files: ClientFiles) {
    super();
    this.#path = path;
    this.#request = request;
    this.#plan = planCreateVolume(inputsOfRequest(request, unixMsToTicks(Date.now())));
    this.#files = files;
  }

  async view(): Promise<NewFileView> {
    const { inputs, byteLength, regions, metadataBlocks, dataBlocks, blocks } = this.#plan;
    const writtenBlocks = blocks.reduce((sum, { blockCount }) => sum + blockCount, 0n);
    const name = basename(this.#path);
    return {
      name,
      folder: dirname(this.#path),
      sentences: [
        `Create ${name} with ${inputs.totalBlocks} blocks of ${inputs.blockBytes} bytes (${formatSize(byteLength)}).`,
        `Write ${writtenBlocks} blocks of metadata; the other blocks stay holes of the file.`,
        `Place ${regions.length} regions: ${metadataBlocks} blocks of metadata, ${dataBlocks} blocks of data.`,
        `${inputs.label === "" ? "Leave the label empty" : `Set the label to ${JSON.stringify(inputs.label)}`}, and set the id to ${inputs.uuid}.`,
      ],
      rowCount: blocks.length,
      byteLength,
      writtenBlocks,
      writtenBytes: writtenBlocks * BigInt(inputs.blockBytes),
      freeBlocks: dataBlocks,
      worstCase: "If this goes wrong in every way we know, you lose nothing: the file is new, and it is taken away again.",
      ifPowerFails: "Block 0 is written last, when all others are synced: what a power failure leaves before that is no volume.",
      undo: "Nothing that is there changes. To undo it, delete the file.",
      command: commandOf(name, this.#request),
    };
  }

  async blocks(start: number, count: number): Promise<PlanBlockRow[]> {
    const asked = parse(planRowsRequest, "blocks", { start, count });
    const { inputs, blocks, regions } = this.#plan;
    const size = BigInt(inputs.blockBytes);
    return Promise.all(
      blocks.slice(asked.start, asked.start + asked.count).map(async (run) => ({
        block: run.block,
        blockCount: run.blockCount,
        structure:
          regions.find((region) => run.block >= region.startBlock && run.block < region.startBlock + region.blockCount)?.name ?? "",
        reason: run.reason,
        after: (await hashOfRun(run, inputs.blockBytes)).slice(0, 8),
        range: { start: run.block * size, end: (run.block + run.blockCount) * size },
      })),
    );
  }

  async create(): Promise<TaskApi<CreatedFile>> {
    return new TaskHost(async (signal, report) => {
      const { blocksWritten, bytesWritten, findings } = await createAtPath(this.#path, this.#plan, { signal, onProgress: report });
      const opened = await this.#files.open(this.#path);
      return {
        id: opened.id,
        name: opened.source.name,
        summary: `Created ${opened.source.name}: ${blocksWritten} blocks written and verified.`,
        bytesWritten,
        freeBlocks: this.#plan.dataBlocks,
        findings: countFindings(findings),
      };
    });
  }
}

const commandOf = (name: string, { profile, modules: names = [], blockBytes, blocks, label = "" }: NewVolumeRequest): string => {
  const what =
    profile !== undefined ? `--profile ${quoted(profile)}` : names.length > 0 ? `--modules ${quoted(names.join(","))}` : "--manifest 0";
  return `blockscope create ${quoted(name)} ${what} --blocks ${blocks} --block-size ${blockBytes}${label && ` --label ${quoted(label)}`} --yes`;
};
