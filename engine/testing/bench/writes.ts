import { countWrites } from "../fewest-blocks.ts";
import type { Figure } from "./measure.ts";

/** What each operation writes against the fewest blocks that the protocol needs for the same end. */
export async function writeFigures(): Promise<Figure[]> {
  return (await countWrites()).map(({ operation, written, fewest }) => ({
    name: `blocks written against the fewest needed, ${operation}`,
    value: `${(written / fewest).toFixed(2)} (${written.toFixed(1)} against ${fewest.toFixed(1)})`,
  }));
}
