import { AxeBuilder } from "@axe-core/playwright";
import { expect, panelTab, test } from "../support/browser-host.ts";

test.describe("a dm-remap device in the browser", () => {
  test("opens from the welcome screen, says which copy is believed and why, and leads to its bytes", async ({ page, host }) => {
    await page.goto((await host.serve()).address);
    await page.getByText("Opening changes nothing.").waitFor();
    await page.getByRole("button", { name: /dm-remap device whose metadata copies disagree/ }).click();
    const panel = page.getByRole("group", { name: "dm-remap", exact: true });
    await expect(panel).toContainText("version_counter 13 is the largest of the 4 valid copies; copy 3 has 14 but fails");
    await expect(panelTab(page, "dm-remap")).toHaveClass(/dv-active-tab/);
    const verdicts = panel.getByRole("row", { name: /^Verdict / });
    await expect(verdicts.getByRole("cell")).toHaveText([/stale/, /stale/, /chosen/, /damaged/, /stale, oldest/, "4 of 5 copies valid"]);
    await expect(panel.getByRole("row", { name: /spare_info_crc/ })).toContainText("copy 3: computed 0x8a70fdb5");
    await panel
      .getByRole("row", { name: /^version_counter/ })
      .getByRole("button", { name: "13" })
      .click();
    await expect(page.getByRole("group", { name: "Inspector" })).toContainText("integrity.version_counter");
    await panel
      .getByRole("row", { name: /^version_counter/ })
      .getByRole("button", { name: "13" })
      .dblclick();
    await expect(page.locator(".hex-grid")).toContainText("0010 0020");
    await panelTab(page, "dm-remap").click();
    await expect(panel.getByRole("complementary", { name: "Reassembly instructions" })).toContainText(
      "0 1953525168 dm-remap-v4 /dev/sdb /dev/sdc",
    );
    await panel.getByRole("radio", { name: "Validation" }).click();
    await expect(panel.getByRole("status")).toContainText("RECOVERABLE (7)");
    expect(host.problems).toEqual([]);
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test(`has no accessibility violation, ${colorScheme}`, async ({ page, host }) => {
      await page.emulateMedia({ colorScheme });
      await page.goto((await host.serve()).address);
      await page.getByRole("button", { name: /dm-remap device whose metadata copies disagree/ }).click();
      await page.locator(".remap-matrix").waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`)).toEqual([]);
    });
  }
});
