import type { RemapReading } from "../remap/device.ts";
import type { ComparedCopy, Comparison } from "./compare-copies.ts";

const states = { read: "damaged", blank: "blank", cut: "missing", missing: "missing", unread: "missing" } as const;

/** The copies of one dm-remap structure, with the one that its reader takes. dm-remap reference 4.3, 5.4, 6, 7.2. */
export function remapComparison({ format, copies, choice, layout }: RemapReading): Comparison {
  return {
    id: format,
    title: `${format} copies`,
    reference: "dm-remap reference 4 to 7",
    reason: choice.reason,
    copies: copies.map(
      (copy): ComparedCopy => ({
        name: `Copy ${copy.index}, sector ${copy.sector}`,
        start: copy.byteOffset,
        end: copy.byteOffset + BigInt(layout.structBytes),
        state: copy.valid ? "holds" : states[copy.state],
        verdict: copy.valid ? "valid" : (copy.verdict.fault ?? "not valid"),
        believed: copy.index === choice.index,
        bytes: copy.bytes,
        rows: copy.rows,
      }),
    ),
  };
}
