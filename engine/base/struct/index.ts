export * from "./checksums.ts";
export * from "./fields.ts";
export * from "./kind.ts";
export * from "./struct.ts";
