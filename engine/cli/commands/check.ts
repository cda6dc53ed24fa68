import { allRules, checkImage, rulesWithRepairs, toJson } from "../../host/engine.ts";
import { parseCommand, secondsOption, textOption, UsageError } from "../arguments.ts";
import { countFindings, printFindings } from "../findings.ts";
import { imageOptions, openNamed } from "../image.ts";
import { keyOptions, keysOption } from "../keys.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

export const checkCommand: Command = {
  name: "check",
  usage: "check IMAGE",
  does: "holds the volume against all rules",
  help: `blockscope check IMAGE [--rule ID]… [--deep] [--offset BYTES] [--overlay FILE] [--vault-key FILE] [--issuer-key FILE] [--now TIME] [--json]
blockscope check --list [--json]

Holds the volume against all rules and lists what breaks them. Reads only. Ends with 1 where there is a finding of severity error.

  --rule ID          only findings of this rule; may be given several times
  --deep             also reads every block, so that unreadable ones are named
  --overlay FILE     see IMAGE through this overlay
  --vault-key FILE   key of the policy vault's seal, 32 bytes or 64 hex digits: then the seal is judged
  --issuer-key FILE  public key of the compliance passports' issuer (DER): then signatures are judged
  --now TIME         the time that dm-remap times are judged against, ISO 8601 or Unix seconds
  --list             all rules: id, severity, risk of its repair, reference, what holds in a sound volume, and why it is not repaired where it is not

Example: blockscope check disk.dwvd --rule rpt.mirror-behind
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      {
        rule: { type: "string", multiple: true },
        deep: { type: "boolean" },
        list: { type: "boolean" },
        ...imageOptions,
        ...keyOptions,
        now: { type: "string" },
      },
      { least: args.includes("--list") ? 0 : 1, most: 1, names: "IMAGE" },
    );
    const terminal = new Terminal({
      json: values.json === true,
      color: textOption(values, "color"),
      progress: textOption(values, "progress"),
    });
    if (values.list) {
      if (terminal.json) terminal.document({ schema: "blockscope.rules/1", rules: rulesWithRepairs() });
      else
        terminal.table([
          ["Rule", "Severity", "Repair", "Reference", "In a sound volume", "Why it is not repaired"],
          ...rulesWithRepairs().map(({ id, severity, repair, reference, states, noRepair }) => [
            id,
            severity,
            repair?.risk ?? "none",
            reference,
            states,
            noRepair ?? "",
          ]),
        ]);
      return 0;
    }
    const rules = Array.isArray(values.rule) ? values.rule.map(String) : undefined;
    const unknown = rules?.find((id) => !allRules().some((rule) => rule.id === id));
    if (unknown !== undefined) throw new UsageError(`there is no rule ${JSON.stringify(unknown)}; --list names them`);
    const image = await openNamed(positionals[0] ?? "", values, {
      keys: await keysOption(values),
      now: secondsOption(values, "now"),
      signal,
    });
    try {
      const findings = await checkImage(image, {
        rules,
        deep: values.deep === true,
        signal,
        onProgress: (progress) => terminal.progress(progress),
      });
      terminal.clearProgress();
      if (terminal.json)
        terminal.document({ schema: "blockscope.check/1", summary: countFindings(findings), findings: findings.map(toJson) });
      else printFindings(terminal, findings, image.remap ? "sector" : "block");
      return findings.some((finding) => finding.severity === "error") ? 1 : 0;
    } finally {
      await image.volume.sourceDevice.close();
    }
  },
};
