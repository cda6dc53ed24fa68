import { contextBridge, ipcRenderer, webUtils } from "electron";
import { channels } from "../ipc/channels.ts";

// A port cannot cross the bridge; the page is handed it as a message of its own window.
ipcRenderer.on(channels.connect, (event) => window.postMessage("engine-port", "*", [...event.ports]));
addEventListener("message", (event) => {
  if (event.source === window && event.data === "page-ready") ipcRenderer.send(channels.connect);
});

contextBridge.exposeInMainWorld("blockscope", {
  /** Paths of dropped files go to main, never to the page; it gets the names under which they may be opened. */
  grantFiles: (files: File[]): Promise<string[]> =>
    ipcRenderer.invoke(channels.grant, files.map((file) => webUtils.getPathForFile(file)).filter(Boolean)),
});
