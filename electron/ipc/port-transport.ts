import type { RpcTransportWithCustomEncoding } from "capnweb";
import type { MessagePortMain } from "electron";

/** The contract over a port to one page. Messages are structured clones; nothing is ever transferred, a transferred buffer would lose the message. */
export class PortTransport implements RpcTransportWithCustomEncoding {
  readonly encodingLevel = "structuredClonable";
  readonly #port: MessagePortMain;
  readonly #arrived: unknown[] = [];
  readonly #waiting: { resolve: (message: unknown) => void; reject: (error: Error) => void }[] = [];
  #closed = false;

  constructor(port: MessagePortMain) {
    this.#port = port;
    port.on("message", ({ data }) => {
      const next = this.#waiting.shift();
      if (next) next.resolve(data);
      else this.#arrived.push(data);
    });
    port.on("close", () => {
      this.#closed = true;
      for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error("the page went away"));
    });
    port.start();
  }

  send(message: unknown): void {
    if (!this.#closed) this.#port.postMessage(message);
  }

  receive(): Promise<unknown> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    if (this.#closed) return Promise.reject(new Error("the page went away"));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  abort(): void {
    this.#port.close();
  }
}
