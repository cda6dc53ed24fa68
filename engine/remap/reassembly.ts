import { type DmrmMetadata, spacePadded } from "../format/remap/index.ts";
import type { DmrmReading, RemapDevice, RemapReading, ScriptReading, SetupReading } from "./device.ts";
import { confidenceOf } from "./documents/setup.ts";
import { plannedRewrites } from "./repair-rule.ts";
import { type DeviceMatch, storedDevices } from "./validation.ts";

/** One thing to do or to settle before the target can be put together again; `open` where it waits for the devices or the user. */
export interface ReassemblyStep {
  state: "ok" | "attention" | "open" | "impossible";
  title: string;
  text: string;
}
export interface Reassembly {
  steps: ReassemblyStep[];
  /** What `dmsetup create` is given; nothing loads it here. */
  table: { name: string | undefined; line: string } | undefined;
  /** What to settle before the table is used. */
  notes: string[];
}

/** Below this a candidate is offered, not taken. */
const leastConfidence = 75;
/** What a setup must reach to be put together unasked. dm-remap reference 7.3. */
const leastSetupConfidence = 70;

/** How a target would be put together again from what the device holds. Plans only. dm-remap reference 3.6, 4.7, 6, 7.4. */
export function planReassembly(remap: RemapDevice, matches?: readonly DeviceMatch[]): Reassembly {
  const reading = remap.primary;
  if (!reading || reading.choice.index === undefined)
    return {
      steps: [
        {
          state: "impossible",
          title: "Nothing can be put together",
          text: reading?.choice.reason ?? "No structure was found that is decoded.",
        },
      ],
      table: undefined,
      notes: [],
    };
  const truth: ReassemblyStep = {
    state: "ok",
    title: `Take ${nameOf(reading)} ${reading.choice.index} as the truth`,
    text: reasonAlone(reading.choice.reason),
  };
  if (reading.format === "DMRM") return fromDmrm(reading, truth, matches);
  if (reading.format === "DMR4-script") return fromScript(reading, truth);
  if (reading.format === "SETUP") return fromSetup(remap, reading, truth);
  const script = remap.find("DMR4-script");
  if (script?.choice.index !== undefined) {
    const { steps, table, notes } = fromScript(script, truth);
    return { steps, table, notes: ["The module stores no paths; these are the script's, which may be of another time.", ...notes] };
  }
  return {
    steps: [
      truth,
      { state: "impossible", title: "Name the devices", text: "The module stores no path, uuid or fingerprint of either device." },
    ],
    table: undefined,
    notes: [
      "Create the target by hand with the devices you know; the module then reads its remaps from the spare, from whatever pair they are.",
    ],
  };
}

/** The reason without the name of the copy, which the title has. */
const reasonAlone = (reason: string): string => reason.replace(/^\w+ \d+: /, "");

const nameOf = ({ format }: RemapReading): string => (format === "DMR4-script" ? "record" : "copy");

function fromDmrm(reading: DmrmReading, truth: ReassemblyStep, matches: readonly DeviceMatch[] | undefined): Reassembly {
  const value = reading.copies[reading.choice.index ?? -1]?.value;
  if (!value) return { steps: [truth], table: undefined, notes: [] };
  const { reassembly, target_config, spare_devices, legacy_remap_data } = value;
  const steps = [truth, ...deviceSteps(value, matches)];
  const checks = [
    reassembly.validate_main_device_size ? "the main device's size" : undefined,
    reassembly.validate_spare_device_sizes ? "the spares' sizes" : undefined,
    reassembly.validate_filesystem_signatures ? "file-system signatures" : undefined,
  ].filter((each) => each !== undefined);
  steps.push({
    state: "open",
    title: "Check before assembly",
    text: checks.length > 0 ? `${checks.join(", ")} must be as stored` : "nothing is asked for",
  });
  if (reassembly.requires_user_confirmation) steps.push({ state: "open", title: "Confirm", text: "requires_user_confirmation is 1" });
  if (reassembly.safe_mode_only)
    steps.push({ state: "attention", title: "Safe mode only", text: "safe_mode_only is 1: do not write to the target" });
  const missing = matches?.filter(({ role, confidence }) => role === "spare" && confidence < leastConfidence) ?? [];
  if (missing.length > 0)
    steps.push({
      state: "attention",
      title: `${missing.length === 1 ? "A spare is" : `${missing.length} spares are`} missing`,
      text: reassembly.allow_degraded_assembly
        ? "allow_degraded_assembly is 1: it may go without"
        : "allow_degraded_assembly is 0: it stops here unless allowed",
    });
  const rewrites = plannedRewrites(reading) ?? [];
  if (rewrites.length > 0)
    steps.push({
      state: "open",
      title: `Rewrite ${rewrites.length === 1 ? "copy" : "copies"} ${rewrites.map(({ index }) => index).join(", ")} from copy ${reading.choice.index}`,
      text: `${rewrites.length} × ${reading.layout.structBytes} bytes, one after another, each read back`,
    });
  steps.push({ state: "open", title: "Hand over the table", text: "Blockscope does not load it." });
  const parameters = target_config.target_params.text;
  const primary = spare_devices.spares[spare_devices.primary_spare_index];
  const notes: string[] = [];
  if (primary && !parameters.split(/\s+/).includes(primary.device_path.text))
    notes.push(
      `target_params ${parameters === "" ? "is empty" : `says ${parameters}`}; primary_spare_index says spare ${spare_devices.primary_spare_index}, ${primary.device_path.text}. Settle which is meant first.`,
    );
  if (legacy_remap_data.remap_count > 0)
    notes.push(`${legacy_remap_data.remap_count} remaps are counted; DMRM does not store the table of them.`);
  return { steps, table: { name: undefined, line: `0 ${target_config.target_size_sectors} dm-remap-v4 ${parameters}` }, notes };
}

