import { expect, it } from "vitest";
import type { BlockDevice } from "../device/block-device.ts";
import { OverlayDevice } from "../device/overlay-device.ts";
import { isEngineError } from "../errors/engine-error.ts";
import { recoverVolume } from "../operations/recover.ts";
import { openVolume } from "../volume/open.ts";
import { everyCrash, wholeStates } from "./every-crash.ts";
import { type FaultKind, FaultyDevice } from "./faulty-device.ts";

/** An operation under test: `before` is a device that is never written, `act` plans and applies on a layer over it. */
export interface OperationUnderTest {
  before: () => Promise<BlockDevice>;
  act: (device: BlockDevice) => Promise<void>;
  /** Whole states that an operation of several steps may stop at, in order. */
  between?: () => Promise<BlockDevice[]>;
  mostStates?: number;
}

const limitMs = 300_000;
const faultKinds: readonly FaultKind[] = ["read", "write", "short-write", "sync"];

/** What every operation must keep: whole or not at all wherever power fails, and nothing lost whichever call fails. */
export function describeOperationSafety({ before, act, between, mostStates = 10_000 }: OperationUnderTest): void {
  it(
    "happens whole or not at all, wherever the power fails",
    async () => {
      const result = await everyCrash(await before(), act, { most: mostStates, between: (await between?.()) ?? [] });
      expect(result.violations.slice(0, 3)).toEqual([]);
      expect(result.states).toBeGreaterThan(100);
      expect([result.old > 0, result.new > 0]).toEqual([true, true]);
    },
    limitMs,
  );
  it(
    "loses nothing when a read, write or sync fails, once or from then on",
    async () => {
      const start = await before();
      const after = new OverlayDevice(start);
      await act(after);
      const allowed = await wholeStates([start, ...((await between?.()) ?? []), after]);
      /** Gives how many calls of the kind there were. */
      const failAt = async (kind: FaultKind, nth: number, forever: boolean): Promise<number> => {
        const medium = new OverlayDevice(start);
        const faulty = new FaultyDevice(medium, { kind, nth, forever });
        const failure = await act(faulty).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure !== undefined) expect(isEngineError(failure), `${kind} ${nth}: ${String(failure)}`).toBe(true);
        // What was never written is the volume as it was.
        if (medium.heldBytes === 0 && medium.isOver(start) && medium.byteLength === start.byteLength) return faulty.calls;
        await recoverVolume(medium);
        expect((await openVolume(medium)).kind).toBe("dwvd");
        expect(await allowed.held(medium), `${kind} ${nth}${forever ? " and all behind" : ""}`).toBeDefined();
        return faulty.calls;
      };
      for (const kind of faultKinds) {
        for (let nth = 1; ; nth++) {
          const calls = await failAt(kind, nth, false);
          if (calls < nth) break;
          // Where nothing is asked for behind the call that fails, failing from then on is the same.
          if (calls > nth) await failAt(kind, nth, true);
        }
      }
    },
    limitMs,
  );
}
