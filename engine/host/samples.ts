import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { SampleRow } from "../contract/index.ts";
import { EngineError } from "./engine.ts";

interface Sample extends SampleRow {
  file: string;
  sha256: string;
  byteLength: bigint;
}
const folder = "Samples";
/** The volumes of the welcome screen, packed beside the program. */
export const samples: readonly Sample[] = [
  {
    id: "populated-showcase",
    name: "populated-showcase.dwvd",
    folder,
    file: "populated-showcase.dwvd.gz",
    byteLength: 8_388_608n,
    sha256: "e7309601b3135c539fe3b1511e75fdb6013334fc95b8fc959a4817d764246f2b",
    about: "A volume with files, logs and snapshots.",
  },
  {
    id: "damaged",
    name: "orchestrated-tags.dwvd",
    folder,
    file: "orchestrated-tags-option3-combined-on-minimal.dwvd.gz",
    byteLength: 8_388_608n,
    sha256: "30fc40772d29fbfd7448b3f95f010112ff18f0bff1c7e6b1a520911e7d1cfbce",
    about: "A volume that the SDK damaged while it added a module.",
  },
  {
    id: "dm-remap",
    name: "dmrm-d-version-conflict.img",
    folder,
    file: "dmrm-d-version-conflict.img.gz",
    byteLength: 4_198_912n,
    sha256: "cad8718a73bfcd6e7b4675b35b504d94ff3d243f48872c326bd390c6f0f3ee7c",
    about: "A dm-remap device whose metadata copies disagree.",
  },
];

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
/** Beside the sources, and beside the bundles in `dist`, `assets` is two folders up. */
const assets = fileURLToPath(new URL("../../assets/samples/", import.meta.url));

/** The path of a sample's image, unpacked into the cache and checked by its SHA-256. HANDLE_UNKNOWN, DEVICE_NOT_SUPPORTED. */
export async function unpackSample(id: string, cacheFolder: string): Promise<string> {
  const sample = samples.find((each) => each.id === id);
  if (!sample) throw new EngineError("HANDLE_UNKNOWN", { kind: "sample", id });
  const path = join(cacheFolder, sample.name);
  const kept = await readFile(path).catch(() => undefined);
  if (kept && hashOf(kept) === sample.sha256) return path;
  const bytes = gunzipSync(await readFile(join(assets, sample.file)), { maxOutputLength: Number(sample.byteLength) });
  if (hashOf(bytes) !== sample.sha256)
    throw new EngineError("DEVICE_NOT_SUPPORTED", { path: sample.name, reason: "the bundled sample is damaged" });
  await mkdir(cacheFolder, { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, bytes);
  await rename(draft, path);
  return path;
}
