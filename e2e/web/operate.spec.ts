import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { type RaidContent, raidCodec } from "../../engine/format/regions/index.ts";
import { expect, openPage, panelTab, test } from "../support/browser-host.ts";

const blockBytes = 4096;
const raidStart = 1167;

/** The RAID metadata of the showcase volume. */
function readRaid(path: string): RaidContent {
  const image = readFileSync(path);
  const block = (index: number) => image.subarray((raidStart + index) * blockBytes, (raidStart + index + 1) * blockBytes);
  const { content } = raidCodec.read({ blockBytes, blockCount: 64, startBlock: BigInt(raidStart), block });
  if (!content) throw new Error("the volume has no RAID metadata");
  return content;
}

/** Moves the rebuild on as a writer would: both blocks sealed anew. */
async function moveRebuild(path: string, content: RaidContent, blocks: bigint, seconds: bigint): Promise<void> {
  const rebuilds = content.rebuilds.map((rebuild) => ({
    ...rebuild,
    completedBlocks: rebuild.completedBlocks + blocks,
    lastUpdateUtcTicks: rebuild.lastUpdateUtcTicks + seconds * 10_000_000n,
  }));
  const file = await open(path, "r+");
  for (const [index, block] of raidCodec.write({ ...content, rebuilds }, blockBytes).entries())
    await file.write(block, 0, blockBytes, (raidStart + index) * blockBytes);
  await file.close();
}

