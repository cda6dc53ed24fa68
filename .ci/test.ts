import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runScript } from "./programs.ts";

interface Counts {
  passed: number;
  failed: number;
  /** What failed and why, said again at the end: the last lines are what is looked at first. */
  failures: string[];
}

const mostFailures = 20;
const folder = mkdtempSync(join(tmpdir(), "blockscope-test-"));
// Processes that tests start, command lines and hosts, take over from each other what they compiled.
process.env.NODE_COMPILE_CACHE ??= join(folder, "compiled");
const total: Counts = { passed: 0, failed: 0, failures: [] };

/** A step without tests of its own counts as one. */
async function step(name: string, run: () => Promise<number>): Promise<void> {
  console.log(`\n— ${name}`);
  const code = await run();
  total[code === 0 ? "passed" : "failed"]++;
  if (code === 0) return;
  console.log(`${name} failed`);
  total.failures.push(name);
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
  let counts: Counts = { passed: 0, failed: 0, failures: [] };
  try {
    counts = read(JSON.parse(readFileSync(file, "utf8")) as never);
  } catch {
    console.log(`${name} left no report`);
  }
  if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) {
    counts.failed = 1;
    counts.failures.push(`${name} ended with ${code} and without a failed test: ${counts.passed} passed. What it printed stands above.`);
  }
  console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed`);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.failures.push(...counts.failures);
}

const firstLines = (text: string): string => stripVTControlCharacters(text).split("\n").slice(0, 12).join("\n");

interface UnitReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** Counts of the unit tests; a file that could not be loaded has no tests and stands for itself. */
function readUnitReport({ numPassedTests, numFailedTests, testResults }: UnitReport): Counts {
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${name} › ${test.fullName}\n${firstLines(test.failureMessages.join("\n"))}`);
    return failed.length === 0 && status === "failed" ? [`${name}\n${firstLines(message)}`] : failed;
  });
  return { passed: numPassedTests, failed: Math.max(numFailedTests, failures.length), failures };
}

interface JourneySuite {
  title: string;
  suites?: JourneySuite[];
  specs?: { title: string; file: string; line: number; tests: { status: string; results: { error?: { message?: string } }[] }[] }[];
}

function readJourneyReport({
  stats,
  suites,
}: {
  stats: { expected: number; unexpected: number; flaky: number };
  suites: JourneySuite[];
}): Counts {
  const failuresOf = (suite: JourneySuite): string[] => [
    ...(suite.specs ?? []).flatMap(({ title, file, line, tests }) =>
      tests
        .filter(({ status }) => status === "unexpected" || status === "flaky")
        .map(({ results }) => `${file}:${line} › ${title}\n${firstLines(results[0]?.error?.message ?? "")}`),
    ),
    ...(suite.suites ?? []).flatMap(failuresOf),
  ];
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, failures: suites.flatMap(failuresOf) };
}

await step("Types", () => runScript("tsc", ["-b"]));
await step("Lint and formatting", () => runScript("biome", ["check", "."]));
await countedStep(
  "Unit tests, layers, goldens",
  "vitest.json",
  (file) => runScript("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]),
  readUnitReport,
);
await step("Build", () => runScript("vite", ["build", "--logLevel", "warn"]));
await countedStep(
  "Journeys in Chromium",
  "playwright.json",
  (file) =>
    runScript("playwright", ["test", "--config", "e2e/playwright.config.ts", "--reporter=line,json"], {
      env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: file },
    }),
  readJourneyReport,
);
rmSync(folder, { recursive: true, force: true });
for (const failure of total.failures.slice(0, mostFailures)) console.log(`\nFailed: ${failure}`);
if (total.failures.length > mostFailures) console.log(`\nand ${total.failures.length - mostFailures} more`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
