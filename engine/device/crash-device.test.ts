import { describe, expect, it } from "vitest";
import { crashedDevice, crashStates, type DeviceEvent, RecordingDevice } from "./crash-device.ts";
import { MemoryDevice } from "./memory-device.ts";

const write = (start: number, ...bytes: number[]): DeviceEvent => ({ kind: "write", start: BigInt(start), bytes: Uint8Array.from(bytes) });
const labels = (events: DeviceEvent[], most = 1000) => [...crashStates(events, { most, seed: 1 })].map(({ label }) => label);

describe("power loss", () => {
  it("keeps what was synced and loses or keeps each write behind it", () => {
    expect(labels([write(0, 1), { kind: "sync" }, write(1, 2), write(2, 3)])).toEqual([
      "0:-",
      "0:+",
      "1:- -",
      "1:+ -",
      "1:- +",
      "1:+ +",
      "2:",
    ]);
  });
  it("tears writes at every 512-byte border of the device", () => {
    const long: DeviceEvent = { kind: "write", start: 500n, bytes: new Uint8Array(1100) };
    expect(labels([long])).toEqual(["0:-", "0:+", "1:", "0:12", "0:524", "0:1036"]);
  });
  it("draws combinations by its seed where there are too many, and no state twice", () => {
    const events = Array.from({ length: 20 }, (_, index) => write(index * 4096, index));
    const drawn = labels(events, 400);
    expect(new Set(drawn).size).toBe(400);
    expect(labels(events, 400)).toEqual(drawn);
  });
  it("leaves a device that holds the kept writes alone", async () => {
    const below = new MemoryDevice(new Uint8Array(4096));
    const recorder = new RecordingDevice(below);
    await recorder.write(10n, Uint8Array.of(1));
    await recorder.sync();
    await recorder.write(20n, Uint8Array.of(2));
    const blank = new MemoryDevice(new Uint8Array(4096));
    const found: number[][] = [];
    for (const state of crashStates(recorder.events, { most: 10, seed: 1 })) {
      const bytes = new Uint8Array(32);
      await (await crashedDevice(blank, state)).read(0n, bytes);
      found.push([bytes[10] ?? 0, bytes[20] ?? 0]);
    }
    expect(found).toEqual([
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 2],
      [1, 2],
    ]);
  });
});
