import { expect, test } from "../support/desktop-host.ts";
import { faults, plant } from "./faults.ts";
import { securityChecks } from "./security-checks.ts";

test.describe("a fault in the desktop bundles is found:", () => {
  for (const fault of faults) {
    test(fault.name, async ({ desktop }) => {
      let planted = false;
      const insert = plant(fault);
      const patch = (source: string) => {
        const faulty = insert(source);
        planted = true;
        return faulty;
      };
      const options = fault.bundle === "main" ? { patchMain: patch } : { patchPreload: patch };
      const started = desktop.launch(options);
      if (fault.foundBy instanceof RegExp) {
        await expect(started).rejects.toThrow(fault.foundBy);
      } else {
        const check = securityChecks.find(({ name }) => name === fault.foundBy);
        if (!check) throw new TypeError(`there is no check "${fault.foundBy}"`);
        await expect(check.run(await started)).rejects.toThrow();
      }
      expect(planted).toBe(true);
    });
  }
});
