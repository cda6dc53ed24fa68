import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "vite";

/** An import that a layer may not have: which file, what it imports, and the layer that forbids it. */
export interface LayerProblem {
  file: string;
  imported: string;
  reason: string;
}

interface Layer {
  folder: string;
  /** Folders whose files it may import besides its own. */
  folders: readonly string[];
  /** Packages and built-in modules it may import; any where missing. Types are held to it as well. */
  packages?: RegExp;
}

const base = ["engine/base", "engine/errors"];
const findings = [...base, "engine/findings"];
const format = [...findings, "engine/format"];
const device = [...findings, "engine/device"];
const journal = [...new Set([...format, ...device])];
const volume = [...journal, "engine/journal"];
const snapshot = [...volume, "engine/volume"];
const replica = [...snapshot, "engine/snapshot"];
const remap = [...format, "engine/device"];
const forensics = [...replica, "engine/remap"];
const operations = [...forensics, "engine/replica", "engine/forensics"];
const host = [...operations, "engine/operations", "engine/contract"];
const clients = ["engine/host", "engine/contract"];

const files = /^node:fs(\/|$)/;
/** Folders that may open files; the rest is handed its devices. */
const openers = ["engine/device", "engine/host", "engine/cli", "engine/web", "engine/testing"];
const interfaceLibraries = /^(react|react-dom|@blueprintjs\/[^/]+|@tanstack\/[^/]+|dockview-react|d3-hierarchy|uplot|cmdk)(\/|$)/;

/** The table of layers. A folder that is named in no row may not exist; the longest row that names a file counts. */
const layers: readonly Layer[] = [
  { folder: "engine/base", folders: ["engine/errors"] },
  { folder: "engine/errors", folders: ["engine/base"] },
  { folder: "engine/findings", folders: base },
  { folder: "engine/format", folders: findings },
  { folder: "engine/device", folders: findings },
  { folder: "engine/journal", folders: journal },
  { folder: "engine/volume", folders: volume },
  { folder: "engine/snapshot", folders: snapshot },
  { folder: "engine/replica", folders: replica },
  { folder: "engine/remap", folders: remap },
  { folder: "engine/forensics", folders: forensics },
  { folder: "engine/operations", folders: operations },
  { folder: "engine/contract", folders: findings, packages: /^zod\/mini$/ },
  { folder: "engine/host", folders: host },
  { folder: "engine/web", folders: clients },
  // `serve` and `open` of the command line start the browser host.
  { folder: "engine/cli", folders: [...clients, "engine/web"] },
  { folder: "engine/testing", folders: ["engine"] },
  { folder: "electron/main", folders: [...clients, "electron/ipc"] },
  { folder: "electron/ipc", folders: clients },
  // The names of the channels are constants, written once for both ends and bundled into the preload.
  { folder: "electron/preload", folders: ["engine/contract", "electron/ipc/channels.ts"], packages: /^electron$/ },
  { folder: "renderer/app", folders: ["renderer/panels", "renderer/store", "renderer/ui", "renderer/client", "engine/contract"] },
  { folder: "renderer/panels", folders: ["renderer/store", "renderer/ui", "engine/contract"] },
  { folder: "renderer/store", folders: ["renderer/client", "renderer/ui", "engine/contract"] },
  { folder: "renderer/client", folders: ["engine/contract"] },
  { folder: "renderer/ui", folders: [], packages: interfaceLibraries },
  { folder: "e2e", folders: ["engine", "electron", ".ci"] },
  { folder: ".ci", folders: ["engine"] },
];

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file);
const panelOf = (path: string): string | undefined => /^renderer\/panels\/([^/]+)\//.exec(path)?.[1];

/** Modules that a source imports: statically, as types, by re-export or by `import()` of a constant. Throws a SyntaxError for what does not parse. */
export function importsOf(file: string, source: string): string[] {
  const { module, errors } = parseSync(file, source);
  if (errors[0]) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const exported = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const name = /^["'`]([^"'`$]*)["'`]$/.exec(source.slice(start, end))?.[1];
    return name ?? [];
  });
  return [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...dynamic];
}

/** What is wrong with the imports of one file, named by its path in the project with forward slashes. */
export function checkLayers(file: string, source: string): LayerProblem[] {
  const layer = layers.filter(({ folder }) => isIn(file, folder)).sort((a, b) => b.folder.length - a.folder.length)[0];
  if (!layer) return [{ file, imported: "", reason: "the folder stands in no row of the table" }];
  return importsOf(file, source).flatMap((imported) => {
    const reason = imported.startsWith(".")
      ? judgeFile(layer, file, normalize(join(dirname(file), imported)).replaceAll("\\", "/"))
      : judgePackage(layer, file, imported);
    return reason === undefined ? [] : [{ file, imported, reason }];
  });
}

function judgeFile(layer: Layer, file: string, target: string): string | undefined {
  const [from, to] = [panelOf(file), panelOf(target)];
  if (from !== undefined && to !== undefined && from !== to) return "panels do not know each other";
  // A test of the engine may build what it tests from any part of the engine.
  if (isTest(file) && isIn(file, "engine") && isIn(target, "engine")) return undefined;
  if (isIn(target, layer.folder) || layer.folders.some((folder) => isIn(target, folder))) return undefined;
  return `${layer.folder} may not import ${target}`;
}

function judgePackage(layer: Layer, file: string, name: string): string | undefined {
  if (isTest(file)) return undefined;
  if (isIn(file, "renderer") && (name.startsWith("node:") || name === "electron")) return `the renderer may not import ${name}`;
  if (isIn(file, "engine") && name === "electron") return "the engine knows no Electron";
  if (isIn(file, "engine") && files.test(name) && !openers.includes(layer.folder)) return `${layer.folder} is handed its files`;
  if (layer.packages && !layer.packages.test(name)) return `${layer.folder} may not import ${name}`;
  return undefined;
}

/** Problems of files in the project's folder. */
export const checkFiles = (project: string, paths: readonly string[]): LayerProblem[] =>
  paths.flatMap((path) => checkLayers(path, readFileSync(join(project, path), "utf8")));
