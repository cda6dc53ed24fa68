export type { Annotation, FieldClass } from "../base/struct/kind.ts";
export type { ErrorCode, ErrorData } from "../errors/catalogue.ts";
export { explain, isErrorCode } from "../errors/engine-error.ts";
export type { Confidence, Finding, FindingPlace, RepairRisk, Severity } from "../findings/finding.ts";
export type { RuleInfo } from "../findings/registry.ts";
export * from "./common.ts";
export * from "./session.ts";
export * from "./volume.ts";
