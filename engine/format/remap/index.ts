export * from "./dmr4.ts";
export * from "./dmrm.ts";
export * from "./fields.ts";
export * from "./setup.ts";
