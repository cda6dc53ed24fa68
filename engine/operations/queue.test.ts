import { describe, expect, it } from "vitest";
import { readUpTo } from "../device/block-device.ts";
import { OverlayDevice } from "../device/index.ts";
import { goldenDevice } from "../testing/golden.ts";
import { now, volumeDevice } from "../testing/small-volume.ts";
import { openVolume } from "../volume/open.ts";
import type { Volume } from "../volume/volume.ts";
import { addModule } from "./add-module.ts";
import { applyPlan, type Operation } from "./operation.ts";
import { planQueue, type QueuedOperation, totalsOf, whyOrderMatters } from "./queue.ts";
import { resize } from "./resize.ts";
import { setConfig } from "./set-config.ts";
import { setLabel } from "./set-label.ts";

let later = 0n;
function queued<Inputs extends object>(operation: Operation<Inputs>, inputs: Inputs): QueuedOperation {
  return { now: now + ++later, plan: (volume: Volume, at: bigint) => operation.plan(volume, inputs, { now: at }) };
}
const label = (text: string) => queued(setLabel, { label: text });
const level = (value: number) => queued(setConfig, { levels: { Security: value } });
const module = (name: string) => queued(addModule, { module: name });

describe("a queue of operations", () => {
  it("previews what applying one after the other leaves, also where the log begins anew on the way", async () => {
    const device = new OverlayDevice(await goldenDevice("created-standard-4k"));
    const labels = Array.from({ length: 14 }, (_, index) => label(`label ${index}`));
    const queue = [...labels, module("Consensus"), level(3), ...labels];
    const preview = await planQueue(await openVolume(device), queue);
    for (const [index, entry] of queue.entries()) {
      const plan = await entry.plan(await openVolume(device), entry.now);
      const outcome = preview.outcomes[index];
      expect(outcome?.state === "planned" && outcome.plan.planId).toBe(plan.planId);
      await applyPlan(device, plan);
    }
    const after = await openVolume(device);
    const log = after.findRegion("MWAL");
    for (let block = 0n; block < after.totalBlocks; block++) {
      if (log && block > log.startBlock && block < log.startBlock + log.blockCount) continue;
      const at = block * BigInt(after.blockBytes);
      const [shown, stored] = [await readUpTo(preview.after.device, at, after.blockBytes), await readUpTo(device, at, after.blockBytes)];
      if (Buffer.compare(shown, stored) !== 0) expect.fail(`block ${block} differs`);
    }
  });
  it("plans each operation on what those before it leave, and counts a block once", async () => {
    const volume = await openVolume(await volumeDevice());
    const plan = await planQueue(volume, [label("one"), label("two")]);
    expect(plan.after.superblock?.volumeLabel.text).toBe("two");
    expect(volume.superblock?.volumeLabel.text).toBe("before");
    expect(plan.outcomes[1]).toMatchObject({ state: "planned", plan: { sentences: ['Set the label from "one" to "two".'] } });
    expect(totalsOf(plan)).toMatchObject({ planned: 2, transactions: 2, changedBlocks: 10, writtenBlocks: 0n, notUndone: [] });
  });
  it("stops at what is refused: that has its error, and what stands behind waits", async () => {
    const plan = await planQueue(await openVolume(await volumeDevice()), [label("one"), module("Nonsense"), label("two")]);
    expect(plan.outcomes.map(({ state }) => state)).toEqual(["planned", "failed", "waiting"]);
    expect(plan.outcomes[1]).toMatchObject({ error: { code: "MODULE_UNKNOWN" } });
    expect(plan.after.superblock?.volumeLabel.text).toBe("one");
  });
});

describe("two neighbours of a queue", () => {
  const why = async (first: QueuedOperation, second: QueuedOperation) => {
    const volume = await openVolume(await goldenDevice("created-standard-4k"));
    expect((await planQueue(volume, [first, second])).outcomes.map(({ state }) => state)).toEqual(["planned", "planned"]);
    return whyOrderMatters(volume, first, second);
  };
  it("are independent where both orders leave the same bytes", async () => {
    expect(await why(label("one"), level(3))).toBeUndefined();
    expect(await why(module("Consensus"), label("one"))).toBeUndefined();
  });
  it("depend on each other where the last one wins", async () => {
    expect(await why(label("one"), label("two"))).toMatch(/^block \d+ \(SuperblockV2.*\) would hold something else$/);
  });
  it("depend on each other where they take the same place", async () => {
    expect(await why(module("Consensus"), module("Replication"))).toMatch(/would hold something else$/);
  });
  it("depend on each other where one is refused before the other", async () => {
    const [add, set] = [module("Consensus"), queued(setConfig, { levels: { Consensus: 2 } })];
    expect(await why(add, set)).toMatch(/^the second one needs the first one to be done: /);
  });
  it("may change places where the present order is refused anyway", async () => {
    const [add, set] = [module("Consensus"), queued(setConfig, { levels: { Consensus: 2 } })];
    expect(await whyOrderMatters(await openVolume(await goldenDevice("created-standard-4k")), set, add)).toBeUndefined();
  });
  it("depend on each other where the volume would end elsewhere", async () => {
    expect(await why(queued(resize, { blocks: 4000n }), queued(resize, { blocks: 4100n }))).toMatch(/another length|something else/);
  });
});
