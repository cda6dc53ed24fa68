import { test } from "../support/desktop-host.ts";
import { securityChecks } from "./security-checks.ts";

test.describe("the built desktop application", () => {
  for (const { name, run } of securityChecks) test(name, async ({ desktop }) => run(await desktop.launch()));
});
