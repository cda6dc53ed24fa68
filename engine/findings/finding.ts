import type { Json } from "../base/json.ts";

export type Severity = "error" | "warning" | "info";
export type Confidence = "certain" | "likely" | "possible";
export type RepairRisk = "safe" | "advisory" | "dangerous";

/** What mends a finding, how much is risked, and the worst that can be lost where that is more than undo brings back. */
export interface FindingRepair {
  id: string;
  risk: RepairRisk;
  loses?: string;
}

/** Where a finding is. Blocks and bytes are absolute; `region` is the tag, `slot` its slot in the directory. */
export interface FindingPlace {
  region?: string | undefined;
  slot?: number | undefined;
  block?: bigint | undefined;
  /** 1 where it is missing. */
  blockCount?: bigint | undefined;
  byteOffset?: bigint | undefined;
  byteLength?: number | undefined;
}

/** One thing that is wrong, or worth knowing, with what proves it. */
export interface Finding extends FindingPlace {
  /** Stable, lower-case: the subject, a dot, hyphenated words. */
  rule: string;
  severity: Severity;
  confidence: Confidence;
  title: string;
  explanation: string;
  evidence: { readonly [name: string]: Json | bigint };
  /** Section of the format references, or a convention. */
  reference?: string | undefined;
  repair?: FindingRepair | undefined;
}
