import type { Fact, HealthCheck, ModuleRow, Overview, RecoveryView, SpacePart } from "../contract/index.ts";
import {
  type Finding,
  firstUnstorableModule,
  formatSize,
  hasModule,
  hexNumber,
  moduleLevel,
  modules,
  ticksText,
  type Volume,
} from "./engine.ts";
import { countFindings, healthOf } from "./finding-counts.ts";
import type { OpenVolume } from "./open-volume.ts";
import { pendingRecovery } from "./recovery.ts";
import { describeRemapOverview } from "./remap/overview.ts";
import { describeWriteState } from "./write-state.ts";

/** What is known of a volume at a glance. Reads no more than the targets of a pending transaction. */
export async function describeOverview(opened: OpenVolume): Promise<Overview> {
  const { volume, findings, source, remap, stored, lens, lenses } = opened;
  if (remap) return describeRemapOverview(opened, remap);
  const pending = await pendingRecovery(stored.volume);
  return {
    id: opened.id,
    name: source.name,
    folder: source.folder,
    kind: volume.kind,
    blockNoun: "block",
    byteLength: volume.device.byteLength,
    ...describeWriteState(opened),
    identity: identityFacts(volume),
    geometry: geometryFacts(volume),
    blockBytes: volume.blockBytes,
    totalBlocks: volume.totalBlocks,
    fileBlocks: volume.fileBlocks,
    dataStart: volume.dataRegion?.startBlock,
    health: healthChecks(opened, lens === "replay" ? pending : undefined),
    findings: countFindings(findings),
    headline: headline(opened),
    pending,
    lens,
    lenses,
    modules: moduleRows(volume),
    space: spaceParts(volume),
  };
}

function identityFacts(volume: Volume): Fact[] {
  const { superblock } = volume;
  if (!superblock) return [{ label: "Found", value: volume.found }];
  const block = BigInt(volume.group.superblock.block) * BigInt(volume.blockBytes);
  const range = { start: block, end: block + BigInt(volume.blockBytes) };
  return [
    { label: "Label", value: superblock.volumeLabel.text || "none", range },
    { label: "Volume id", value: superblock.volumeUuid, mono: true, range },
    {
      label: "Created",
      value: ticksText(superblock.createdTimestampUtc) ?? "no valid time",
      title: `${superblock.createdTimestampUtc} ticks`,
      range,
    },
    { label: "Sequence", value: `${superblock.checkpointSequence}`, range },
    {
      label: "Read from",
      value:
        volume.group.superblock.source === "primary"
          ? "primary, block 0"
          : `${volume.group.superblock.source}, block ${volume.group.superblock.block}`,
    },
  ];
}

function geometryFacts(volume: Volume): Fact[] {
  const bytes = volume.totalBlocks * BigInt(volume.blockBytes);
  return [
    { label: "Block size", value: `${volume.blockBytes} B` },
    { label: "Blocks", value: `${volume.totalBlocks}` },
    { label: "Size", value: formatSize(bytes), title: `${bytes} bytes` },
    { label: "File", value: formatSize(volume.sourceDevice.byteLength), title: `${volume.sourceDevice.byteLength} bytes` },
    ...(volume.volumeOffset > 0n
      ? [{ label: "Begins at", value: hexNumber(volume.volumeOffset), title: `byte ${volume.volumeOffset} of the file` }]
      : []),
    ...(volume.superblock ? [{ label: "Free blocks", value: `${volume.superblock.freeBlocks}` }] : []),
  ];
}

