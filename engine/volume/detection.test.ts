import { describe, expect, it } from "vitest";
import { fromHex } from "../base/bytes.ts";
import { MemoryDevice } from "../device/memory-device.ts";
import { goldenJson } from "../testing/golden.ts";
import { openVolume } from "./open.ts";

interface Vector {
  what: string;
  length: number;
  hexUpToLastNonZero: string;
  vdeDetector?: { fileType: string };
  vdeFormatDetector?: { majorVersion: number; namespaceValid: boolean } | null;
}
const vectors = (goldenJson("vectors-detection").cases as Vector[]).filter((vector) => vector.vdeDetector);

/** The bytes at the start of a file that holds a block of any size. */
const open = ({ length, hexUpToLastNonZero }: Vector) => {
  const bytes = new Uint8Array(Math.max(length, 65_536));
  bytes.set(fromHex(hexUpToLastNonZero));
  return openVolume(new MemoryDevice(bytes));
};

describe("recognising the first bytes of a file", () => {
  it.each(vectors.map((vector) => [vector.what, vector] as const))(
    "opens whatever they are, as a volume where magic and anchor hold: %s",
    async (_, vector) => {
      const { kind, found } = await open(vector);
      const { majorVersion = 0, namespaceValid = false } = vector.vdeFormatDetector ?? {};
      if (vector.length >= 16) expect(kind).toBe(majorVersion >= 2 && namespaceValid ? "dwvd" : "unknown");
      if (vector.vdeDetector?.fileType === "LegacyV1") expect(found).toMatch(/version 1/);
    },
  );
  it("tells a container of version 1 from a header of version 1", async () => {
    const ofContainer = vectors.find((vector) => vector.what === "v1 container superblock");
    const ofHeader = vectors.find((vector) => vector.what === "major 1");
    expect(ofContainer && (await open(ofContainer)).found).toBe("a DWVD version 1 container");
    expect(ofHeader && (await open(ofHeader)).found).toBe("a DWVD version 1 header");
  });
});
