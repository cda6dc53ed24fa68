import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getRawHeader, listPackage } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { build, Platform } from "electron-builder";
import { expect, test } from "playwright/test";

const project = fileURLToPath(new URL("../../", import.meta.url));
/** A fuse is the digit 0 or 1. */
const [off, on] = [0x30, 0x31];
const fuseCount = 10;
const wireVersion = 1;
/** Stands before the fuses in every Electron binary; then the version of the wire, its length, and a byte for each fuse. */
const fuseMarker = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";

/** A folder that electron-builder takes for Electron's: a binary of which only the fuses are real. */
function writeElectronFolder(folder: string): void {
  for (const name of ["resources", "locales"]) mkdirSync(join(folder, name), { recursive: true });
  const { version } = JSON.parse(readFileSync(join(project, "node_modules/electron/package.json"), "utf8"));
  writeFileSync(join(folder, "version"), version);
  writeFileSync(join(folder, "LICENSE"), "");
  const wire = Buffer.concat([Buffer.from(fuseMarker), Buffer.from([wireVersion, fuseCount]), Buffer.alloc(fuseCount, on)]);
  writeFileSync(join(folder, "electron"), Buffer.concat([Buffer.alloc(64), wire, Buffer.alloc(64)]), { mode: 0o755 });
}

test.describe("the packaged application", () => {
  const folder = mkdtempSync(join(tmpdir(), "blockscope-package-"));
  const unpacked = join(folder, "release", "linux-unpacked");
  const archive = join(unpacked, "resources", "app.asar");

  test.beforeAll(async () => {
    const electronDist = join(folder, "electron");
    writeElectronFolder(electronDist);
    const settings = JSON.parse(readFileSync(join(project, "electron-builder.json"), "utf8"));
    await build({
      projectDir: project,
      targets: Platform.LINUX.createTarget("dir"),
      publish: "never",
      config: { ...settings, electronDist, directories: { output: join(folder, "release") } },
    });
  });
  test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("holds the bundles, the page, its notices and the samples, and nothing else", () => {
    const files = listPackage(archive, { isPack: false }).map((file) => file.replaceAll("\\", "/"));
    expect(files).toEqual(
      expect.arrayContaining([
        "/dist/main/main.js",
        "/dist/main/workers/pyramid-worker.js",
        "/dist/preload/preload.cjs",
        "/dist/renderer/index.html",
        "/dist/renderer/notices.txt",
        "/assets/samples/populated-showcase.dwvd.gz",
        "/package.json",
      ]),
    );
    expect(files.filter((file) => /node_modules|\.map$|\.ts$|^\/(engine|renderer|electron|e2e)\b/.test(file))).toEqual([]);
  });

  test("carries a hash of every file, for the integrity check", () => {
    const unhashed: string[] = [];
    const walk = (files: Record<string, object>, path: string) => {
      for (const [name, entry] of Object.entries(files)) {
        if ("files" in entry) walk(entry.files as Record<string, object>, `${path}/${name}`);
        else if (!("integrity" in entry)) unhashed.push(`${path}/${name}`);
      }
    };
    walk(getRawHeader(archive).header.files as Record<string, object>, "");
    expect(unhashed).toEqual([]);
  });

  test("has its fuses set", async () => {
    const fuses = await getCurrentFuseWire(join(unpacked, "blockscope"));
    const states = {
      [FuseV1Options.RunAsNode]: off,
      [FuseV1Options.EnableCookieEncryption]: on,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
      [FuseV1Options.EnableNodeCliInspectArguments]: off,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
      [FuseV1Options.OnlyLoadAppFromAsar]: on,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
    };
    expect(fuses).toMatchObject(states);
  });
});
