import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

if (Number(process.versions.node.split(".")[0]) < 24) {
  throw new Error(`Tests run on Node 24; this is ${process.versions.node}. Start them with npm, which puts the right one first.`);
}

export default defineConfig({
  test: {
    include: ["engine/**/*.test.ts", "electron/**/*.test.ts", "renderer/**/*.test.ts", ".ci/**/*.test.ts"],
    testTimeout: 60_000,
    // Vitest leaves a processor to its own process, which has next to nothing to do: with two, half of the machine would rest.
    maxWorkers: availableParallelism(),
    css: true,
    env: { ELECTRON_OVERRIDE_DIST_PATH: "/nonexistent" },
  },
});
