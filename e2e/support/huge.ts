import { open } from "node:fs/promises";
import { hugeTables } from "../../engine/testing/huge-tables.ts";

const chunkBytes = 1_048_576;

/** Writes a volume whose snapshot table, audit log and tag index hold so many records each to a path; what is zero stays a hole. Gives the path. */
export async function writeHugeTables(path: string, count: number): Promise<string> {
  const device = await hugeTables(count);
  const file = await open(path, "wx");
  try {
    await file.truncate(Number(device.byteLength));
    for await (const { start, end, hole } of device.extents(0n, device.byteLength)) {
      for (let at = start; !hole && at < end; at += BigInt(chunkBytes)) {
        const chunk = new Uint8Array(Number(end - at < BigInt(chunkBytes) ? end - at : BigInt(chunkBytes)));
        await device.read(at, chunk);
        await file.write(chunk, 0, chunk.length, Number(at));
      }
    }
  } finally {
    await file.close();
  }
  return path;
}
