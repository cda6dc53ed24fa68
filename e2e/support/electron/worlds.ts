import type { Codec } from "./codec.ts";

/** What the preload's world says to the main process, through the binding. */
export type FromPage =
  | { type: "send"; channel: string; args: unknown[] }
  | { type: "invoke"; id: number; channel: string; args: unknown[] }
  | { type: "port"; port: number; data: unknown }
  | { type: "failed"; message: string };

/** What the main process says to the preload's world. */
export type ToPage =
  | { type: "message"; channel: string; args: unknown[]; ports: number[] }
  | { type: "answer"; id: number; value: unknown }
  | { type: "refusal"; id: number; message: string }
  | { type: "port"; port: number; data: unknown }
  | { type: "closed"; port: number };

/** Text that both worlds know and no page does by chance. */
export const names = { binding: "__standInSend", receive: "__standInReceive", paths: "__standInPaths", bridge: "__standInBridge" };

/**
 * The page's half of contextBridge: builds frozen objects whose functions call into the preload's world. Runs in the page by its source text.
 * Chromium clones the detail of an event between worlds, as Electron clones arguments.
 */
export function runMainWorld(bridge: string): void {
  let calls = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  document.addEventListener(`${bridge}:settle`, (event) => {
    const { call, value, message } = (event as CustomEvent).detail;
    const waiter = waiting.get(call);
    waiting.delete(call);
    if (message === undefined) waiter?.resolve(value);
    else waiter?.reject(new Error(message));
  });
  document.addEventListener(`${bridge}:expose`, (event) => {
    const { name, members } = (event as CustomEvent<{ name: string; members: { key: string; id?: number; value?: unknown }[] }>).detail;
    const exposed: Record<string, unknown> = {};
    for (const { key, id, value } of members) {
      exposed[key] =
        id === undefined
          ? value
          : (...args: unknown[]) => {
              const call = ++calls;
              const settled = new Promise((resolve, reject) => waiting.set(call, { resolve, reject }));
              document.dispatchEvent(new CustomEvent(`${bridge}:call`, { detail: { id, call, args } }));
              return settled;
            };
    }
    Object.defineProperty(window, name, { value: Object.freeze(exposed), enumerable: true });
  });
}

/** The preload's world: a `require` that knows only `electron`, as in the sandbox. Runs in the page by its source text. */
export function runPreloadWorld(
  words: { binding: string; receive: string; paths: string; bridge: string },
  createCodec: (clone: (value: unknown) => unknown) => Codec,
  preload: (require: (name: string) => unknown, module: object, exports: object) => void,
): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  const codec = createCodec((value) => structuredClone(value));
  const tell = (message: FromPage) => (scope[words.binding] as (text: string) => void)(codec.encode(message));
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  const asked = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const ports = new Map<number, MessagePort>();
  const functions: ((...args: unknown[]) => unknown)[] = [];
  let calls = 0;

  const openPort = (id: number): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    ports.set(id, port1);
    port1.onmessage = ({ data }) => tell({ type: "port", port: id, data });
    return port2;
  };
  scope[words.receive] = (text: string) => {
    const message = codec.decode(text) as ToPage;
    if (message.type === "message") {
      const event = { ports: message.ports.map(openPort) };
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args);
    } else if (message.type === "port") ports.get(message.port)?.postMessage(message.data);
    else if (message.type === "closed") ports.get(message.port)?.close();
    else if (message.type === "answer") asked.get(message.id)?.resolve(message.value);
    else asked.get(message.id)?.reject(new Error(message.message));
  };

  const covered = (name: string, target: object) =>
    new Proxy(target, {
      get(found, key) {
        if (key in found || typeof key === "symbol") return Reflect.get(found, key);
        throw new TypeError(`${name}.${key} is not covered`);
      },
    });
  const electron = covered("electron", {
    ipcRenderer: covered("ipcRenderer", {
      on(channel: string, listener: (event: object, ...args: unknown[]) => void) {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      },
      send: (channel: string, ...args: unknown[]) => tell({ type: "send", channel, args }),
      invoke(channel: string, ...args: unknown[]) {
        const id = ++calls;
        const answer = new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
        tell({ type: "invoke", id, channel, args });
        return answer;
      },
    }),
    webUtils: covered("webUtils", {
      // A file that a page made itself has no path.
      getPathForFile: (file: File) => (scope[words.paths] as Record<string, string> | undefined)?.[file.name] ?? "",
    }),
    contextBridge: covered("contextBridge", {
      exposeInMainWorld(name: string, api: Record<string, unknown>) {
        const members = Object.entries(api).map(([key, value]) =>
          typeof value === "function" ? { key, id: functions.push(value as (...args: unknown[]) => unknown) - 1 } : { key, value },
        );
        document.dispatchEvent(new CustomEvent(`${words.bridge}:expose`, { detail: { name, members } }));
      },
    }),
  });
  document.addEventListener(`${words.bridge}:call`, (event) => {
    const { id, call, args } = (event as CustomEvent<{ id: number; call: number; args: unknown[] }>).detail;
    const settle = (detail: object) => document.dispatchEvent(new CustomEvent(`${words.bridge}:settle`, { detail: { call, ...detail } }));
    new Promise((resolve) => resolve(functions[id]?.(...args))).then(
      (value) => settle({ value }),
      (error) => settle({ message: error instanceof Error ? error.message : String(error) }),
    );
  });
  const require = (name: string) => {
    if (name === "electron") return electron;
    throw new Error(`module not found: ${name}`);
  };
  try {
    const module = { exports: {} };
    preload(require, module, module.exports);
  } catch (error) {
    tell({ type: "failed", message: `the preload threw ${error instanceof Error ? error.message : String(error)}` });
  }
}
