import { DialogBody } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { RuleInfo } from "../../../engine/contract/index.ts";
import { listRules } from "../../store/session.ts";
import { Glyph } from "../../ui/glyphs.tsx";

/** Every rule that a volume is held against: what holds in a sound volume, and where the reference says so. */
export function RulesDialog() {
  const [rules, setRules] = useState<readonly RuleInfo[]>([]);
  const [filter, setFilter] = useState("");
  useEffect(() => {
    void listRules().then((found) => found && setRules(found));
  }, []);
  const shown = rules.filter((rule) => `${rule.id} ${rule.states} ${rule.reference}`.toLowerCase().includes(filter.toLowerCase()));
  return (
    <DialogBody>
      <p className="chooser-path">
        <input placeholder="Filter" aria-label="Filter rules" value={filter} onChange={(event) => setFilter(event.target.value)} />{" "}
        {shown.length} of {rules.length} rules
      </p>
      <ul className="rules" tabIndex={0} aria-label="Rules">
        {shown.map((rule) => (
          <li key={rule.id}>
            <Glyph state={rule.severity} label />
            <b className="mono">{rule.id}</b>
            <span>{rule.states}</span>
            <span className="tree-detail">{rule.reference}</span>
          </li>
        ))}
      </ul>
    </DialogBody>
  );
}
