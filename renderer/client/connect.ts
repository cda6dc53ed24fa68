import { newWebSocketRpcSession, RpcSession, type RpcTransportWithCustomEncoding } from "capnweb";
import type { SessionApi } from "../../engine/contract/index.ts";

/** What the desktop's preload puts into the page. */
export interface DesktopBridge {
  /** Names dropped files to the host; gives the grants under which they may be opened. */
  grantFiles(files: File[]): Promise<string[]>;
}
declare global {
  interface Window {
    blockscope?: DesktopBridge;
  }
}

export const desktop = (): DesktopBridge | undefined => window.blockscope;

/** Why there is no connection: the address was opened without its token, or the host is gone. */
export type ConnectionProblem = "refused" | "lost";

const keyName = "blockscope.key";

/** The session of whichever host serves this page. `onLost` is told when the wire breaks. Throws a ConnectionError. */
export async function connect(onLost: () => void): Promise<SessionApi> {
  return desktop() ? connectToDesktop(onLost) : connectToServer(onLost);
}

export class ConnectionError extends Error {
  readonly problem: ConnectionProblem;
  constructor(problem: ConnectionProblem) {
    super(problem);
    this.problem = problem;
  }
}

function connectToDesktop(onLost: () => void): Promise<SessionApi> {
  return new Promise((resolve) => {
    addEventListener("message", function receive(event: MessageEvent) {
      const [port] = event.ports;
      if (event.source !== window || event.data !== "engine-port" || !port) return;
      removeEventListener("message", receive);
      const session = new RpcSession<never>(new PortTransport(port));
      const main = session.getRemoteMain() as unknown as SessionApi & { onRpcBroken(told: () => void): void };
      main.onRpcBroken(onLost);
      resolve(main);
    });
    window.postMessage("page-ready", "*");
  });
}

/** Messages as structured clones over a port, without transfer lists. */
class PortTransport implements RpcTransportWithCustomEncoding {
  readonly encodingLevel = "structuredClonable";
  readonly #port: MessagePort;
  readonly #waiting: ((message: unknown) => void)[] = [];
  readonly #arrived: unknown[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      const next = this.#waiting.shift();
      if (next) next(data);
      else this.#arrived.push(data);
    };
  }
  send(message: unknown): void {
    this.#port.postMessage(message);
  }
  receive(): Promise<unknown> {
    return this.#arrived.length > 0 ? Promise.resolve(this.#arrived.shift()) : new Promise((resolve) => this.#waiting.push(resolve));
  }
  abort(): void {
    this.#port.close();
  }
}

async function connectToServer(onLost: () => void): Promise<SessionApi> {
  const key = await tabKey();
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/rpc`, `blockscope.key.${key}`);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => {
      // A key of a host that was started anew is worth nothing.
      sessionStorage.removeItem(keyName);
      reject(new ConnectionError("refused"));
    };
  });
  socket.onerror = null;
  socket.addEventListener("close", onLost);
  return newWebSocketRpcSession<never>(socket) as unknown as SessionApi;
}

/** The key that this tab holds; the one-time token of the address is exchanged for it. */
async function tabKey(): Promise<string> {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    history.replaceState(null, "", location.pathname);
    const answer = await fetch("./key", { method: "POST", body: token });
    if (answer.ok) sessionStorage.setItem(keyName, await answer.text());
  }
  const key = sessionStorage.getItem(keyName);
  if (!key) throw new ConnectionError("refused");
  return key;
}
