import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RpcSession } from "capnweb";
import {
  app,
  BrowserWindow,
  dialog,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  MessageChannelMain,
  type OpenDialogOptions,
  protocol,
} from "electron";
import type { ChooseWhat } from "../../engine/contract/index.ts";
import { HostSession, HostState } from "../../engine/host/index.ts";
import { channels } from "../ipc/channels.ts";
import { PortTransport } from "../ipc/port-transport.ts";
import { setMenu } from "./menu.ts";
import { answerPageRequest, pageOrigin, pageScheme } from "./page-protocol.ts";
import { createWindow, harden } from "./window.ts";

const pageFolder = fileURLToPath(new URL("../renderer/", import.meta.url));
const firstSample = "populated-showcase";
const mostGrants = 100;

protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
app.enableSandbox();

/** An image among the arguments: the last one that is no option and not the program itself. */
const imageOf = (args: readonly string[]): string | undefined =>
  args.slice(app.isPackaged ? 1 : 2).findLast((argument) => !argument.startsWith("-"));

const overlayOption = "--overlay=";
/** The overlay that the image is to be seen through. */
const overlayOf = (args: readonly string[]): string | undefined =>
  args.findLast((argument) => argument.startsWith(overlayOption))?.slice(overlayOption.length);

const openDialogs: Readonly<Record<NonNullable<ChooseWhat>, OpenDialogOptions>> = {
  volumes: { title: "Open a volume", properties: ["openFile", "multiSelections"] },
  files: { title: "Files to import", buttonLabel: "Choose", properties: ["openFile", "multiSelections"] },
  folders: { title: "Folders to import", buttonLabel: "Choose", properties: ["openDirectory", "multiSelections"] },
  target: { title: "Where the files go", buttonLabel: "Choose", properties: ["openDirectory", "createDirectory"] },
};

const state = new HostState({
  kind: "desktop",
  version: app.getVersion(),
  chooseFiles: async (what) => (await dialog.showOpenDialog(openDialogs[what])).filePaths,
  chooseNewFile: async (name) => {
    const { canceled, filePath } = await dialog.showSaveDialog({
      title: "Where the new volume goes",
      defaultPath: name,
      buttonLabel: "Choose",
      filters: [{ name: "DWVD volumes", extensions: ["dwvd"] }],
    });
    return canceled ? undefined : filePath;
  },
  report: (problem) => console.error(problem),
});

/** Only the top frame of our own page may speak to this process. */
function isOwnPage(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && frame.url.startsWith(`${pageOrigin}/`);
}

ipcMain.on(channels.connect, (event) => {
  if (!isOwnPage(event)) return;
  const { port1, port2 } = new MessageChannelMain();
  new RpcSession(new PortTransport(port1), new HostSession(state));
  event.sender.postMessage(channels.connect, null, [port2]);
});

ipcMain.handle(channels.grant, (event, paths: unknown) => {
  if (!isOwnPage(event) || !Array.isArray(paths)) return [];
  return paths
    .slice(0, mostGrants)
    .filter((path) => typeof path === "string")
    .map((path) => state.grant(path));
});

async function openRequested(path: string, overlay?: string): Promise<void> {
  // Also where no page is there yet to hear of it.
  const { id } = await state.openFirst(path, overlay);
  state.events.emit({ type: "volume.requested", id });
}

const complain = (error: unknown) => dialog.showErrorBox("Blockscope", error instanceof Error ? error.message : String(error));

app.on("window-all-closed", () => app.quit());
app.on("will-quit", () => void state.close());
app.on("web-contents-created", (_event, contents) => harden(contents));
app.on("open-file", (event, path) => {
  event.preventDefault();
  void openRequested(path).catch(complain);
});

async function start(): Promise<void> {
  protocol.handle(pageScheme, (request) => answerPageRequest(request.url, pageFolder));
  setMenu((command) => state.events.emit({ type: "command.requested", command }));
  try {
    const image = imageOf(process.argv);
    if (image) await state.openFirst(image, overlayOf(process.argv));
    else state.initial ??= await (await new HostSession(state).open({ kind: "sample", id: firstSample })).id();
  } catch (error) {
    complain(error);
  }
  createWindow();
}

if (!app.requestSingleInstanceLock()) app.quit();
else {
  app.on("second-instance", (_event, args, folder) => {
    const [window] = BrowserWindow.getAllWindows();
    window?.focus();
    const image = imageOf(args);
    if (image) void openRequested(resolve(folder, image), overlayOf(args)).catch(complain);
  });
  // Not awaited: Electron is ready only after this module has been evaluated.
  void app.whenReady().then(start).catch(complain);
}
