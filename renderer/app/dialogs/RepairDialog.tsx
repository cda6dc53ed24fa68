import { Checkbox } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import type { Finding } from "../../../engine/contract/index.ts";
import { forgetRepair, isRecovery, useRepairRequest } from "../../store/repair.ts";
import { activeVolume, useSession } from "../../store/session.ts";
import { selectVolumeData, useVolumeData } from "../../store/volume-data.ts";
import { formatNoun, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { ChangeForm } from "./ChangeForm.tsx";

type Risk = NonNullable<Finding["repair"]>["risk"];
const groups: readonly { risk: Risk; title: string; says: string }[] = [
  { risk: "safe", title: "Safe", says: "Nothing can be lost." },
  { risk: "advisory", title: "Advisory", says: "One right answer, worth a look: undo brings back what is changed." },
  { risk: "dangerous", title: "Dangerous", says: "Something may be lost for good. Nothing here is ticked for you." },
];

/** What breaks one rule and can be mended, with the highest risk of any of it. */
interface Mendable {
  rule: string;
  risk: Risk;
  first: Finding;
  count: number;
}

function mendable(findings: readonly Finding[]): Mendable[] {
  const rules = new Map<string, Mendable>();
  const rank = (risk: Risk) => groups.findIndex((group) => group.risk === risk);
  for (const finding of findings) {
    const { rule, repair } = finding;
    if (!repair || isRecovery(repair.id)) continue;
    const known = rules.get(rule);
    if (!known) rules.set(rule, { rule, risk: repair.risk, first: finding, count: 1 });
    else Object.assign(known, { count: known.count + 1, ...(rank(repair.risk) > rank(known.risk) && { risk: repair.risk }) });
  }
  return [...rules.values()];
}

/** What would be mended, rule by rule and by risk; what is lost is said beside it. The plan that follows says the rest. */
export function RepairDialog() {
  const volume = useSession(activeVolume);
  const findings = useVolumeData((state) => selectVolumeData(volume?.id)(state)?.findings);
  const wanted = useRepairRequest((state) => state.rule);
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  useEffect(() => forgetRepair, []);
  const rows = mendable(findings ?? []);
  const isTicked = ({ rule, risk }: Mendable): boolean =>
    chosen.get(rule) ?? (wanted === undefined ? risk === "safe" : rule === wanted && risk !== "dangerous");
  const ticked = rows.filter(isTicked);
  const risk = groups.findLast((group) => ticked.some((row) => row.risk === group.risk))?.risk ?? "safe";
  const left = (findings ?? []).filter(({ repair, severity }) => !repair && severity !== "info").length;
  const problem = rows.length === 0 ? "There is nothing to mend." : ticked.length === 0 ? "Tick what is to be mended." : undefined;
  return (
    <ChangeForm
      operation="repair"
      heading="What is mended"
      inputs={() => ({ risk, rules: ticked.map(({ rule }) => rule) })}
      problem={problem}
    >
      {groups.map(({ risk: of, title, says }) => {
        const listed = rows.filter((row) => row.risk === of);
        if (listed.length === 0) return null;
        return (
          <fieldset key={of} className="repairs">
            <legend>{title}</legend>
            <p className="weak">{says}</p>
            {listed.map((row) => (
              <Checkbox
                key={row.rule}
                checked={isTicked(row)}
                onChange={(event) => setChosen(new Map(chosen).set(row.rule, event.currentTarget.checked))}
              >
                <RepairWords {...row} />
              </Checkbox>
            ))}
          </fieldset>
        );
      })}
      {left > 0 && (
        <p className="weak">
          {formatNoun(left, "finding")} cannot be mended here; Help › Rules says why. Good blocks can come from another image: blockscope
          repair --from.
        </p>
      )}
    </ChangeForm>
  );
}

function RepairWords({ first, count }: Mendable) {
  return (
    <span className="repair">
      <Glyph state={first.severity} label />
      <span>
        {visible(first.title)}
        {count > 1 && `, and ${count - 1} more`}
        {first.repair?.loses && <span className="repair-loss">You may lose {first.repair.loses}.</span>}
      </span>
      <span className="mono weak">{first.rule}</span>
    </span>
  );
}