const checks: readonly { id: string; name: string; rules: string[]; sound: string }[] = [
  { id: "file", name: "File", rules: ["file.", "device.", "preamble.", "footer.", "volume."], sound: "Complete" },
  { id: "superblock", name: "Superblock group", rules: ["supb.", "claim.", "seal."], sound: "Primary and mirror agree" },
  { id: "tables", name: "Region tables", rules: ["rd.", "rpt.", "slot.", "layout."], sound: "Directory, table and mirror agree" },
  { id: "trailers", name: "Block trailers", rules: ["trailer.", "trlr.", "region."], sound: "All verify" },
  { id: "bitmap", name: "Allocation bitmap", rules: ["bmap.", "data."], sound: "Agrees with the superblock" },
  { id: "journals", name: "Journals", rules: ["mwal.", "wal.", "walh.", "rcvr.", "mchk.", "indr."], sound: "Nothing pending" },
  { id: "inodes", name: "Inodes", rules: ["inod."], sound: "All read" },
  { id: "modules", name: "Modules", rules: ["module."], sound: "Manifest and regions agree" },
];

/** `pending` is what stands in the stored log where the volume is shown without it. */
function healthChecks({ volume, findings, checked, checkProblem }: OpenVolume, pending: RecoveryView | undefined): HealthCheck[] {
  return checks.map(({ id, name, rules, sound }) => {
    const own = findings.filter((finding) => rules.some((prefix) => finding.rule.startsWith(prefix)));
    if (volume.kind === "unknown" && own.length === 0) return { id, name, rules, state: "not-run", text: "No DWVD volume to check" };
    if (pending && id === "journals") return { id, name, rules, state: pending.health, text: pending.title };
    if (own.length > 0)
      return { id, name, rules, state: healthOf(own), text: own.length === 1 ? (own[0]?.title ?? "") : `${own.length} findings` };
    if (checked === "running") return { id, name, rules, state: "running", text: "Checking" };
    if (checked === "not-run") return { id, name, rules, state: "not-run", text: checkProblem ?? "Not run" };
    return { id, name, rules, state: "ok", text: sound };
  });
}

/** What the panels show, in words that begin a sentence; nothing for what is stored. */
const lensWords = { stored: "", replay: "As after replay: ", queue: "As after the queue: " } as const;

function headline({ volume, findings, checked, lens }: OpenVolume): string {
  return `${lensWords[lens]}${knownFirst(volume, findings, checked)}`;
}

function knownFirst(volume: Volume, findings: readonly Finding[], checked: OpenVolume["checked"]): string {
  if (volume.kind === "unknown") return `No DWVD volume: ${volume.found}.`;
  const first: Finding | undefined =
    findings.find((finding) => finding.severity === "error") ?? findings.find((finding) => finding.severity === "warning");
  if (first) return first.title;
  if (checked === "done") return "No errors and no warnings.";
  return checked === "running" ? "Checking." : "Not checked yet.";
}

function moduleRows(volume: Volume): ModuleRow[] {
  const { superblock } = volume;
  return modules.map(({ id, name, abbreviation, regionNames, inodeBytes }) => ({
    id,
    name,
    abbreviation,
    state: id >= firstUnstorableModule ? "not-storable" : superblock && hasModule(superblock.moduleManifest, id) ? "active" : "inactive",
    level: superblock ? moduleLevel(superblock.moduleConfig, superblock.moduleConfigExt, id) : 0,
    regions: [...regionNames],
    inodeBytes,
  }));
}

function spaceParts(volume: Volume): SpacePart[] {
  if (!volume.superblock) return [{ kind: "unknown", label: "Not known", blocks: volume.totalBlocks }];
  const data = volume.dataRegion;
  const { freeBlocks } = volume.superblock;
  const free = freeBlocks < 0n ? 0n : freeBlocks > volume.totalBlocks ? volume.totalBlocks : freeBlocks;
  const metadata = data && data.startBlock > 0n && data.startBlock < volume.totalBlocks - free ? data.startBlock : 0n;
  return [
    { kind: "metadata", label: "Metadata", blocks: metadata },
    { kind: "data", label: "Data in use", blocks: volume.totalBlocks - free - metadata },
    { kind: "free", label: "Free", blocks: free },
  ];
}
