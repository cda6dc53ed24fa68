import { EventEmitter } from "node:events";
import type * as E from "electron";

/** One end of a channel in the main process, or what stands for the end that a page holds. */
export class PortDouble extends EventEmitter implements Pick<E.MessagePortMain, "close" | "postMessage" | "start"> {
  other: PortDouble | undefined;
  readonly #early: unknown[] = [];
  #started = false;
  #closed = false;

  postMessage(message: unknown, transfer: unknown[] = []): void {
    if (transfer.some((each) => !(each instanceof PortDouble)))
      throw new TypeError("Electron loses messages that transfer anything but ports");
    const data = structuredClone(message);
    setImmediate(() => this.other?.deliver(data));
  }
  deliver(data: unknown): void {
    if (this.#closed) return;
    if (this.#started) this.emit("message", { data, ports: [] });
    else this.#early.push(data);
  }
  start(): void {
    this.#started = true;
    for (const data of this.#early.splice(0)) this.emit("message", { data, ports: [] });
  }
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    setImmediate(() => {
      this.emit("close");
      this.other?.close();
    });
  }
}

export class MessageChannelDouble {
  readonly port1 = new PortDouble();
  readonly port2 = new PortDouble();
  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}
