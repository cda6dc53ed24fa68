import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "playwright/test";
import { panelTab } from "./browser-host.ts";

/** What axe finds wrong with the page, or with one part of it. */
export async function violations(page: Page, part?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations: found } = await (part === undefined ? axe : axe.include(part)).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/** The whole window as it is, then each of its panels by itself. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  for (const name of ["Overview", "Map", "Layout", "Hex", "Findings", "Tasks"]) {
    await panelTab(page, name).click();
    await expect(panelTab(page, name)).toHaveClass(/dv-active-tab/);
    const panel = page.locator(`[data-pane="${name.toLowerCase()}"]`);
    await expect(panel).toBeVisible();
    await expect(panel.locator(".is-loading, progress")).toHaveCount(0);
    expect(await violations(page, `[data-pane="${name.toLowerCase()}"]`), name).toEqual([]);
  }
}
