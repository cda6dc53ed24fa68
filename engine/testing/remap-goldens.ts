import { goldenBytes, goldenJson, goldenNames } from "./golden.ts";

/** The copies of a dm-remap golden that lie inside its image, as bytes of `byteLength`. */
export function goldenCopies(name: string, byteLength: number): { index: number; at: number; bytes: Uint8Array }[] {
  const image = goldenBytes(name, "dm-remap");
  const { copySectors } = goldenJson(name, "dm-remap");
  return (copySectors as number[]).flatMap((sector, index) => {
    const at = sector * 512;
    return at + byteLength <= image.length ? [{ index, at, bytes: image.subarray(at, at + byteLength) }] : [];
  });
}

export const remapGoldens = (pattern: RegExp): string[] => goldenNames(pattern, { set: "dm-remap", ending: ".img.gz" });
