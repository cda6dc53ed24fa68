import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const protocolPrefix = "blockscope.key.";
const newSecret = (): string => randomBytes(32).toString("base64url");
const isSame = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Who may talk to the server: pages of its own address that hold a key, which a one-time token was exchanged for. */
export class Guard {
  readonly token = newSecret();
  #isTokenUsed = false;
  readonly #keys = new Set<string>();
  readonly #hosts: ReadonlySet<string>;

  constructor(port: number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  }

  /** Whether a request names this server and comes from one of its own pages, or from no page. */
  isFromHere({ headers }: IncomingMessage): boolean {
    if (headers.host === undefined || !this.#hosts.has(headers.host)) return false;
    return headers.origin === undefined || headers.origin === `http://${headers.host}`;
  }

  /** A key for the token; undefined for a wrong or used one. */
  exchange(token: string): string | undefined {
    if (this.#isTokenUsed || !isSame(token, this.token)) return undefined;
    this.#isTokenUsed = true;
    const key = newSecret();
    this.#keys.add(key);
    return key;
  }

  /** The subprotocol by which a socket shows a valid key; a socket must also name its origin. */
  protocolOf({ headers }: IncomingMessage): string | undefined {
    if (headers.origin === undefined) return undefined;
    const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
    return offered.find((protocol) => protocol.startsWith(protocolPrefix) && this.#holds(protocol.slice(protocolPrefix.length)));
  }

  #holds(key: string): boolean {
    return [...this.#keys].some((held) => isSame(held, key));
  }
}
