import { formatSize, planReassembly, type RemapDevice, type RemapReading, storedDevices } from "../host/engine.ts";
import type { Terminal } from "./terminal.ts";

/** A device with dm-remap metadata for people: its copies, the choice, the devices, what to do. */
export function printRemap(terminal: Terminal, remap: RemapDevice): void {
  terminal.line(terminal.style("bold", terminal.safe(remap.name)));
  terminal.line(`  ${formatSize(remap.device.byteLength)} (${remap.device.byteLength} bytes), ${structuresText(remap)}`);
  for (const reading of remap.readings) printReading(terminal, reading);
  const unknown = remap.sightings.filter(({ format, isExpected }) => format === undefined || !isExpected);
  for (const { sector, name } of unknown) terminal.line(`  Sector ${sector}: ${terminal.safe(name)}`);
  printDevices(terminal, remap);
  printReassembly(terminal, remap);
}

const structuresText = (remap: RemapDevice): string =>
  remap.readings.length === 0 ? "nothing that can be decoded" : `structures: ${remap.readings.map(({ format }) => format).join(", ")}`;

/** The copies of one structure, with their verdicts. */
export function printReading(terminal: Terminal, reading: RemapReading): void {
  terminal.line();
  terminal.line(
    terminal.style(
      "bold",
      `${reading.format}, ${reading.copies.filter((copy) => copy.valid).length} of ${reading.copies.length} copies valid`,
    ),
  );
  terminal.table(
    [
      ["Copy", "Sector", "Verdict", "Version", ""],
      ...reading.copies.map((copy, index) => [
        `${copy.index}`,
        `${copy.sector}`,
        copy.valid ? "valid" : (copy.verdict.fault ?? "not valid"),
        versionText(reading, index),
        reading.choice.index === index ? "chosen" : "",
      ]),
    ],
    { indent: 2 },
  );
  terminal.line(`  ${reading.choice.reason}`);
}

function versionText(reading: RemapReading, index: number): string {
  if (reading.format === "DMRM") return `${reading.copies[index]?.value?.integrity.version_counter ?? ""}`;
  if (reading.format === "DMR4-kernel") return `${reading.copies[index]?.value?.header.sequence_number ?? ""}`;
  if (reading.format === "DMR4-script") return `${reading.copies[index]?.value?.sequence ?? ""}`;
  return `${reading.copies[index]?.value?.version_counter ?? ""}`;
}

function printDevices(terminal: Terminal, remap: RemapDevice): void {
  const reading = remap.find("DMRM");
  const value = reading?.copies[reading.choice.index ?? -1]?.value;
  if (!value) return;
  terminal.line();
  terminal.table(
    [
      ["Device", "Path", "Sectors", "Sector bytes", "Health"],
      ...storedDevices(value).map(({ role, slot, stored }) => [
        role === "main" ? "main" : `spare ${slot}${slot === value.spare_devices.primary_spare_index ? ", primary" : ""}`,
        terminal.safe(stored.device_path.text),
        `${stored.device_size_sectors}`,
        `${stored.sector_size}`,
        slot === undefined ? "" : `${value.spare_devices.spare_health_scores[slot]}`,
      ]),
    ],
    { indent: 2 },
  );
}

function printReassembly(terminal: Terminal, remap: RemapDevice): void {
  const { steps, table, notes } = planReassembly(remap);
  terminal.line();
  terminal.line(terminal.style("bold", "To put it together again"));
  for (const [index, { title, text }] of steps.entries()) terminal.line(`  ${index + 1}. ${terminal.safe(title)}: ${terminal.safe(text)}`);
  if (table) terminal.line(`  Table${table.name === undefined ? "" : ` of ${terminal.safe(table.name)}`}: ${terminal.safe(table.line)}`);
  for (const note of notes) terminal.line(`  ${terminal.style("yellow", "!")} ${terminal.safe(note)}`);
  terminal.line();
}
