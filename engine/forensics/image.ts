import { toJson } from "../base/json.ts";
import type { Annotation } from "../base/struct/index.ts";
import { type BlockDevice, readUpTo } from "../device/block-device.ts";
import { EngineError, isEngineError } from "../errors/engine-error.ts";
import type { Finding } from "../findings/finding.ts";
import { sectorBytes } from "../format/remap/index.ts";
import { checkRemap } from "../remap/check.ts";
import { openRemap, type RemapDevice } from "../remap/device.ts";
import { remapDocument } from "../remap/documents/document.ts";
import { annotateBlock, nameBlock } from "../volume/block-view.ts";
import { type OpenOptions, openVolume } from "../volume/open.ts";
import { blockUnread } from "../volume/opening-rules.ts";
import { rawView } from "../volume/raw-view.ts";
import type { BlockVerdict, Volume } from "../volume/volume.ts";
import { type CheckOptions, checkVolume, orderFindings } from "./check.ts";
import { type Document, describeBlock, type InspectOptions, inspectVolume } from "./inspect/inspect.ts";

/** An opened image or device: a volume, or dm-remap metadata and under it the device in sectors. */
export interface Image {
  readonly volume: Volume;
  readonly remap: RemapDevice | undefined;
}

export interface OpenImageOptions extends OpenOptions {
  /** Unix seconds that dm-remap times are judged against; the clock's unless told. */
  now?: bigint | undefined;
}

/** Opens what a device holds: a DWVD volume, else dm-remap metadata, else raw blocks. Never throws for damage. Closing is the caller's. */
export async function openImageDevice(device: BlockDevice, { now, ...options }: OpenImageOptions = {}): Promise<Image> {
  const volume = await openVolume(device, options);
  if (volume.kind === "dwvd") return { volume, remap: undefined };
  const remap = await openRemap(volume.device, { name: volume.name, now, signal: options.signal });
  return remap ? { volume: rawView(volume, sectorBytes, "dm-remap metadata"), remap } : { volume, remap: undefined };
}

/** Holds an image against all rules of what it is: severest first, then by place. Only reads. */
export async function checkImage({ volume, remap }: Image, options: CheckOptions = {}): Promise<Finding[]> {
  if (!remap) return checkVolume(volume, options);
  const { deep = false, signal, onProgress, rules } = options;
  onProgress?.({ phase: "dm-remap metadata", done: 0, total: 1, unit: "rules" });
  const found = checkRemap(remap);
  if (deep) {
    await volume.reader.walk(0n, volume.fileBlocks, () => {}, signal);
    for (const { block, reason } of volume.reader.unread) found.push(blockUnread({ block, reason }, { block }));
  }
  onProgress?.({ phase: "Done", done: 1, total: 1, unit: "rules" });
  return orderFindings(found, rules);
}

/** Bytes of an image that are hashed for its document; a larger one has no hash. */
const mostHashedBytes = 64n * 1_048_576n;

/** The `blockscope.inspect/1` document of an image. REGION_NOT_FOUND, BLOCK_OUT_OF_RANGE, INODE_NOT_FOUND. */
export async function inspectImage({ volume, remap }: Image, options: InspectOptions = {}): Promise<Document> {
  if (!remap) return inspectVolume(volume, options);
  const { region, inode, block, signal } = options;
  if (region !== undefined) {
    const available = remap.readings.map(({ format }) => format);
    throw new EngineError("REGION_NOT_FOUND", { region, available: `none, but structures: ${available.join(", ") || "none"}` });
  }
  if (inode !== undefined) throw new EngineError("INODE_NOT_FOUND", { inode });
  const findings = options.findings ?? (await checkImage({ volume, remap }, { signal }));
  return {
    schema: "blockscope.inspect/1",
    image: { path: volume.name, bytes: toJson(volume.sourceDevice.byteLength) },
    ...(volume.volumeOffset > 0n && { volumeOffset: toJson(volume.volumeOffset) }),
    ...remapDocument(remap, await readWhole(volume.device, signal)),
    ...(block !== undefined && { block: await describeBlock(volume, block, signal) }),
    findings: findings.map(toJson),
  };
}

async function readWhole(device: BlockDevice, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  if (device.byteLength > mostHashedBytes) return undefined;
  try {
    return await readUpTo(device, 0n, Number(device.byteLength), signal);
  } catch (error) {
    if (!isEngineError(error, "DEVICE_READ_FAILED")) throw error;
    return undefined;
  }
}

/** The meaning of every byte of a block, each exactly once; `start` and `end` are bytes of the volume. */
export async function annotateImageBlock({ volume, remap }: Image, block: bigint, content: Uint8Array): Promise<Annotation[]> {
  return remap ? remap.annotate(block * BigInt(volume.blockBytes), content) : annotateBlock(volume, block, content);
}

/** What a block is, for people. */
export function nameImageBlock({ volume, remap }: Image, verdict: BlockVerdict): string {
  if (!remap) return nameBlock(volume, verdict);
  const copy = remap.copyAt(verdict.block * BigInt(sectorBytes));
  if (!copy) return `Sector ${verdict.block}`;
  const offset = verdict.block - copy.sector;
  return `${copy.layout.format} copy ${copy.index}${offset > 0n ? ` + ${offset}` : ""}`;
}
