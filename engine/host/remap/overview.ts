import type { Fact, HealthCheck, Overview } from "../../contract/index.ts";
import { sectorBytes } from "../../format/remap/index.ts";
import { allRules, formatSize, type RemapDevice, type RemapReading } from "../engine.ts";
import { countFindings, healthOf } from "../finding-counts.ts";
import type { OpenVolume } from "../open-volume.ts";
import { describeWriteState } from "../write-state.ts";
import { rangeOf, timeText, versionOf } from "./view.ts";

/** What is known of a dm-remap device at a glance. Reads nothing. */
export function describeRemapOverview(opened: OpenVolume, remap: RemapDevice): Overview {
  const { volume, source, findings } = opened;
  return {
    id: opened.id,
    name: source.name,
    folder: source.folder,
    kind: "dm-remap",
    blockNoun: "sector",
    byteLength: volume.device.byteLength,
    ...describeWriteState(opened),
    identity: identityFacts(remap),
    geometry: geometryFacts(remap),
    blockBytes: volume.blockBytes,
    totalBlocks: volume.totalBlocks,
    fileBlocks: volume.fileBlocks,
    dataStart: metadataEnd(remap),
    health: healthChecks(opened, remap),
    findings: countFindings(findings),
    headline: headline(remap),
    lens: "stored",
    lenses: ["stored"],
    modules: [],
    space: [],
  };
}

/** First sector behind everything that copies claim, rounded up so that the part before it can be drawn; the strip splits here. */
function metadataEnd(remap: RemapDevice): bigint | undefined {
  const step = 512n;
  const ends = remap.copies.map((copy) => copy.sector + BigInt(copy.layout.spaceBytes / sectorBytes));
  const last = ends.reduce((most, end) => (end > most ? end : most), 0n);
  return last === 0n ? undefined : ((last + step - 1n) / step) * step;
}

function headline(remap: RemapDevice): string {
  const { primary } = remap;
  if (!primary)
    return `Nothing that can be decoded: ${remap.sightings.map(({ name, sector }) => `${name} at sector ${sector}`).join("; ")}.`;
  return primary.choice.reason;
}

function identityFacts(remap: RemapDevice): Fact[] {
  const { primary } = remap;
  if (!primary) return [{ label: "Found", value: remap.sightings.map(({ name }) => name).join(", ") }];
  const chosen = primary.copies[primary.choice.index ?? -1];
  const found = versionOf(primary, primary.choice.index ?? -1);
  const valid = primary.copies.filter((copy) => copy.valid).length;
  return [
    { label: "Structure", value: remap.readings.map(({ format }) => format).join(", ") },
    { label: "Copies valid", value: `${valid} of ${primary.copies.length}` },
    {
      label: "Chosen copy",
      value: chosen ? `copy ${chosen.index}, sector ${chosen.sector}` : "none",
      title: primary.choice.reason,
      range: chosen && rangeOf(chosen),
    },
    ...(found
      ? [
          { label: primary.format === "DMR4-kernel" ? "Sequence" : "Version counter", value: `${found.version}` },
          { label: "Last written", value: timeText(found.timestamp), title: `${found.timestamp} s` },
        ]
      : []),
    ...deviceFacts(primary),
  ];
}

function deviceFacts(reading: RemapReading): Fact[] {
  if (reading.format !== "DMRM") return [];
  const copy = reading.copies[reading.choice.index ?? -1];
  if (!copy?.value) return [];
  const { main_device, spare_devices, target_config } = copy.value;
  return [
    { label: "Main device", value: main_device.device_path.text || "empty", mono: true, range: copy.rangeOf("main_device.device_path") },
    { label: "Spares", value: `${spare_devices.spare_count}`, range: copy.rangeOf("spare_devices.spare_count") },
    { label: "Target", value: target_config.target_params.text || "empty", mono: true, range: copy.rangeOf("target_config.target_params") },
  ];
}

function geometryFacts(remap: RemapDevice): Fact[] {
  const { byteLength } = remap.device;
  return [
    {
      label: "Sector size",
      value: `${sectorBytes} B`,
      title: "Places count sectors of 512 bytes, whatever the device's logical block size",
    },
    { label: "Sectors", value: `${byteLength / BigInt(sectorBytes)}` },
    { label: "Size", value: formatSize(byteLength), title: `${byteLength} bytes` },
  ];
}

/** What each check gathers, by the words of the rules' ids; the last takes what is left. */
const checks: readonly { id: string; name: string; of: RegExp; sound: string }[] = [
  {
    id: "copies",
    name: "Copies",
    of: /\.(no-valid-copy|cop(y|ies)-|record|magic|signature|blend|kernel-rejects)/,
    sound: "All valid and equal",
  },
  { id: "sums", name: "Checksums", of: /(-crcs?|\.checksum|\.not-sealed)$/, sound: "All hold" },
  {
    id: "versions",
    name: "Versions and times",
    of: /\.(version|time|sequence|operation|resolution|minimum|metadata-size|structure-size)/,
    sound: "In order",
  },
  {
    id: "devices",
    name: "Devices",
    of: /\.(spare|primary|unused|device|fingerprint|health|capacity|inner|path|target)/,
    sound: "As they should be",
  },
  { id: "remaps", name: "Remaps", of: /\.(remap|next|original|entry|max-remaps)/, sound: "None over metadata" },
  { id: "overlaps", name: "Other structures", of: /^remap\./, sound: "None in the way" },
  { id: "rest", name: "Reserved and other fields", of: /./, sound: "As written by upstream" },
];

function healthChecks({ findings, checked, checkProblem }: OpenVolume, remap: RemapDevice): HealthCheck[] {
  const subjects: Readonly<Record<string, string>> = { DMRM: "dmrm.", "DMR4-kernel": "dmr4k.", "DMR4-script": "dmr4s.", SETUP: "setup." };
  const prefixes = ["remap.", ...remap.readings.flatMap(({ format }) => subjects[format] ?? [])];
  const ids = allRules().flatMap(({ id }) => (prefixes.some((prefix) => id.startsWith(prefix)) ? [id] : []));
  const taken = new Set<string>();
  return checks.map(({ id, name, of, sound }) => {
    const rules = ids.filter((rule) => !taken.has(rule) && of.test(rule));
    for (const rule of rules) taken.add(rule);
    const own = findings.filter(({ rule }) => rules.includes(rule));
    if (own.length > 0)
      return { id, name, rules, state: healthOf(own), text: own.length === 1 ? (own[0]?.title ?? "") : `${own.length} findings` };
    if (checked === "running") return { id, name, rules, state: "running", text: "Checking" };
    if (checked === "not-run") return { id, name, rules, state: "not-run", text: checkProblem ?? "Not run" };
    return { id, name, rules, state: "ok", text: sound };
  });
}
