import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type * as E from "electron";
import type { CDPSession, Page } from "playwright/test";
import { createCodec } from "./codec.ts";
import { covered } from "./covered.ts";
import { PortDouble } from "./ports.ts";
import type { Desktop } from "./stand-in.ts";
import { type FromPage, names, runMainWorld, runPreloadWorld, type ToPage } from "./worlds.ts";

const world = "preload";
const codec = createCodec((value) => structuredClone(value));
/** Chromium has no `app:` scheme here; a secure origin stands for it, and the application is given its own URL. */
const standIn = "https://blockscope.app.test/";
const own = "app://blockscope/";
export const toStandIn = (url: string) => (url.startsWith(own) ? standIn + url.slice(own.length) : url);
export const fromStandIn = (url: string) => (url.startsWith(standIn) ? own + url.slice(standIn.length) : url);

/** A page of the application: a headless page of Chromium whose preload runs in a world of its own. */
export class WebContentsDouble extends EventEmitter implements Pick<E.WebContents, "postMessage" | "send" | "setWindowOpenHandler"> {
  readonly page: Promise<Page>;
  readonly #desktop: Desktop;
  readonly #ports = new Map<number, PortDouble>();
  #cdp: CDPSession | undefined;
  #preloadWorld: number | undefined;
  #openHandler: Parameters<E.WebContents["setWindowOpenHandler"]>[0] | undefined;
  #isLoading = false;
  readonly #loaded = Promise.withResolvers<void>();

  constructor(desktop: Desktop, preload: string, size: { width: number; height: number }) {
    super();
    this.#desktop = desktop;
    this.page = this.#open(preload, size);
  }

