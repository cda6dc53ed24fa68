import { fileURLToPath } from "node:url";
import { BrowserWindow, type WebContents } from "electron";
import { pageOrigin } from "./page-protocol.ts";

const preload = fileURLToPath(new URL("../preload/preload.cjs", import.meta.url));

/** The one window: sandboxed, isolated, without Node; it goes nowhere else and opens nothing. */
export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 640,
    backgroundColor: "#111418",
    title: "Blockscope",
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    },
  });
  void window.loadURL(`${pageOrigin}/`);
  return window;
}

/** What every page of the application is held to, whoever made it: no other place, no other window, no permission. */
export function harden(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
  contents.on("will-navigate", (event) => event.preventDefault());
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  contents.session.setPermissionCheckHandler(() => false);
}
