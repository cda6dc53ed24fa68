import { equalBytes } from "../base/bytes.ts";
import { WasmCursor } from "./wasm-cursor.ts";

/** Bytes of the module, `end` excluded. */
export interface WasmSection {
  id: number;
  /** The standard's name for it; for a custom section its own. */
  name: string;
  start: number;
  end: number;
  /** What is in it, in words: "12 imports". */
  detail: string;
}
export type WasmExternal = "function" | "table" | "memory" | "global" | "tag";
export interface WasmImport {
  module: string;
  name: string;
  kind: WasmExternal;
  type: string;
}
export interface WasmExport {
  name: string;
  kind: WasmExternal;
  index: number;
  /** Of functions and memories, where it is known. */
  type: string;
}

/** What stands in a WASM binary. Up to `problem` everything was read; nothing behind it was. */
export interface WasmModule {
  version: number;
  sections: WasmSection[];
  imports: WasmImport[];
  exports: WasmExport[];
  /** Imports and exports that are counted and not listed. */
  moreImports: number;
  moreExports: number;
  functionCount: number;
  /** Function that runs when the module is instantiated. */
  startFunction?: number;
  moduleName?: string;
  problem?: { at: number; text: string };
}

const sectionNames: Readonly<Record<number, string>> = {
  0: "custom",
  1: "type",
  2: "import",
  3: "function",
  4: "table",
  5: "memory",
  6: "global",
  7: "export",
  8: "start",
  9: "element",
  10: "code",
  11: "data",
  12: "data count",
  13: "tag",
};
/** The order in which sections may stand; custom ones stand anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const externals: readonly WasmExternal[] = ["function", "table", "memory", "global", "tag"];
const magic = new Uint8Array([0x00, 0x61, 0x73, 0x6d]);
/** What engines take at most (WebAssembly JavaScript interface, implementation limits). */
const mostElements = 1_000_000;
const mostListed = 10_000;

interface Reading {
  found: WasmModule;
  /** Where each type begins, and the type of each function, imported ones first. */
  types: number[];
  functions: number[];
  memories: string[];
  bytes: Uint8Array;
}

/**
 * Reads the sections of a WASM binary: imports, exports, names. Nothing is compiled or run. Never throws: a binary that is not well
 * formed is told up to the byte where it ceases to be. Source: WebAssembly core specification, binary format, "Modules".
 */
export function readWasm(bytes: Uint8Array): WasmModule {
  const found: WasmModule = {
    version: 0,
    sections: [],
    imports: [],
    exports: [],
    moreImports: 0,
    moreExports: 0,
    functionCount: 0,
  };
  if (!equalBytes(bytes.subarray(0, 4), magic)) return { ...found, problem: { at: 0, text: "it does not begin with \\0asm" } };
  if (bytes.length < 8) return { ...found, problem: { at: 4, text: "it ends before its version" } };
  found.version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (found.version !== 1)
    return { ...found, problem: { at: 4, text: `version 0x${found.version.toString(16)} is not that of a core module` } };
  const reading: Reading = { found, types: [], functions: [], memories: [], bytes };
  const cursor = new WasmCursor(bytes, 8, bytes.length);
  let reached = -1;
  while (cursor.at < bytes.length && !found.problem) {
    const start = cursor.at;
    const id = cursor.byte();
    const byteLength = cursor.u32();
    const end = cursor.at + byteLength;
    const place = sectionOrder.indexOf(id);
    if (cursor.problem) found.problem = cursor.problem;
    else if (sectionNames[id] === undefined) found.problem = { at: start, text: `there is no section ${id}` };
    else if (end > bytes.length)
      found.problem = {
        at: start,
        text: `the ${sectionNames[id]} section claims ${byteLength} bytes, ${bytes.length - cursor.at} are left`,
      };
    else if (id !== 0 && place <= reached) found.problem = { at: start, text: `the ${sectionNames[id]} section stands out of order` };
    else {
      if (id !== 0) reached = place;
      readSection(reading, id, start, new WasmCursor(bytes, cursor.at, end));
      cursor.at = end;
    }
  }
  return found;
}

