import { readFile } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";

export const pageScheme = "app";
export const pageOrigin = `${pageScheme}://blockscope`;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** The page may run its own scripts and styles, and reach nothing: its wire is a port. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; worker-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers a request of the page from the built folder; 404 for anything else, also for a path that leads out of it once decoded. */
export async function answerPageRequest(url: string, folder: string): Promise<Response> {
  const headers = { "content-security-policy": contentSecurityPolicy, "x-content-type-options": "nosniff" };
  const missing = () => new Response("Not found", { status: 404, headers });
  const { origin, host, pathname, protocol } = new URL(url);
  if (`${protocol}//${host}` !== pageOrigin && origin !== pageOrigin) return missing();
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return missing();
  }
  const root = resolve(folder);
  const file = resolve(join(root, path === "/" ? "index.html" : path));
  const type = types[extname(file)];
  if (!file.startsWith(root + sep) || path.includes("\0") || !type) return missing();
  try {
    return new Response(new Uint8Array(await readFile(file)), { headers: { ...headers, "content-type": type } });
  } catch {
    return missing();
  }
}
