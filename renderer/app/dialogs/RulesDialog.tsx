import { DialogBody, HTMLSelect } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { RuleInfo, Severity } from "../../../engine/contract/index.ts";
import { listRules } from "../../store/session.ts";
import { Glyph } from "../../ui/glyphs.tsx";

const severities: readonly { value: Severity | ""; label: string }[] = [
  { value: "", label: "All severities" },
  { value: "error", label: "Errors" },
  { value: "warning", label: "Warnings" },
  { value: "info", label: "Notes" },
];

/** Every rule that a volume is held against: what holds in a sound volume, how grave the opposite is, and where the reference says so. */
export function RulesDialog() {
  const [rules, setRules] = useState<readonly RuleInfo[]>([]);
  const [filter, setFilter] = useState("");
  const [severity, setSeverity] = useState("");
  useEffect(() => {
    void listRules().then((found) => found && setRules(found));
  }, []);
  const shown = rules.filter(
    (rule) =>
      (severity === "" || rule.severity === severity) &&
      `${rule.id} ${rule.states} ${rule.reference} ${rule.repair?.risk ?? ""} ${rule.noRepair ?? ""}`
        .toLowerCase()
        .includes(filter.toLowerCase()),
  );
  return (
    <DialogBody>
      <p className="chooser-path">
        <input placeholder="Filter" aria-label="Filter rules" value={filter} onChange={(event) => setFilter(event.target.value)} />{" "}
        <HTMLSelect
          aria-label="Severity"
          value={severity}
          options={[...severities]}
          onChange={(event) => setSeverity(event.currentTarget.value)}
        />{" "}
        <span role="status">
          {shown.length} of {rules.length} rules
        </span>
      </p>
      <ul className="rules" tabIndex={0} aria-label="Rules">
        {shown.map((rule) => (
          <li key={rule.id}>
            <Glyph state={rule.severity} label />
            <b className="mono">{rule.id}</b>
            <span>
              {rule.states}
              <span className="tree-detail">
                {rule.repair ? ` Repair: ${rule.repair.risk}.` : rule.noRepair && ` No repair: ${rule.noRepair}`}
              </span>
            </span>
            <span className="tree-detail">{rule.reference}</span>
          </li>
        ))}
      </ul>
      {rules.length > 0 && shown.length === 0 && <p className="empty">No rule matches the filter.</p>}
    </DialogBody>
  );
}
