import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScript } from "./programs.ts";

interface Counts {
  passed: number;
  failed: number;
}

const folder = mkdtempSync(join(tmpdir(), "blockscope-test-"));
const total: Counts = { passed: 0, failed: 0 };

/** A step without tests of its own counts as one. */
async function step(name: string, run: () => Promise<number>): Promise<void> {
  console.log(`\n— ${name}`);
  const code = await run();
  total[code === 0 ? "passed" : "failed"]++;
  if (code !== 0) console.log(`${name} failed`);
}

/** A step that writes a report; where it ends badly without a failed test, that is one failure. */
async function countedStep(
  name: string,
  report: string,
  run: (file: string) => Promise<number>,
  read: (document: never) => Counts,
): Promise<void> {
  console.log(`\n— ${name}`);
  const file = join(folder, report);
  const code = await run(file);
  let counts: Counts = { passed: 0, failed: 0 };
  try {
    counts = read(JSON.parse(readFileSync(file, "utf8")) as never);
  } catch {
    console.log(`${name} left no report`);
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code === 0 && counts.passed === 0) counts.failed = 1;
  console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed`);
  total.passed += counts.passed;
  total.failed += counts.failed;
}

await step("Types", () => runScript("tsc", ["-b"]));
await step("Lint and formatting", () => runScript("biome", ["check", "."]));
await countedStep(
  "Unit tests, layers, goldens",
  "vitest.json",
  (file) => runScript("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]),
  (document: { numPassedTests: number; numFailedTests: number }) => ({ passed: document.numPassedTests, failed: document.numFailedTests }),
);
await step("Build", () => runScript("vite", ["build", "--logLevel", "warn"]));
await countedStep(
  "Journeys in Chromium",
  "playwright.json",
  (file) =>
    runScript("playwright", ["test", "--config", "e2e/playwright.config.ts", "--reporter=line,json"], {
      env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: file },
    }),
  (document: { stats: { expected: number; unexpected: number; flaky: number } }) => ({
    passed: document.stats.expected,
    failed: document.stats.unexpected + document.stats.flaky,
  }),
);
rmSync(folder, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
