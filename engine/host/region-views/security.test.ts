import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { goldenDevice } from "../../testing/golden.ts";
import { OpenVolume } from "../open-volume.ts";

async function opened<Result>(golden: string, use: (volume: OpenVolume, slotOf: (kind: string) => number) => Promise<Result>) {
  const volume = await OpenVolume.open({ key: golden, name: golden, folder: "", device: await goldenDevice(golden) }, () => {});
  try {
    return await use(volume, (kind) => volume.volume.findRegion(kind)?.slot ?? -1);
  } finally {
    await volume.close();
  }
}

describe("the view of the encryption header", () => {
  it("names algorithms, states and reasons, and shows no key byte that was not asked for", () =>
    opened("filled-polv-encr-typical", async ({ contents }, slotOf) => {
      const slot = slotOf("ENCR");
      const view = await contents.view(slot);
      const [slots, rotations] = view.tables;
      const columns = slots?.columns ?? [];
      const cellsOf = async (reveal: boolean) =>
        (await contents.rows({ slot, table: "slots", start: 0, count: 1, reveal })).rows[0]?.cells ?? [];
      const hidden = await cellsOf(false);
      expect(hidden[columns.findIndex(({ id }) => id === "algorithm")]).toMatch(/AES-256-GCM|ChaCha20-Poly1305/);
      const secret = columns.flatMap(({ kind }, index) => (kind === "secret" ? [index] : []));
      expect(secret).toHaveLength(2);
      expect(secret.map((index) => hidden[index])).toEqual(["", ""]);
      const shown = await cellsOf(true);
      expect(secret.map((index) => `${shown[index]}`.length)).toEqual([128, 64]);
      expect(inspect([view.facts, view.pictures], { depth: 9 })).not.toContain(`${shown[secret[0] ?? 0]}`.slice(0, 32));
      expect(rotations?.id).toBe("rotationLog");
      expect(view.pictures).toMatchObject([{ type: "cells", cells: expect.objectContaining({ length: 63 }) }]);
    }));
});

describe("the view of the policy vault", () => {
  it("says what a policy means and that a seal without its key is not verified", () =>
    opened("filled-polv-encr-typical", async ({ contents }, slotOf) => {
      const slot = slotOf("POLV");
      const view = await contents.view(slot);
      expect(view.facts.find(({ label }) => label === "Vault seal")?.value).toMatch(/not verified/);
      const { rows } = await contents.rows({ slot, table: "policies", start: 0, count: 10 });
      expect(rows.length).toBeGreaterThan(0);
      for (const { range } of rows) expect(range && range.end - range.start >= 40n).toBe(true);
    }));
});
