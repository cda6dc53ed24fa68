import { describe, expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import { isEngineError } from "../errors/engine-error.ts";

/** A device under test and what it holds; `dispose` gives back what was made for it. */
export interface DeviceUnderTest {
  device: BlockDevice;
  content: Uint8Array;
  dispose?: () => Promise<void> | void;
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (isEngineError(error) ? error.code : String(error)),
  );

/** What every adapter of the BlockDevice port must do. `make` gives a fresh device of at least 8192 bytes each time. */
export function describeBlockDevice(name: string, make: () => Promise<DeviceUnderTest>): void {
  const using = (act: (under: DeviceUnderTest) => Promise<void>) => async () => {
    const under = await make();
    try {
      await act(under);
    } finally {
      await under.device.close();
      await under.dispose?.();
    }
  };
  describe(`${name} as a block device`, () => {
    it(
      "knows its length",
      using(async ({ device, content }) => expect(device.byteLength).toBe(BigInt(content.length))),
    );
    it(
      "reads any range as it is stored",
      using(async ({ device, content }) => {
        for (const [start, length] of [
          [0, 1],
          [0, 4096],
          [1, 511],
          [4095, 2],
          [4096, 4096],
          [content.length - 7, 7],
          [100, 0],
        ] as const) {
          const into = new Uint8Array(length).fill(0xaa);
          expect(await device.read(BigInt(start), into)).toBe(length);
          expect(into).toEqual(content.slice(start, start + length));
        }
      }),
    );
    it(
      "reads fewer bytes only at its end, and none past it",
      using(async ({ device, content }) => {
        const into = new Uint8Array(16).fill(0xaa);
        expect(await device.read(BigInt(content.length - 5), into)).toBe(5);
        expect(into.subarray(0, 5)).toEqual(content.slice(-5));
        expect(into.subarray(5)).toEqual(new Uint8Array(11).fill(0xaa));
        expect(await device.read(BigInt(content.length), into)).toBe(0);
        expect(await device.read(2n ** 50n, into)).toBe(0);
      }),
    );
    it(
      "serves reads side by side",
      using(async ({ device, content }) => {
        const runs = await Promise.all(
          Array.from({ length: 32 }, async (_, index) => {
            const into = new Uint8Array(128);
            await device.read(BigInt(index * 200), into);
            return into;
          }),
        );
        for (const [index, run] of runs.entries()) expect(run).toEqual(content.slice(index * 200, index * 200 + 128));
      }),
    );
    it(
      "stops before reading when cancelled",
      using(async ({ device }) => {
        await expect(device.read(0n, new Uint8Array(1), AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
      }),
    );
    it(
      "names its stored runs and holes in order and without gaps, and holes read as zeros",
      using(async ({ device, content }) => {
        for (const [start, end] of [
          [0n, device.byteLength],
          [17n, 5000n],
          [100n, 2n ** 50n],
        ] as [bigint, bigint][]) {
          let at = start;
          for await (const extent of device.extents(start, end)) {
            expect(extent.start).toBe(at);
            expect(extent.end).toBeGreaterThan(at);
            if (extent.hole) expect(content.slice(Number(extent.start), Number(extent.end)).every((byte) => byte === 0)).toBe(true);
            at = extent.end;
          }
          expect(at).toBe(end < device.byteLength ? end : device.byteLength);
        }
      }),
    );
    it(
      "identifies its source with its present length",
      using(async ({ device, content }) => expect((await device.identify()).byteLength).toBe(BigInt(content.length))),
    );
    it(
      "refuses everything once closed, and closes twice",
      using(async ({ device }) => {
        await device.close();
        await device.close();
        expect(await codeOf(device.read(0n, new Uint8Array(1)))).toBe("DEVICE_CLOSED");
        expect(await codeOf(device.identify())).toBe("DEVICE_CLOSED");
        expect(await codeOf(device.sync())).toBe("DEVICE_CLOSED");
      }),
    );
    it(
      "writes what is then read, or refuses to write at all",
      using(async ({ device, content }) => {
        const bytes = Uint8Array.from({ length: 600 }, (_, index) => index + 1);
        if (!device.writable) {
          expect(await codeOf(device.write(0n, bytes))).toBe("DEVICE_READ_ONLY");
          expect(await codeOf(device.resize(1n))).toBe("DEVICE_READ_ONLY");
        } else {
          await device.write(3900n, bytes);
          await device.sync();
          const expected = content.slice();
          expected.set(bytes, 3900);
          const whole = new Uint8Array(content.length);
          await device.read(0n, whole);
          expect(whole).toEqual(expected);
          expect(await codeOf(device.write(device.byteLength - 1n, bytes))).toBe("DEVICE_OUT_OF_RANGE");
        }
        expect(device.byteLength).toBe(BigInt(content.length));
      }),
    );
  });
}
