import { expect, type Page } from "playwright/test";
import type { Desktop } from "../support/electron/stand-in.ts";

export interface SecurityCheck {
  name: string;
  run(desktop: Desktop): Promise<void>;
}

const shown = 20_000;
const waitForSession = (page: Page) => expect(page.getByRole("tab", { name: /\.dwvd/ }).first()).toBeVisible({ timeout: shown });

/** What a page of the desktop application must not be able to do, and what it must. Each starts from a fresh launch. */
export const securityChecks: readonly SecurityCheck[] = [
  {
    name: "the page reaches the engine over its port",
    async run(desktop) {
      await waitForSession(await desktop.page);
    },
  },
  {
    name: "no page or preload reports a problem",
    async run(desktop) {
      await waitForSession(await desktop.page);
      expect(desktop.record.problems).toEqual([]);
    },
  },
  {
    name: "the page sees one bridge, frozen, and nothing of Node or Electron",
    async run(desktop) {
      const page = await desktop.page;
      const seen = await page.evaluate(() => {
        const scope = window as unknown as Record<string, object | undefined>;
        const bridge = scope.blockscope ?? {};
        const leaked = ["require", "process", "module", "Buffer", "electron", "ipcRenderer"].filter((name) => scope[name] !== undefined);
        return { leaked, bridge: Object.keys(bridge), frozen: Object.isFrozen(bridge) };
      });
      expect(seen).toEqual({ leaked: [], bridge: ["grantFiles"], frozen: true });
    },
  },
  {
    name: "the sandbox is enabled for the whole application, and the scheme announced before it is ready",
    async run(desktop) {
      expect(desktop.record.lifecycle).toEqual(expect.arrayContaining(["sandbox enabled", "scheme app"]));
    },
  },
  {
    name: "the policy forbids eval, inline scripts and foreign connections",
    async run(desktop) {
      const page = await desktop.page;
      // Playwright's own evaluate is exempt from the ban on eval; a timer's callback is not.
      const outcome = await page.evaluate(
        () =>
          new Promise<{ evaluated: boolean; inline: boolean; reached: boolean }>((resolve) => {
            setTimeout(async () => {
              const scope = window as unknown as { ran?: boolean };
              let evaluated = true;
              try {
                // biome-ignore lint/security/noGlobalEval: whether it is forbidden is what is asked
                eval("1");
              } catch {
                evaluated = false;
              }
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.head.append(script);
              const reached = await fetch("https://example.com/").then(
                () => true,
                () => false,
              );
              resolve({ evaluated, inline: scope.ran === true, reached });
            });
          }),
      );
      expect(outcome).toEqual({ evaluated: false, inline: false, reached: false });
      // Stopped by the page's own policy: nothing came as far as the network.
      expect(desktop.record.requests).toEqual([]);
    },
  },
  {
    name: "no path leads out of the page's folder",
    async run(desktop) {
      const handler = desktop.protocols.get("app");
      const status = async (url: string) => (await handler?.(new Request(url)))?.status;
      expect(await status("app://blockscope/index.html")).toBe(200);
      // Chromium folds a plain `/../` away; an encoded one reaches the handler, which decodes it itself.
      for (const path of [
        "..%2fmain%2fmain.js",
        "..%2F..%2Fpackage.json",
        "assets%2f..%2f..%2fpreload%2fpreload.cjs",
        "%2e%2e%2fmain%2fmain.js",
      ])
        expect(await status(`app://blockscope/${path}`), path).toBe(404);
      for (const path of ["%00", "%E0%A4%A", "missing.js", "assets"]) expect(await status(`app://blockscope/${path}`), path).toBe(404);
      expect(await status("app://elsewhere/index.html")).toBe(404);
    },
  },
  {
    name: "the page opens no window",
    async run(desktop) {
      const page = await desktop.page;
      await page.evaluate(() => void window.open("https://example.com/"));
      await expect.poll(() => desktop.record.popups.map(({ action }) => action)).toEqual(["deny"]);
    },
  },
  {
    name: "the page goes nowhere else",
    async run(desktop) {
      const page = await desktop.page;
      await page.evaluate(() => location.assign("https://example.com/"));
      await expect.poll(() => desktop.record.navigations).toEqual([{ url: "https://example.com/", prevented: true }]);
      expect(await page.evaluate(() => location.host)).toBe("blockscope.app.test");
    },
  },
  {
    name: "no permission is granted",
    async run(desktop) {
      const contents = desktop.window.webContents;
      for (const permission of ["media", "geolocation", "notifications", "midi", "hid", "serial"] as const)
        expect(await desktop.session.grants(contents, permission), permission).toBe(false);
    },
  },
  {
    name: "files that the page made itself are granted to nobody",
    async run(desktop) {
      const page = await desktop.page;
      const grants = await page.evaluate(() =>
        (window as unknown as { blockscope: { grantFiles(files: File[]): Promise<string[]> } }).blockscope.grantFiles([
          new File(["x"], "/etc/passwd"),
        ]),
      );
      expect(grants).toEqual([]);
    },
  },
  {
    name: "dropped files are granted by name, and no path comes back",
    async run(desktop) {
      const page = await desktop.page;
      await desktop.window.contents.setPaths({ "a.dwvd": "/somewhere/secret/a.dwvd" });
      const grants = await page.evaluate(() =>
        (window as unknown as { blockscope: { grantFiles(files: File[]): Promise<string[]> } }).blockscope.grantFiles([
          new File(["x"], "a.dwvd"),
        ]),
      );
      expect(grants).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    },
  },
  {
    name: "messages of other senders are not answered",
    async run(desktop) {
      const sent: string[] = [];
      const sender = { postMessage: (channel: string) => sent.push(channel) };
      const parent = { url: "app://blockscope/" };
      const strangers = [
        null,
        { url: "https://example.com/", parent: null },
        { url: "app://blockscope.example/", parent: null },
        { ...parent, parent },
      ];
      for (const senderFrame of strangers) {
        desktop.ipcMain.emit("blockscope:connect", { sender, senderFrame });
        const grants = await desktop.ipcMain.invoke({ sender, senderFrame } as never, "blockscope:grant", [["/etc/passwd"]]);
        expect(grants).toEqual([]);
      }
      expect(sent).toEqual([]);
    },
  },
  {
    name: "reload and developer keys do not exist",
    async run(desktop) {
      expect(desktop.menuRoles.filter((role) => /reload|devtools/i.test(role ?? ""))).toEqual([]);
      expect(() => desktop.click("File", "Open volume…")).not.toThrow();
    },
  },
];
