import { resolve } from "node:path";
import { withVolume } from "../../host/changes.ts";
import { allRules, checkVolume } from "../../host/engine.ts";
import { planOperation } from "../../host/operations.ts";
import { parseCommand, textOption, UsageError } from "../arguments.ts";
import { changedImageOf } from "../image.ts";
import { carryOut, changeHelp, changeOptions, planOptionsOf, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";

const risks = ["safe", "advisory", "dangerous"];

export const repairCommand: Command = {
  name: "repair",
  usage: "repair IMAGE",
  does: "mend what has one right answer",
  help: `blockscope repair IMAGE [--rule ID]… [--risk safe|advisory|dangerous] [--yes | --plan] [--json]
blockscope repair IMAGE --from OTHER [--rule ID]… [--risk RISK] [--yes | --plan] [--json]

Mends every finding that has one right answer: blocks that the SDK left unsealed, mirrors that are behind, stale hashes, padding claims, overlapping
regions, counters, the bitmap. The result is checked before anything is written; no repair may leave a new finding. Recover a pending transaction first.
Ends with 1 where a finding of severity error is left, which the warnings name.

With --from, good blocks are copied over bad ones from another image of the same volume, each with a verdict on both; with --rule or --risk too, repairs
follow on what the copies leave, in the same plan. A block whose stored hash proves what it held needs no other image: it is brought back by itself.

A superblock, or region tables, of which no copy holds are found again with --risk dangerous: by a stored hash, in the log, in a recovery footer, or
from the manifest where the blocks' own tags bear it out. The plan says from where; where nothing tells what was there, nothing is changed.

  --rule ID         only findings of this rule; may be given several times
  --risk RISK       the most that may be risked: safe (default), advisory or dangerous. The plan names the worst loss
  --from OTHER      another image of the same volume; only read
${changeHelp}

Example: blockscope repair disk.dwvd --risk advisory --yes
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      { ...changeOptions, rule: { type: "string", multiple: true }, risk: { type: "string" }, from: { type: "string" } },
      { least: 1, most: 1, names: "IMAGE" },
    );
    const [path = ""] = positionals;
    const rules = Array.isArray(values.rule) ? values.rule.map(String) : [];
    const unknown = rules.find((id) => !allRules().some((rule) => rule.id === id));
    if (unknown !== undefined) throw new UsageError(`there is no rule ${JSON.stringify(unknown)}; \`blockscope check --list\` names them`);
    const risk = textOption(values, "risk") ?? "safe";
    if (!risks.includes(risk)) throw new UsageError(`--risk takes ${risks.join(", ")}, not ${JSON.stringify(risk)}`);
    const from = textOption(values, "from");
    const isBoth = rules.length > 0 || values.risk !== undefined;
    const [operation, inputs] =
      from === undefined ? ["repair", { risk, rules }] : ["repair-from", { from: resolve(from), ...(isBoth && { risk, rules }) }];
    const options = await planOptionsOf(values, signal);
    const plan = await withVolume(changedImageOf(path, values), (volume) => planOperation(volume, operation as string, inputs, options));
    const isShown = values.plan === true || (values.yes !== true && !process.stdin.isTTY);
    if (plan.steps.length > 0) await carryOut(path, plan, values, signal);
    else if (isShown || values.json !== true) await carryOut(path, plan, { ...values, plan: true }, signal);
    else {
      const { operation, sentences, warnings } = plan;
      const done = { schema: "blockscope.applied/1", operation, blocksWritten: 0, verified: true, summary: sentences.join(" "), warnings };
      terminalOf(values).document(done);
    }
    if (isShown) return 0;
    const left = await withVolume(changedImageOf(path, values), (volume) => checkVolume(volume, { signal }));
    return left.some(({ severity }) => severity === "error") ? 1 : 0;
  },
};
