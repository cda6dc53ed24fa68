// Installs what is missing. Runs on any Node from 20.19 on, before anything is installed, so with Node's own modules only.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const remembered = join(project, "node_modules", ".cache", "blockscope-lock");

function run(command, args, options = {}) {
  const shell = process.platform === "win32";
  return spawnSync(command, args, { cwd: project, stdio: "inherit", shell, ...options }).status === 0;
}

/** Whether npm has installed what the lock file names; it writes its own list only once it has ended well. */
function isInstalled() {
  try {
    const packages = (file) => JSON.parse(readFileSync(join(project, file), "utf8")).packages;
    const installed = packages("node_modules/.package-lock.json");
    return Object.entries(packages("package-lock.json")).every(
      ([path, { version, optional, link }]) => path === "" || link || (installed[path] ? installed[path].version === version : optional),
    );
  } catch {
    return false; // Nothing is installed, or not by npm.
  }
}

function installPackages() {
  const hash = createHash("sha256")
    .update(readFileSync(join(project, "package-lock.json")))
    .update(process.arch)
    .digest("hex");
  if (existsSync(remembered) && readFileSync(remembered, "utf8") === hash) return;
  if (!isInstalled()) {
    console.log("Installing packages from the lock file…");
    if (!run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"])) {
      console.error("The packages could not be installed; npm said why above.");
      process.exit(1);
    }
  }
  mkdirSync(dirname(remembered), { recursive: true });
  writeFileSync(remembered, hash);
}

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium that is there: named by CHROMIUM_PATH, on the PATH, or fetched by Playwright before. */
function findChromium() {
  if (process.env.CHROMIUM_PATH && existsSync(process.env.CHROMIUM_PATH)) return process.env.CHROMIUM_PATH;
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of names) if (existsSync(join(folder, name))) return join(folder, name);
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  if (existsSync(mac)) return mac;
  const probe = spawnSync(
    process.execPath,
    ["-e", 'import("playwright").then(({ chromium }) => process.stdout.write(chromium.executablePath()))'],
    { cwd: project, encoding: "utf8" },
  );
  return probe.status === 0 && existsSync(probe.stdout) ? probe.stdout : undefined;
}

function installChromium() {
  const found = findChromium();
  if (found) {
    console.log(`Tests use the Chromium at ${found}`);
    return;
  }
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing the distribution's Chromium for the tests…");
    const quiet = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, stdio: ["ignore", "ignore", "inherit"] };
    run("apt-get", ["update", "-qq"], quiet);
    if (run("apt-get", ["install", "-y", "-qq", "chromium", "fonts-dejavu-core"], quiet) && findChromium()) return;
  }
  console.log("Installing Playwright's Chromium for the tests…");
  if (!run("npx", ["playwright", "install", "chromium"])) {
    console.error("No Chromium could be installed. Install one yourself, or name one in CHROMIUM_PATH.");
    process.exit(1);
  }
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or later is needed; this is ${process.versions.node}.`);
  process.exit(1);
}
installPackages();
if (process.argv.includes("--chromium")) installChromium();
