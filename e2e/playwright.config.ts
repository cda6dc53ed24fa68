import { defineConfig } from "playwright/test";
import { chromiumPath } from "../.ci/programs.ts";

const executablePath = chromiumPath();

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results",
  workers: 1,
  // Every wait is for a state; the limits are for machines that do much else at the same time.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env.CI === "true",
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    launchOptions: {
      ...(executablePath && { executablePath }),
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
    },
  },
});
