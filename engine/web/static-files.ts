import { readFile } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json",
};

/** What the page may do: its own scripts, styles and fonts, and its own socket. */
export function contentSecurityPolicy(connect: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export interface StaticFile {
  body: Buffer;
  type: string;
}

/** A file of the built page by the path of its address; undefined for what is not there or lies outside the folder. */
export async function staticFile(folder: string, path: string): Promise<StaticFile | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes("\0") || decoded.includes("\\")) return undefined;
  const root = resolve(folder);
  const full = resolve(join(root, decoded === "/" ? "index.html" : decoded));
  if (!full.startsWith(root + sep)) return undefined;
  const type = types[extname(full)];
  if (!type) return undefined;
  const body = await readFile(full).catch(() => undefined);
  return body && { body, type };
}
