import * as z from "zod/mini";
import { type ByteRange, blockField, countField } from "./common.ts";
import { slotRequest } from "./region.ts";

/** How the bytes of a module of the code cache compare with its record. */
export interface ModuleVerdict {
  index: number;
  entryPoint: string;
  /** `unread`: the bytes are not all there; `text` says why. */
  hash: "matches" | "differs" | "unread";
  text: string;
  /** The module's record. */
  record?: ByteRange | undefined;
}
export interface ModulesChecked {
  matches: number;
  differs: number;
  unread: number;
  /** Those that do not match, the first so many. */
  failing: ModuleVerdict[];
  more: number;
}

/** Which module a byte of the volume belongs to: its record, or its own bytes. */
export interface ModuleHead {
  index: number;
  entryPoint: string;
  byteLength: bigint;
  record?: ByteRange | undefined;
  /** The module's bytes; missing where the record names none that the volume has. */
  range?: ByteRange | undefined;
  /** Why there is no range. */
  problem?: string | undefined;
}

/** One module held against its record, and the sections of its binary. It is read, never compiled or run. */
export interface ModuleReport extends ModuleVerdict {
  storedHash: string;
  computedHash?: string | undefined;
  /** Whether the last block is zero behind the module. */
  tail: "zero" | "in-use" | "none" | "unread";
  /** Whether the binary exports the entry point as a function. */
  entry: "exported" | "not-a-function" | "missing" | "none-named" | "unknown";
  moduleName?: string | undefined;
  functionCount: number;
  startFunction?: number | undefined;
  sections: { name: string; detail: string; range: ByteRange }[];
  imports: { module: string; name: string; kind: string; type: string }[];
  exports: { name: string; kind: string; type: string }[];
  moreSections: number;
  moreImports: number;
  moreExports: number;
  /** Where and why the binary is not well formed. */
  malformed?: { at: bigint; text: string } | undefined;
  /** Why its sections were not looked at. */
  sectionsLeftOut?: string | undefined;
}

export const moduleAtRequest = z.object({ slot: slotRequest, at: blockField });
export const moduleRequest = z.object({ slot: slotRequest, index: countField });