function deviceSteps(value: DmrmMetadata, matches: readonly DeviceMatch[] | undefined): ReassemblyStep[] {
  const devices = matches ?? storedDevices(value).map((device) => ({ ...device, candidate: undefined, confidence: undefined }));
  return devices.map(({ role, slot, stored, candidate, confidence }) => {
    const path = stored.device_path.text;
    const size = `${path}, ${stored.device_size_sectors} sectors`;
    return {
      state: confidence === undefined ? "open" : confidence >= leastConfidence ? "ok" : "attention",
      title: role === "main" ? "Match the main device" : `Match spare ${slot}`,
      text: confidence === undefined ? size : candidate ? `${size}: ${candidate.name}, confidence ${confidence}` : `${size}: no candidate`,
    };
  });
}

/** As `dm-remap-scan` does: no check of sums, sizes or ids. dm-remap reference 6. */
function fromScript(reading: ScriptReading, truth: ReassemblyStep): Reassembly {
  const value = reading.copies[reading.choice.index ?? -1]?.value;
  if (!value) return { steps: [truth], table: undefined, notes: [] };
  const [main, spare] = [spacePadded(value.main_device_path), spacePadded(value.spare_device_path)];
  return {
    steps: [
      truth,
      { state: "open", title: "Find both devices", text: `${main} and ${spare} must be block devices` },
      {
        state: "open",
        title: "Hand over the table",
        text: "dm-remap-scan takes the size that the main device has now. Blockscope does not load it.",
      },
    ],
    table: { name: "dm-remap-auto-N", line: `0 ${value.main_device_sectors} dm-remap-v4 ${main} ${spare}` },
    notes: ["No sum, uuid or size is checked by the script, and device names change between boots. Compare the devices first."],
  };
}

function fromSetup({ now }: RemapDevice, reading: SetupReading, truth: ReassemblyStep): Reassembly {
  const value = reading.copies[reading.choice.index ?? -1]?.value;
  if (!value) return { steps: [truth], table: undefined, notes: [] };
  const confidence = confidenceOf(reading.copies, value, now - value.modified_timestamp);
  const { num_settings } = value.sysfs_config;
  return {
    steps: [
      truth,
      {
        state: confidence >= leastSetupConfidence ? "ok" : "attention",
        title: `Confidence ${confidence}`,
        text: `${leastSetupConfidence} is asked for to put it together unasked`,
      },
      { state: "open", title: "Verify the devices", text: `${value.main_device.device_path.text} and ${value.num_spare_devices} spares` },
      { state: "open", title: "Create the target", text: value.setup_description.text },
      ...(num_settings > 0 ? [{ state: "open" as const, title: "Apply settings", text: `${num_settings} sysfs settings` }] : []),
    ],
    table: { name: value.setup_description.text, line: value.target_config.target_params.text },
    notes: [
      "Upstream would hand over target_params as the whole table, which lacks start, length and target type. This structure is not known to be written by anything.",
    ],
  };
}
