import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newWebSocketRpcSession } from "capnweb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { SessionApi } from "../contract/index.ts";
import { goldenBytes } from "../testing/golden.ts";
import { type Served, serveInterface } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "blockscope-serve-"));
const pages = join(folder, "pages");
const root = join(folder, "root");
let served: Served;
let token: string;

beforeAll(async () => {
  for (const path of [pages, root]) mkdirSync(path);
  writeFileSync(join(pages, "index.html"), "<title>page</title>");
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(root, "volume.dwvd"), goldenBytes("created-minimal-4k"));
  symlinkSync(join(folder, "secret.txt"), join(root, "link.txt"));
  served = await serveInterface({ root, port: 0, pages, dataFolder: join(folder, "data") });
  token = new URLSearchParams(new URL(served.address).hash.slice(1)).get("token") ?? "";
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A request with any path and headers, as no browser would send it. */
function ask(
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: served.port, path, method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

const socketOpens = (key: string | undefined, headers: Record<string, string>): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/rpc`, key === undefined ? [] : `blockscope.key.${key}`, { headers });
    socket.once("open", () => {
      socket.terminate();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

describe("the browser host", () => {
  it("listens on loopback only and serves the page with a strict policy", async () => {
    expect(new URL(served.address).hostname).toBe("127.0.0.1");
    const page = await ask("/");
    expect([page.status, page.text]).toEqual([200, "<title>page</title>"]);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.headers["content-security-policy"]).not.toContain("unsafe");
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    expect(page.headers["set-cookie"]).toBeUndefined();
  });
  it.each(["/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/..%5csecret.txt", "/%00", "/%zz"])(
    "gives nothing outside the page's folder for %s",
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain("secret");
    },
  );
  it("refuses requests that name another host or come from another origin", async () => {
    expect((await ask("/", { headers: { host: "evil.example" } })).status).toBe(403);
    expect((await ask("/", { headers: { origin: "http://evil.example" } })).status).toBe(403);
    expect((await ask("/key", { method: "POST", headers: { origin: "http://evil.example" }, body: token })).status).toBe(403);
  });
  it("takes the token once, gives a key for it, and opens the socket for the key alone", async () => {
    const origin = `http://127.0.0.1:${served.port}`;
    expect((await ask("/key", { method: "POST", headers: { origin }, body: "wrong" })).status).toBe(403);
    const given = await ask("/key", { method: "POST", headers: { origin }, body: token });
    expect(given.status).toBe(200);
    expect((await ask("/key", { method: "POST", headers: { origin }, body: token })).status).toBe(403);
    expect(await socketOpens(given.text, { origin })).toBe(true);
    expect(await socketOpens(given.text, { origin: "http://evil.example" })).toBe(false);
    expect(await socketOpens(given.text, {})).toBe(false);
    expect(await socketOpens("wrong", { origin })).toBe(false);
    expect(await socketOpens(undefined, { origin })).toBe(false);

    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/rpc`, `blockscope.key.${given.text}`, { headers: { origin } });
    await new Promise((resolve) => socket.once("open", resolve));
    const session = newWebSocketRpcSession<never>(socket as unknown as globalThis.WebSocket) as unknown as SessionApi;
    const volume = await session.open({ kind: "folder", path: "volume.dwvd" });
    expect((await volume.overview()).totalBlocks).toBe(2048n);
    expect((await volume.block(0n)).fields.find((field) => field.path === "freeBlocks")?.text).toBe("949 blocks");
    await expect(session.open({ kind: "folder", path: "../secret.txt" })).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    await expect(session.open({ kind: "folder", path: "link.txt" })).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
    await expect(session.open({ kind: "grant", id: "made-up" })).rejects.toMatchObject({ code: "HANDLE_UNKNOWN" });
    await expect(volume.block(99_999n)).rejects.toMatchObject({ code: "BLOCK_OUT_OF_RANGE", data: { blocks: 2048n } });
    await expect(volume.block("0" as never)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(volume.bytes(0n, 2 ** 30)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    const missing = await volume.block(99_999n).catch((error: Error) => error);
    expect((missing as Error).stack ?? "").not.toContain("engine/");
    const search = await volume.search({ pattern: "DWVD", as: "text" });
    expect((await search.result()).hits.map((hit) => hit.start)).toEqual([0n, 16_384n]);
    socket.terminate();
  });
});
