import type { Finding } from "../contract/index.ts";
import type { Terminal } from "./terminal.ts";

const styles = { error: "red", warning: "yellow", info: "blue" } as const;

export const countFindings = (findings: readonly Finding[]) => ({
  error: findings.filter((finding) => finding.severity === "error").length,
  warning: findings.filter((finding) => finding.severity === "warning").length,
  info: findings.filter((finding) => finding.severity === "info").length,
});

/** Findings for people: severity, place, title, and below it what proves it. */
export function printFindings(terminal: Terminal, findings: readonly Finding[], noun: "block" | "sector" = "block"): void {
  for (const finding of findings) {
    const count = finding.blockCount ?? 1n;
    const place = finding.block === undefined ? "" : `${noun} ${finding.block}${count > 1n ? `–${finding.block + count - 1n}` : ""}`;
    terminal.line(
      `${terminal.style(styles[finding.severity], finding.severity.padEnd(7))}  ${terminal.safe(finding.title)}${place ? terminal.style("dim", `  ${place}`) : ""}`,
    );
    terminal.line(`         ${terminal.safe(finding.explanation)}`);
    terminal.line(
      terminal.style(
        "dim",
        `         ${finding.rule} · ${finding.confidence}${finding.reference ? ` · ${finding.reference}` : ""}${finding.repair ? ` · repair: ${finding.repair.id} (${finding.repair.risk})` : ""}`,
      ),
    );
  }
  const { error, warning, info } = countFindings(findings);
  terminal.line(`${error} errors, ${warning} warnings, ${info} notes`);
}
