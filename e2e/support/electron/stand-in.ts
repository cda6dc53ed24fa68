import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type * as E from "electron";
import type { BrowserContext, Page } from "playwright/test";
import { covered } from "./covered.ts";
import { IpcMainDouble } from "./ipc.ts";
import { MessageChannelDouble } from "./ports.ts";
import { type DesktopRecord, newRecord } from "./record.ts";
import { SessionDouble } from "./session.ts";
import { BrowserWindowDouble } from "./window.ts";

export interface StandInOptions {
  context: BrowserContext;
  /** Arguments after the program's own. */
  args?: readonly string[];
  dataFolder: string;
  /** Change the bundles before they run: for faults that the specs must find. */
  patchMain?: (source: string) => string;
  patchPreload?: (source: string) => string;
}

type ProtocolHandler = (request: Request) => Response | Promise<Response>;
const project = fileURLToPath(new URL("../../../", import.meta.url));
const mainBundle = new URL("../../../dist/main/main.js", import.meta.url).href;
const doubles = new Map<string, object>();
let launches = 0;

const shared = globalThis as { __electronDoubles?: typeof doubles };
shared.__electronDoubles = doubles;
const patches = new Map<string, (source: string) => string>();
/** `electron`, asked for by the bundle of a launch, is that launch's double. */
const hooks = registerHooks({
  resolve(specifier, context, next) {
    const launch = /\?launch=(\d+)$/.exec(context.parentURL ?? "")?.[1];
    return specifier === "electron" && launch ? { url: `electron-double:${launch}`, shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    const launch = /^electron-double:(\d+)$/.exec(url)?.[1];
    if (launch) {
      const keys = Object.keys(doubles.get(launch) ?? {});
      const source = `export const { ${keys.join(", ")} } = globalThis.__electronDoubles.get("${launch}");`;
      return { format: "module", source, shortCircuit: true };
    }
    const patch = patches.get(url);
    return patch
      ? { format: "module", source: patch(readFileSync(new URL(url.split("?")[0] ?? url), "utf8")), shortCircuit: true }
      : next(url, context);
  },
});
process.once("exit", () => hooks.deregister());

/** One run of the built desktop application, without Electron's binary. */
export class Desktop {
  readonly context: BrowserContext;
  readonly record: DesktopRecord = newRecord();
  readonly ipcMain = new IpcMainDouble();
  readonly session = new SessionDouble();
  readonly protocols = new Map<string, ProtocolHandler>();
  readonly patchPreload: (source: string) => string;
  isReady = false;
  nextPort = 1;
  /** Answers of file dialogs, in order; a dialog without one is an error. */
  readonly chosenFiles: string[][] = [];
  readonly #windows: BrowserWindowDouble[] = [];
  readonly #opened = Promise.withResolvers<BrowserWindowDouble>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #app = new EventEmitter();
  #menu: readonly E.MenuItemConstructorOptions[] = [];

  private constructor({ context, patchPreload = (source) => source }: StandInOptions) {
    this.context = context;
    this.patchPreload = patchPreload;
  }

  /** Starts the application and waits for its first window. Throws what the main bundle throws. */
  static async launch(options: StandInOptions): Promise<Desktop> {
    const desktop = new Desktop(options);
    const launch = String(++launches);
    const url = `${mainBundle}?launch=${launch}`;
    doubles.set(launch, desktop.#module());
    patches.set(url, options.patchMain ?? ((source) => source));
    const before = { argv: process.argv, data: process.env.BLOCKSCOPE_DATA_DIR };
    process.argv = ["electron", project, ...(options.args ?? [])];
    process.env.BLOCKSCOPE_DATA_DIR = options.dataFolder;
    try {
      // Electron is ready once the entry module has been evaluated, never before: one that waits for it inside would hang.
      await within(10_000, import(url), () => "the main bundle was not evaluated");
      desktop.isReady = true;
      desktop.#ready.resolve();
      desktop.#app.emit("ready");
      const window = await within(10_000, desktop.#opened.promise, () => `no window was opened (${desktop.record.errorBoxes.join("; ")})`);
      await within(20_000, window.contents.loaded, () => "the page was not loaded");
    } finally {
      process.argv = before.argv;
      if (before.data === undefined) delete process.env.BLOCKSCOPE_DATA_DIR;
      else process.env.BLOCKSCOPE_DATA_DIR = before.data;
    }
    return desktop;
  }

  get window(): BrowserWindowDouble {
    const [window] = this.#windows;
    if (!window) throw new Error("there is no window");
    return window;
  }
  get page(): Promise<Page> {
    return this.window.contents.page;
  }
  addWindow(window: BrowserWindowDouble): void {
    this.#windows.push(window);
    this.#app.emit("web-contents-created", {}, window.webContents);
    this.#opened.resolve(window);
  }
  /** Chooses an item of the menu bar by its labels. */
  click(...labels: readonly string[]): void {
    let items = this.#menu;
    for (const [depth, label] of labels.entries()) {
      const item = items.find((each) => each.label === label);
      if (!item) throw new Error(`the menu has no ${labels.slice(0, depth + 1).join(" › ")}`);
      if (depth === labels.length - 1) item.click?.(item as never, undefined, {} as never);
      items = (item.submenu ?? []) as E.MenuItemConstructorOptions[];
    }
  }
  get menuRoles(): (string | undefined)[] {
    return this.#menu.flatMap((item) => [item.role, ...((item.submenu ?? []) as E.MenuItemConstructorOptions[]).map((each) => each.role)]);
  }
  /** What a second start of the program hands to this one. */
  startAgain(args: readonly string[], folder: string): void {
    this.#app.emit("second-instance", {}, ["electron", project, ...args], folder);
  }
  /** What the system hands over when a file is opened by its type (macOS). */
  openFile(path: string): void {
    this.#app.emit("open-file", { preventDefault() {} }, path);
  }
  async quit(): Promise<void> {
    for (const name of ["before-quit", "will-quit", "quit"]) {
      this.record.lifecycle.push(name);
      this.#app.emit(name, { preventDefault() {} });
    }
    for (const window of this.#windows) await (await window.contents.page).close();
  }

  #module(): object {
    const desktop = this;
    const app = this.#app;
    const doubles = {
      app: covered("app", {
        on: app.on.bind(app),
        once: app.once.bind(app),
        isPackaged: false,
        getVersion: () => JSON.parse(readFileSync(`${project}package.json`, "utf8")).version,
        enableSandbox: () => this.record.lifecycle.push("sandbox enabled"),
        requestSingleInstanceLock: () => true,
        whenReady: () => this.#ready.promise,
        quit: () => void this.quit(),
      }),
      BrowserWindow: class extends BrowserWindowDouble {
        constructor(options?: E.BrowserWindowConstructorOptions) {
          super(desktop, options);
        }
        static getAllWindows = () => [...desktop.#windows];
      },
      ipcMain: covered("ipcMain", this.ipcMain),
      MessageChannelMain: MessageChannelDouble,
      protocol: covered("protocol", {
        registerSchemesAsPrivileged: (schemes: E.CustomScheme[]) => {
          if (this.isReady) throw new Error("schemes are registered before the application is ready");
          this.record.lifecycle.push(...schemes.map(({ scheme }) => `scheme ${scheme}`));
        },
        handle: (scheme: string, handler: ProtocolHandler) => this.protocols.set(scheme, handler),
      }),
      Menu: covered("Menu", {
        buildFromTemplate: (template: E.MenuItemConstructorOptions[]) => template,
        setApplicationMenu: (menu: unknown) => {
          this.#menu = (menu ?? []) as E.MenuItemConstructorOptions[];
        },
      }),
      dialog: covered("dialog", {
        showOpenDialog: async () => {
          const filePaths = this.chosenFiles.shift();
          if (!filePaths) throw new Error("a dialog was shown for which no answer was queued");
          return { canceled: filePaths.length === 0, filePaths };
        },
        showSaveDialog: async () => {
          const [filePath = ""] = this.chosenFiles.shift() ?? [];
          return { canceled: filePath === "", filePath };
        },
        showErrorBox: (title: string, content: string) => this.record.errorBoxes.push(`${title}: ${content}`),
      }),
    } satisfies { [Name in keyof typeof E]?: unknown };
    return doubles;
  }
}

async function within<Value>(ms: number, promise: Promise<Value>, complaint: () => string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint()} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