  /** When the first page has been loaded. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }
  get session() {
    return covered("session", this.#desktop.session) as unknown as E.Session;
  }
  setWindowOpenHandler(handler: Parameters<E.WebContents["setWindowOpenHandler"]>[0]): void {
    this.#openHandler = handler;
  }
  send(channel: string, ...args: unknown[]): void {
    this.#tell({ type: "message", channel, args, ports: [] });
  }
  postMessage(channel: string, message: unknown, transfer: unknown[] = []): void {
    const ports = transfer.map((port) => {
      if (!(port instanceof PortDouble)) throw new TypeError("only ports can be transferred to a page");
      const id = this.#desktop.nextPort++;
      this.#ports.set(id, port);
      port.on("message", ({ data }) => this.#tell({ type: "port", port: id, data }));
      port.on("close", () => this.#tell({ type: "closed", port: id }));
      port.start();
      return id;
    });
    this.#tell({ type: "message", channel, args: [message], ports });
  }

  async load(url: string): Promise<void> {
    const page = await this.page;
    this.#isLoading = true;
    await page.goto(toStandIn(url)).finally(() => {
      this.#isLoading = false;
    });
    this.#loaded.resolve();
  }
  /** Loads the page again, as its window's own reload does. */
  async reload(): Promise<void> {
    this.#isLoading = true;
    await (await this.page).reload().finally(() => {
      this.#isLoading = false;
    });
  }
  /** Where dropped files of these names come from. */
  async setPaths(paths: Record<string, string>): Promise<void> {
    await this.page;
    await this.#cdp?.send("Runtime.evaluate", {
      expression: `globalThis.${names.paths} = ${JSON.stringify(paths)}`,
      ...(this.#preloadWorld !== undefined && { contextId: this.#preloadWorld }),
    });
  }

  async #open(preload: string, size: { width: number; height: number }): Promise<Page> {
    const { context, record } = this.#desktop;
    const page = await context.newPage();
    await page.setViewportSize(size);
    page.on("console", (message) => message.type() === "error" && record.problems.push(message.text()));
    page.on("popup", (popup) => void this.#answerPopup(popup));
    await page.route("**/*", (route) => this.#answerRequest(page, route));
    const cdp = await context.newCDPSession(page);
    this.#cdp = cdp;
    cdp.on("Runtime.executionContextCreated", ({ context: created }) => {
      if (created.name !== world) return;
      for (const port of this.#ports.values()) port.close();
      this.#ports.clear();
      this.#preloadWorld = created.id;
    });
    cdp.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name === names.binding) this.#hear(page, codec.decode(payload) as FromPage);
    });
    // A preload that throws is otherwise silent.
    cdp.on("Runtime.exceptionThrown", ({ exceptionDetails }) => {
      record.problems.push(stripVTControlCharacters(exceptionDetails.exception?.description ?? exceptionDetails.text));
    });
    await cdp.send("Page.enable");
    await cdp.send("Runtime.enable");
    await cdp.send("Runtime.addBinding", { name: names.binding, executionContextName: world });
    await cdp.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${runMainWorld})(${JSON.stringify(names.bridge)});` });
    const source = this.#desktop.patchPreload(readFileSync(preload, "utf8"));
    await cdp.send("Page.addScriptToEvaluateOnNewDocument", {
      worldName: world,
      source: `(${runPreloadWorld})(${JSON.stringify(names)}, ${createCodec}, function (require, module, exports) {${source}\n});`,
    });
    return page;
  }

  #tell(message: ToPage): void {
    const contextId = this.#preloadWorld;
    if (contextId === undefined || !this.#cdp) throw new TypeError("the page has no preload");
    this.#cdp
      .send("Runtime.evaluate", { expression: `${names.receive}(${JSON.stringify(codec.encode(message))})`, contextId })
      .catch(() => this.#desktop.record.lifecycle.push("a message found its page gone"));
  }

  #hear(page: Page, message: FromPage): void {
    if (message.type === "failed") this.#desktop.record.problems.push(message.message);
    else if (message.type === "port") {
      this.#ports.get(message.port)?.postMessage(message.data);
    } else {
      const frame = { url: fromStandIn(page.url()), parent: null };
      const event = { sender: this, senderFrame: frame } as unknown as E.IpcMainInvokeEvent;
      if (message.type === "send") this.#desktop.ipcMain.emit(message.channel, event, ...message.args);
      else
        this.#desktop.ipcMain.invoke(event, message.channel, message.args).then(
          (value) => this.#tell({ type: "answer", id: message.id, value }),
          (error: Error) => this.#tell({ type: "refusal", id: message.id, message: error.message }),
        );
    }
  }

  async #answerPopup(popup: Page): Promise<void> {
    const url = fromStandIn(popup.url());
    const { action } = this.#openHandler?.({ url } as E.HandlerDetails) ?? { action: "allow" };
    this.#desktop.record.popups.push({ url, action });
    await popup.close();
  }

  async #answerRequest(page: Page, route: Parameters<Parameters<Page["route"]>[1]>[0]): Promise<void> {
    const request = route.request();
    const url = fromStandIn(request.url());
    const { record } = this.#desktop;
    if (request.isNavigationRequest() && request.frame() === page.mainFrame() && !this.#isLoading) {
      let prevented = false;
      const event = { url, isMainFrame: true, isSameDocument: false, preventDefault: () => (prevented = true) };
      this.emit("will-navigate", event, url);
      record.navigations.push({ url, prevented });
      // The answer without content leaves a page where it is.
      if (prevented) return route.fulfill({ status: 204 });
    }
    const handler = this.#desktop.protocols.get(new URL(url).protocol.slice(0, -1));
    if (!handler) {
      record.requests.push(url);
      return route.abort("blockedbyclient");
    }
    const answer = await handler(new Request(url, { method: request.method() }) as never);
    record.answers.push({ url, status: answer.status });
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    });
  }
}

/** A window; only sandboxed, isolated ones are accepted. */
export class BrowserWindowDouble extends EventEmitter implements Pick<E.BrowserWindow, "focus" | "loadURL"> {
  readonly contents: WebContentsDouble;
  readonly #desktop: Desktop;

  constructor(desktop: Desktop, options: E.BrowserWindowConstructorOptions = {}) {
    super();
    const { preload, sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = options.webPreferences ?? {};
    if (sandbox === false || contextIsolation === false || nodeIntegration || webSecurity === false || webviewTag)
      throw new TypeError("the stand-in accepts only sandboxed, isolated windows");
    if (!preload) throw new TypeError("the stand-in accepts only windows with a preload");
    if (!desktop.isReady) throw new Error("Cannot create BrowserWindow before app is ready");
    this.#desktop = desktop;
    this.contents = new WebContentsDouble(desktop, preload, { width: options.width ?? 800, height: options.height ?? 600 });
    desktop.addWindow(this);
  }
  get webContents(): E.WebContents {
    return covered("webContents", this.contents) as unknown as E.WebContents;
  }
  loadURL(url: string): Promise<void> {
    return this.contents.load(url);
  }
  focus(): void {
    this.#desktop.record.lifecycle.push("window focused");
  }
}
