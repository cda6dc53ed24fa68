import { expect, it } from "vitest";
import { countWrites } from "../testing/fewest-blocks.ts";

it("writes at most a fifth more blocks than the protocol needs, whatever the operation", async () => {
  for (const { operation, written, fewest } of await countWrites()) {
    expect(written, operation).toBeGreaterThanOrEqual(Math.floor(fewest));
    expect(written / fewest, operation).toBeLessThanOrEqual(1.2);
  }
});
