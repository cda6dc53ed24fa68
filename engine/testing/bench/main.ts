import { fileFigures } from "./files.ts";
import type { Figure } from "./measure.ts";
import { openingFigures } from "./opening.ts";
import { pyramidFigures } from "./pyramid.ts";
import { wireFigures } from "./wires.ts";
import { writeFigures } from "./writes.ts";

/** Speed as ratios against a native baseline of the same run; figures are printed, never asserted. */
const suites: readonly [title: string, measure: () => Promise<Figure[]>][] = [
  ["Opening", openingFigures],
  ["Block map", pyramidFigures],
  ["Files", fileFigures],
  ["Changes", writeFigures],
  ["Wires", wireFigures],
];

for (const [title, measure] of suites) {
  console.log(title);
  for (const { name, value } of await measure()) console.log(`  ${name}: ${value}`);
}
process.exit(0);
