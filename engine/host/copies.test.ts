import { describe, expect, it } from "vitest";
import { type GoldenSet, goldenDevice } from "../testing/golden.ts";
import { describeCopyRows, describeCopySets } from "./copies.ts";
import { OpenVolume } from "./open-volume.ts";

async function opened<Result>(golden: string, set: GoldenSet, use: (volume: OpenVolume) => Result): Promise<Result> {
  const volume = await OpenVolume.open({ key: golden, name: golden, folder: "", device: await goldenDevice(golden, set) }, () => {});
  try {
    return use(volume);
  } finally {
    await volume.close();
  }
}

describe("the copies of an open image", () => {
  it("of a volume are its superblock group and its region tables", () =>
    opened("damaged-mirror-older", "dwvd", (volume) => {
      const sets = describeCopySets(volume);
      expect(sets.map(({ id }) => id)).toEqual(["superblock", "region-tables", "extended-metadata", "integrity-anchor"]);
      const { rows, total } = describeCopyRows(volume, { id: "superblock", start: 0, count: 500, differing: true });
      expect([rows.length, total]).toEqual([sets[0]?.differing, sets[0]?.differing]);
      const page = describeCopyRows(volume, { id: "region-tables", start: 10, count: 5 });
      expect([page.rows.length, page.total]).toEqual([5, sets[1]?.rowCount]);
      expect(() => describeCopyRows(volume, { id: "x", start: 0, count: 1 })).toThrowError(
        expect.objectContaining({ code: "REQUEST_INVALID" }),
      );
    }));
  it("of dm-remap metadata are its five places", () =>
    opened("dmrm-d-version-conflict", "dm-remap", (volume) => {
      const [set] = describeCopySets(volume);
      expect(set?.copies).toHaveLength(5);
      expect(set?.copies.filter(({ believed }) => believed)).toHaveLength(1);
      const { rows } = describeCopyRows(volume, { id: set?.id ?? "", start: 0, count: 1 });
      expect(rows[0]).toMatchObject({ differs: true, cells: { length: 5 } });
    }));
});
