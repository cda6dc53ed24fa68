import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkFiles, checkLayers, importsOf } from "./layers.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));
const sources = globSync("{engine,electron,renderer,e2e,.ci}/**/*.{ts,tsx}", { cwd: project }).map((path) => path.replaceAll("\\", "/"));

describe("the layers of the project", () => {
  it("are kept by every import", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(checkFiles(project, sources)).toEqual([]);
  });
});

describe("the layer check", () => {
  const forbidden: readonly [file: string, source: string, reason: string][] = [
    ["engine/base/units.ts", 'import { superblock } from "../format/core/superblock.ts";', "engine/base may not import"],
    ["engine/format/core/superblock.ts", 'import type { Volume } from "../../volume/volume.ts";', "engine/format may not import"],
    ["engine/format/core/superblock.ts", 'import { readFile } from "node:fs/promises";', "is handed its files"],
    ["engine/volume/open.ts", 'export { scan } from "../forensics/scan.ts";', "engine/volume may not import"],
    ["engine/journal/append.ts", 'export * from "../volume/volume.ts";', "engine/journal may not import"],
    ["engine/forensics/scan.ts", 'const { plan } = await import("../operations/plan.ts");', "engine/forensics may not import"],
    ["engine/remap/judge.ts", 'import "../volume/volume.ts";', "engine/remap may not import"],
    ["engine/contract/session.ts", 'import { RpcTarget } from "capnweb";', "engine/contract may not import capnweb"],
    ["engine/contract/session.ts", 'import { HostState } from "../host/session.ts";', "engine/contract may not import"],
    ["engine/cli/run.ts", 'import { openVolume } from "../volume/open.ts";', "engine/cli may not import"],
    ["engine/web/serve.ts", 'import { openVolume } from "../volume/open.ts";', "engine/web may not import"],
    ["engine/host/session.ts", 'import { app } from "electron";', "knows no Electron"],
    ["engine/device/file.test.ts", 'import { Button } from "../../renderer/ui/button.tsx";', "engine/device may not import"],
    ["electron/main/main.ts", 'import { openVolume } from "../../engine/volume/open.ts";', "electron/main may not import"],
    ["electron/preload/preload.ts", 'import { readFileSync } from "node:fs";', "electron/preload may not import node:fs"],
    ["electron/preload/preload.ts", 'import { HostSession } from "../../engine/host/index.ts";', "electron/preload may not import"],
    ["electron/preload/preload.ts", 'import { PortTransport } from "../ipc/port-transport.ts";', "electron/preload may not import"],
    ["renderer/store/hex.ts", 'import { hex } from "../../engine/base/bytes.ts";', "renderer/store may not import"],
    ["renderer/app/App.tsx", 'import { ipcRenderer } from "electron";', "the renderer may not import electron"],
    ["renderer/client/connect.ts", 'import { Socket } from "node:net";', "the renderer may not import node:net"],
    ["renderer/panels/map/MapPanel.tsx", 'import { connect } from "../../client/connect.ts";', "renderer/panels may not import"],
    ["renderer/panels/map/MapPanel.tsx", 'import { HexPanel } from "../hex/HexPanel.tsx";', "panels do not know each other"],
    ["renderer/ui/tree.tsx", 'import { create } from "zustand";', "renderer/ui may not import zustand"],
    ["renderer/ui/tree.tsx", 'import { select } from "../store/selection.ts";', "renderer/ui may not import"],
    ["engine/tools/new.ts", "export {};", "stands in no row"],
  ];
  it.each(forbidden)("finds in %s: %s", (file, source, reason) => {
    expect(checkLayers(file, source)).toEqual([expect.objectContaining({ file, reason: expect.stringContaining(reason) })]);
  });

  const allowed: readonly [file: string, source: string][] = [
    ["engine/errors/catalogue.ts", 'import { hexText } from "../base/hex.ts";'],
    ["engine/volume/open.ts", 'import { superblock } from "../format/core/superblock.ts";'],
    ["engine/device/file.ts", 'import { open } from "node:fs/promises";'],
    ["engine/contract/session.ts", 'import * as z from "zod/mini"; import type { ErrorCode } from "../errors/catalogue.ts";'],
    ["engine/format/core/superblock.test.ts", 'import { goldens } from "../../testing/golden.ts"; import { it } from "vitest";'],
    [
      "electron/preload/preload.ts",
      'import { ipcRenderer } from "electron"; import type { SessionApi } from "../../engine/contract/index.ts";',
    ],
    ["renderer/panels/map/MapPanel.tsx", 'import { MapKeys } from "./MapKeys.tsx"; import { Tree } from "../../ui/tree.tsx";'],
    ["renderer/ui/tree.tsx", 'import { useMemo } from "react"; import { useVirtualizer } from "@tanstack/react-virtual";'],
  ];
  it.each(allowed)("lets %s import: %s", (file, source) => expect(checkLayers(file, source)).toEqual([]));

  it("reads imports, not words in texts and comments", () => {
    expect(importsOf("a.ts", '// import "x"\nconst text = \'import "y"\';\nimport type { Z } from "z";')).toEqual(["z"]);
  });
});
