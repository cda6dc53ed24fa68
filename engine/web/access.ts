import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may talk to the host: a token from the address is good once, for a key that the tab then keeps. */
export class Access {
  readonly token = randomBytes(32).toString("base64url");
  readonly #keys = new Set<string>();
  #tokenUsed = false;

  /** A key for the token; undefined where it is wrong or was used. */
  exchange(token: string): string | undefined {
    if (this.#tokenUsed || !equal(token, this.token)) return undefined;
    this.#tokenUsed = true;
    const key = randomBytes(32).toString("base64url");
    this.#keys.add(key);
    return key;
  }

  holds(key: string | undefined): boolean {
    return key !== undefined && [...this.#keys].some((known) => equal(key, known));
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** True where Host and, if sent, Origin name this server by a loopback name: a page elsewhere cannot, whatever its name resolves to. */
export function isOwnOrigin(request: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host)) return false;
  return origin === undefined || hosts.some((name) => origin === `http://${name}`);
}
