import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { newMessagePortRpcSession, newWebSocketRpcSession } from "capnweb";
import { WebSocket } from "ws";
import type { SessionApi } from "../../contract/index.ts";
import { openFileDevice } from "../../device/index.ts";
import { HostSession, HostState } from "../../host/index.ts";
import { serveInterface } from "../../web/serve.ts";
import { type Figure, median, ratio } from "./measure.ts";

const calls = 500;
const runBytes = 1_048_576;
const golden = fileURLToPath(new URL("../golden/dwvd/created-standard-4k.dwvd.gz", import.meta.url));

/** Calls and bytes over both wires, against the same reads from the device in the same process. */
export async function wireFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "blockscope-bench-"));
  const path = join(folder, "volume.dwvd");
  await pipeline(createReadStream(golden), createGunzip(), createWriteStream(path));
  const device = await openFileDevice(path);
  const buffer = new Uint8Array(runBytes);
  const native = await median(21, () => device.read(0n, buffer));
  await device.close();

  const served = await serveInterface({ image: path, root: folder, port: 0, dataFolder: join(folder, "data") });
  const { origin, hash } = new URL(served.address);
  const key = await (
    await fetch(`${origin}/key`, { method: "POST", body: new URLSearchParams(hash.slice(1)).get("token") ?? "", headers: { origin } })
  ).text();
  const socket = new WebSocket(`${origin.replace("http", "ws")}/rpc`, `blockscope.key.${key}`, { headers: { origin } });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const overSocket = newWebSocketRpcSession<never>(socket as unknown as globalThis.WebSocket) as unknown as SessionApi;

  const state = new HostState({ kind: "desktop", version: "bench", root: folder, dataFolder: join(folder, "data") });
  const { port1, port2 } = new MessageChannel();
  newMessagePortRpcSession(port1 as never, new HostSession(state));
  const overPort = newMessagePortRpcSession<never>(port2 as never) as unknown as SessionApi;
  try {
    const figures: Figure[] = [];
    for (const [wire, session] of [
      ["socket", overSocket],
      ["port", overPort],
    ] as const) {
      const volume = await session.open({ kind: "folder", path: "volume.dwvd" });
      const many = await median(5, async () => {
        for (let call = 0; call < calls; call++) await volume.id();
      });
      const run = await median(11, () => volume.bytes(0n, runBytes));
      figures.push({
        name: `${wire}: calls one after the other in the time of one 1 MiB read of the device`,
        value: (native / (many / calls)).toFixed(2),
      });
      figures.push({ name: `${wire}: 1 MiB of bytes, against the same read of the device`, value: ratio(run, native) });
    }
    return figures;
  } finally {
    port1.close();
    socket.terminate();
    await served.close();
    await state.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