test.describe("snapshots, replication and RAID", () => {
  test("a snapshot leads to its bytes, its parent and its inode table", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("populated-showcase", "atlas.dwvd"))).address);
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await expect(page.getByText("11 snapshots · 1 tombstone · depth 10")).toBeVisible();
    const tree = page.getByRole("grid", { name: /^Snapshot tree/ });
    const row = tree.getByRole("row", { name: /experiment: fahrenheit/ });
    await expect(row).toContainText("4.00 KiB");
    await expect(row).toContainText("verified");
    await row.click();
    const details = page.getByRole("region", { name: "Snapshot experiment: fahrenheit" });
    await expect(details).toContainText("1a1da8c6-413b-7327-ec39-c673d46040d4");
    await details.getByRole("button", { name: "1e2efb05" }).click();
    await expect(page.getByRole("region", { name: "Snapshot nightly 2026-03-04" })).toBeVisible();
    await page.getByRole("region", { name: "Snapshot nightly 2026-03-04" }).getByRole("button", { name: "1\u2009448" }).click();
    await expect(page.locator(".crumb-rest")).toContainText("1\u2009448");
    await expect(page.getByText(/You are here/)).toBeVisible();
    await expect(page.getByText(/no snapshot carries flag 0x0100/)).toBeVisible();
    expect(host.problems).toEqual([]);
  });

  test("the snapshot tree is walked by keys and keeps tombstones, missing parents and cycles", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("filled-snap-odd-ids", "odd.dwvd"))).address);
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await expect(page.getByText("4 snapshots · 1 tombstone · depth 2 · 1 missing parent · 2 cycles")).toBeVisible();
    await expect(page.getByText(/The sizes of 4 snapshots are not known: its inode table lies outside the volume/)).toBeVisible();
    await page.getByRole("grid", { name: /^Snapshot tree/ }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("region", { name: "Snapshot own parent" })).toBeVisible();
    await page.keyboard.press("End");
    await expect(page.getByRole("region", { name: "Snapshot empty id" })).toContainText("Deleted");
    expect(host.problems).toEqual([]);
  });

  test("replication says who is behind, what the bitmap covers and what a delta would carry", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("populated-showcase", "atlas.dwvd"))).address);
    await page.getByRole("treeitem", { name: /ReplicationState/ }).dblclick();
    await expect(page.getByRole("row", { name: /7d4354e9…13f7.*18.177.*53.*39.*3.*7.*Failed/ })).toBeVisible();
    await expect(page.getByText("The bitmap covers 625 of 625 data blocks.")).toBeVisible();
    await expect(page.getByText("7 blocks + 1 × 36 B + 26 B")).toBeVisible();
    await page.getByRole("img", { name: /Dirty blocks: 7 blocks in 1 run/ }).focus();
    await page.keyboard.press("ArrowRight");
    await expect(page.locator(".crumb-rest")).toContainText("1\u2009469");
    await page.getByRole("row", { name: /7d4354e9…13f7/ }).click();
    await expect(page.getByRole("row", { name: /7d4354e9…13f7/ })).toHaveAttribute("aria-selected", "true");
    expect(host.problems).toEqual([]);
  });

  test("a watermark that matches no vector is paired with a question mark", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("filled-repl-anonymous-slots", "odd.dwvd"))).address);
    await page.getByRole("treeitem", { name: /ReplicationState/ }).dblclick();
    await expect(page.getByRole("row", { name: /9d3ec16a…7c5d.*\? no vector/ })).toBeVisible();
    expect(host.problems).toEqual([]);
  });

  test("RAID draws stripes with their parity and follows a rebuild while the file changes", async ({ page, host }) => {
    const path = await host.volume("populated-showcase", "vault.dwvd");
    await openPage(page, (await host.serve(path)).address);
    await page.getByRole("treeitem", { name: /RAIDMetadata/ }).dblclick();
    const stripes = page.getByRole("grid", { name: "Raid6: 9 shards, 8 stripe groups" });
    await stripes.getByRole("gridcell", { name: "P: group 0, shard 7, parity P (Xor), Online" }).click();
    await expect(page.locator(".crumb-rest")).toContainText("12 bytes");
    await page.keyboard.press("ArrowLeft");
    await expect(stripes.getByRole("gridcell", { name: "Q: group 0, shard 6, parity Q (ReedSolomon), Online" })).toBeFocused();
    await expect(page.getByText("Stalled for 1 min")).toBeVisible();
    const content = readRaid(path);
    await moveRebuild(path, content, 20_000n, 4n);
    await expect(page.getByText("464\u2009000 of 1\u2009200\u2009000 blocks").first()).toBeVisible({ timeout: 15_000 });
    await moveRebuild(path, content, 60_000n, 8n);
    await expect(page.getByText("504\u2009000 of 1\u2009200\u2009000 blocks").first()).toBeVisible({ timeout: 15_000 });
    await expect(page.getByRole("img", { name: /^Speed over the last/ })).toBeVisible();
    await expect(page.getByText("39.1 MiB/s", { exact: true })).toBeVisible();
    await expect(page.getByText(/Stalled/)).toHaveCount(0);
    expect(host.problems).toEqual([]);
  });

  test("each panel says what an empty and a missing region is", async ({ page, host }) => {
    await openPage(page, (await host.serve(await host.volume("created-only-raid", "empty.dwvd"))).address);
    await page.getByRole("radio", { name: "Operate" }).click();
    await panelTab(page, "RAID").click();
    await expect(page.getByText("Made, and never filled: the first block is sealed and empty.")).toBeVisible();
    await panelTab(page, "Replication").click();
    await expect(page.getByText("This volume has no replication state.")).toBeVisible();
    await panelTab(page, "Snapshots").click();
    await expect(page.getByText("This volume has no snapshot table.")).toBeVisible();
    expect(host.problems).toEqual([]);
  });

  for (const [golden, colorScheme, panels] of [
    ["populated-showcase", "dark", ["Snapshots", "Replication", "RAID"]],
    ["populated-showcase", "light", ["Snapshots", "Replication", "RAID"]],
    ["filled-snap-odd-ids", "dark", ["Snapshots"]],
    ["filled-repl-anonymous-slots", "light", ["Replication"]],
    ["filled-raid-quorum-lost", "light", ["RAID"]],
  ] as const)
    test(`has no accessibility violation on ${golden}, ${colorScheme}`, async ({ page, host }) => {
      await page.emulateMedia({ colorScheme });
      await openPage(page, (await host.serve(await host.volume(golden, "volume.dwvd"))).address);
      await page.getByRole("radio", { name: "Operate" }).click();
      const found: string[] = [];
      for (const name of panels) {
        await panelTab(page, name).click();
        const panel = `.panel-${name.toLowerCase()}`;
        await page.locator(`${panel} h2`).waitFor();
        const { violations } = await new AxeBuilder({ page }).include(panel).analyze();
        for (const { id, nodes } of violations)
          found.push(
            `${name}: ${id}: ${nodes
              .slice(0, 4)
              .map(({ target }) => target.join(" "))
              .join(", ")}`,
          );
      }
      expect(found).toEqual([]);
    });
});