function readSection(reading: Reading, id: number, start: number, cursor: WasmCursor): void {
  const { found } = reading;
  const section: WasmSection = { id, name: sectionNames[id] ?? "", start, end: cursor.end, detail: "" };
  found.sections.push(section);
  if (id === 0) {
    section.name = cursor.name();
    section.detail = "custom";
    if (section.name === "name") readNames(found, cursor);
  } else if (id === 8) {
    found.startFunction = cursor.u32();
    section.detail = `function ${found.startFunction}`;
  } else {
    const count = cursor.count(mostElements);
    const [one, many] = elementWords[id] ?? ["element", "elements"];
    section.detail = `${count} ${count === 1 ? one : many}`;
    if (!cursor.problem) readElements(reading, id, count, cursor);
  }
  if (cursor.problem) found.problem = cursor.problem;
  else if (cursor.unknown) section.detail += `; ${cursor.unknown}`;
  else if (cursor.at !== cursor.end && readWhole.has(id))
    found.problem = { at: cursor.at, text: `the ${section.name} section ends ${cursor.end - cursor.at} bytes behind its content` };
}

const plural = (word: string): [one: string, many: string] => [word, `${word}s`];
const elementWords: Readonly<Record<number, [one: string, many: string]>> = {
  1: plural("type"),
  2: plural("import"),
  3: plural("function"),
  4: plural("table"),
  5: ["memory", "memories"],
  6: plural("global"),
  7: plural("export"),
  9: plural("element segment"),
  10: ["body", "bodies"],
  11: plural("data segment"),
  12: plural("data segment"),
  13: plural("tag"),
};
/** Sections whose content is read to its end. */
const readWhole = new Set([1, 2, 3, 5, 7, 8, 12]);

function readElements(reading: Reading, id: number, count: number, cursor: WasmCursor): void {
  const { found, types, functions, memories } = reading;
  const goesOn = () => !cursor.problem && cursor.unknown === undefined;
  for (let index = 0; index < count && goesOn(); index++) {
    if (id === 1) {
      types.push(cursor.at);
      cursor.functionType();
    } else if (id === 2) readImport(reading, cursor);
    else if (id === 3) {
      functions.push(cursor.u32());
      found.functionCount++;
    } else if (id === 5) memories.push(cursor.limits("pages"));
    else if (id === 7) readExport(reading, cursor);
    else return;
  }
}

function readImport(reading: Reading, cursor: WasmCursor): void {
  const { found, functions, memories } = reading;
  const start = cursor.at;
  const [module, name] = [cursor.name(), cursor.name()];
  const code = cursor.byte();
  const kind = externals[code];
  if (!kind) {
    cursor.fail(start, `an import of kind ${code}`);
    return;
  }
  let type = "";
  if (kind === "function") {
    const index = cursor.u32();
    functions.push(index);
    type = found.imports.length < mostListed ? signature(reading, index) : "";
  } else if (kind === "table") type = `${cursor.valueType()}, ${cursor.limits("elements")}`;
  else if (kind === "memory") {
    type = cursor.limits("pages");
    memories.push(type);
  } else if (kind === "global") type = `${cursor.valueType()}${cursor.byte() === 1 ? ", mutable" : ""}`;
  else {
    cursor.byte();
    type = signature(reading, cursor.u32());
  }
  if (cursor.problem) return;
  if (found.imports.length < mostListed) found.imports.push({ module, name, kind, type });
  else found.moreImports++;
}

function readExport(reading: Reading, cursor: WasmCursor): void {
  const { found, functions, memories } = reading;
  const start = cursor.at;
  const name = cursor.name();
  const code = cursor.byte();
  const index = cursor.u32();
  const kind = externals[code];
  if (!kind) cursor.fail(start, `an export of kind ${code}`);
  if (cursor.problem || !kind) return;
  if (found.exports.length >= mostListed) {
    found.moreExports++;
    return;
  }
  const type = kind === "function" ? signature(reading, functions[index]) : kind === "memory" ? (memories[index] ?? "") : "";
  found.exports.push({ name, kind, index, type });
}

/** A function's type in words: "(i32, i64) → i32"; "" for one that is not there. */
function signature({ types, bytes }: Reading, index: number | undefined): string {
  const start = index === undefined ? undefined : types[index];
  if (start === undefined) return "";
  return new WasmCursor(bytes, start, bytes.length).functionType();
}

/** The module's own name in the custom section "name"; the rest of that section is passed over. */
function readNames(found: WasmModule, cursor: WasmCursor): void {
  const subsection = cursor.at < cursor.end ? cursor.byte() : -1;
  if (subsection !== 0) return;
  const names = new WasmCursor(cursor.bytes, cursor.at, cursor.end);
  names.u32();
  const moduleName = names.name();
  // Names are for people only: a broken one does not make the module so (WebAssembly core specification, "Name Section").
  if (!names.problem) found.moduleName = moduleName;
}
