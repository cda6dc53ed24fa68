import type { Finding } from "../findings/finding.ts";
import { sectorBytes } from "../format/remap/index.ts";
import type { RemapDevice } from "./device.ts";
import { checkKernel } from "./rules/dmr4k.ts";
import { checkScript } from "./rules/dmr4s.ts";
import { checkDmrm } from "./rules/dmrm.ts";
import { defineRemapRules, placeOfBytes } from "./rules/remap-rule.ts";
import { checkSetup } from "./rules/setup.ts";

/** Rules on the device as a whole. dm-remap reference 1, 6. */
const deviceRules = defineRemapRules("remap", {
  "structures-overlap": {
    severity: "warning",
    section: "1, 6",
    states: "No two structures claim the same sectors.",
    title: "Two structures claim the same sectors",
    remark: "Writing one destroys the other; what stands there is the one that was written last.",
  },
  "not-decoded": {
    severity: "warning",
    section: "1",
    states: "What stands where metadata may begin can be decoded.",
    title: "Something of dm-remap that cannot be decoded",
  },
});

/** What was read of a device does not change, and neither does the judgement. */
const judged = new WeakMap<RemapDevice, readonly Finding[]>();

/** Holds a device against the invariants of every structure on it. Only judges what was read. */
export function checkRemap(remap: RemapDevice): Finding[] {
  const findings = judged.get(remap) ?? judge(remap);
  judged.set(remap, findings);
  return [...findings];
}

function judge(remap: RemapDevice): Finding[] {
  const found: Finding[] = [];
  for (const reading of remap.readings) {
    if (reading.format === "DMRM") found.push(...checkDmrm(remap, reading).findings);
    else if (reading.format === "DMR4-kernel") found.push(...checkKernel(remap, reading).findings);
    else if (reading.format === "SETUP") found.push(...checkSetup(reading).findings);
    else found.push(...checkScript(remap, reading).findings);
  }
  const at = (sector: bigint, sectors = 1n) =>
    placeOfBytes({ start: sector * BigInt(sectorBytes), end: (sector + sectors) * BigInt(sectorBytes) });
  for (const { sector, sectorCount, structures } of remap.overlaps) {
    const names = structures.map(({ format, index, valid }) => `copy ${index} of ${format} (${valid ? "valid" : "not valid"})`);
    const subject = sectorCount === 1n ? `Sector ${sector}` : `Sectors ${sector} to ${sector + sectorCount - 1n}`;
    const evidence = { copies: "", subject, found: names.join(" and "), expected: "one of them" };
    found.push(deviceRules["structures-overlap"](evidence, at(sector, sectorCount)));
  }
  for (const { sector, name, format, isExpected } of remap.sightings)
    if (format === undefined || !isExpected) {
      const evidence = {
        copies: "",
        subject: `Sector ${sector}`,
        found: name,
        expected: format ? "a sector where a copy lies" : "a structure that is decoded",
      };
      found.push(deviceRules["not-decoded"](evidence, at(sector)));
    }
  return found;
}
