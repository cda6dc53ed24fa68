import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { newWebSocketRpcSession } from "capnweb";
import { WebSocketServer } from "ws";
import { HostSession, HostState } from "../host/index.ts";
import { Guard } from "./guard.ts";
import { findPage, securityHeaders } from "./pages.ts";

export interface ServeOptions {
  /** A volume to show at start. */
  image?: string | undefined;
  /** The overlay that it is seen through. */
  overlay?: string | undefined;
  /** Shows the bundled sample of this id at start. */
  sample?: string | undefined;
  /** Pages choose files below this folder. */
  root: string;
  /** 0 for a free one. */
  port: number;
  /** The built interface; `dist/renderer` unless told. */
  pages?: string | undefined;
  dataFolder?: string | undefined;
  report?: ((problem: string) => void) | undefined;
}
export interface Served {
  /** With the one-time token in its fragment. */
  address: string;
  port: number;
  close(): Promise<void>;
}

const loopback = "127.0.0.1";
const mostMessageBytes = 16 * 1_048_576;
const mostTokenBytes = 256;
/** Beside the sources, and beside the bundles in `dist`, the project is two folders up. */
const builtPages = fileURLToPath(new URL("../../dist/renderer/", import.meta.url));

/** Serves the interface and the contract on loopback. What opening the image throws; an Error where the port is taken. */
export async function serveInterface({
  image,
  overlay,
  sample,
  root,
  port,
  pages = builtPages,
  dataFolder,
  report,
}: ServeOptions): Promise<Served> {
  const state = new HostState({ kind: "browser", version: "0.1.0", root, dataFolder, report });
  if (image !== undefined) await state.openFirst(image, overlay);
  else if (sample !== undefined) state.initial = await (await new HostSession(state).open({ kind: "sample", id: sample })).id();
  const server = createServer();
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, loopback, listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has a port");
  const guard = new Guard(address.port);
  server.on("request", (request, response) => {
    answer(request, response, guard, pages).catch((error: unknown) => {
      report?.(error instanceof Error ? error.message : String(error));
      send(response, 500);
    });
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: mostMessageBytes });
  server.on("upgrade", (request, socket, head) => {
    const protocol = guard.isFromHere(request) && request.url === "/rpc" ? guard.protocolOf(request) : undefined;
    if (protocol === undefined) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    request.headers["sec-websocket-protocol"] = protocol;
    sockets.handleUpgrade(request, socket, head, (client) => {
      newWebSocketRpcSession(client as unknown as WebSocket, new HostSession(state));
    });
  });
  return {
    address: `http://${loopback}:${address.port}/#token=${guard.token}`,
    port: address.port,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await state.close();
    },
  };
}

function send(response: ServerResponse, status: number, page?: { type: string; content: Uint8Array | string }): void {
  response.writeHead(status, { ...securityHeaders, ...(page && { "Content-Type": page.type }) });
  response.end(page?.content);
}

async function answer(request: IncomingMessage, response: ServerResponse, guard: Guard, pages: string): Promise<void> {
  if (!guard.isFromHere(request)) return send(response, 403);
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  if (request.method === "POST" && path === "/key") {
    const key = guard.exchange(await readText(request));
    return key === undefined ? send(response, 403) : send(response, 200, { type: "text/plain; charset=utf-8", content: key });
  }
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405);
  const page = await findPage(pages, path);
  return page ? send(response, 200, page) : send(response, 404);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) {
    text += piece;
    if (text.length > mostTokenBytes) return "";
  }
  return text.trim();
}
