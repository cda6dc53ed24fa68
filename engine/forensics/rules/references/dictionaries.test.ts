import { MemoryDevice } from "../../../device/memory-device.ts";
import { goldenBytes } from "../../../testing/golden.ts";
import { describeRules } from "../../../testing/rule-cases.ts";
import { openVolume } from "../../../volume/open.ts";
import { checkVolume } from "../../check.ts";
import { dictRules } from "../regions/dict.ts";

const golden = "filled-dict-with-data";
/** Rules on dictionaries that the image breaks once its bytes are changed. */
const found = async (change: (image: Uint8Array) => void): Promise<string[]> => {
  const image = goldenBytes(golden).slice();
  change(image);
  const findings = await checkVolume(await openVolume(new MemoryDevice(image)));
  return findings.map(({ rule }) => rule).filter((rule) => rule.startsWith("dict."));
};

describeRules("the bytes of dictionaries", {
  subjects: ["dict"],
  sound: () => found(() => undefined),
  cases: [{ rule: "dict.content-differs", found: () => found((image) => image.set([(image[1169 * 4096] ?? 0) ^ 1], 1169 * 4096)) }],
  elsewhere: Object.fromEntries(Object.keys(dictRules).map((rule) => [rule, "engine/forensics/rules/regions/dict.test.ts"])),
});
