import { defineConfig } from "playwright/test";
import { chromiumPath } from "../.ci/programs.ts";

const executablePath = chromiumPath();

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results",
  workers: 1,
  timeout: 60_000,
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
