import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";

const goldens = fileURLToPath(new URL("../../engine/testing/golden/dwvd/", import.meta.url));

/** Unpacks the golden image of a name to a path; gives the path. */
export async function unpackGolden(name: string, path: string): Promise<string> {
  await pipeline(createReadStream(`${goldens}${name}.dwvd.gz`), createGunzip(), createWriteStream(path));
  return path;
}
