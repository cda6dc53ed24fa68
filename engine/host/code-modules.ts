import type { ByteRange, ModuleHead, ModuleReport, ModulesChecked, ModuleVerdict } from "../contract/index.ts";
import { checkModule, inspectModule, moduleRange } from "../forensics/code-modules.ts";
import { type CodeContent, type CodeModule, codeCodec } from "../format/regions/code.ts";
import type { WasmModule } from "../format/wasm.ts";
import { EngineError, toHex } from "./engine.ts";
import type { OpenVolume } from "./open-volume.ts";
import type { DecodedRegion } from "./region-content.ts";
import type { Report } from "./task.ts";

const mostFailing = 1000;
const mostSent = 10_000;

type Decoded = DecodedRegion<CodeContent>;
const modulesOf = (opened: OpenVolume, slot: number): Promise<Decoded | undefined> => opened.contents.decoded(slot, codeCodec);

/** The module that a byte belongs to, by its record or its own bytes. REGION_NOT_FOUND. */
export async function moduleAt(opened: OpenVolume, slot: number, at: bigint): Promise<ModuleHead | undefined> {
  const decoded = await modulesOf(opened, slot);
  const holds = (range: ByteRange | undefined): boolean => range !== undefined && at >= range.start && at < range.end;
  for (const [index, module] of (decoded?.content.modules ?? []).entries()) {
    const record = decoded?.rangeOf("modules", index);
    const range = moduleRange(opened.volume, module);
    if (!holds(record) && !("start" in range && holds(range))) continue;
    return {
      index,
      entryPoint: module.entryPointName.text,
      byteLength: BigInt(module.moduleSizeBytes),
      record,
      ...("problem" in range ? { problem: range.problem } : { range }),
    };
  }
  return undefined;
}

/** Hashes every module of a code cache. REGION_NOT_FOUND. */
export async function checkModules(opened: OpenVolume, slot: number, signal: AbortSignal, report: Report): Promise<ModulesChecked> {
  const decoded = await modulesOf(opened, slot);
  const modules = decoded?.content.modules ?? [];
  const total = modules.reduce((sum, module) => sum + Math.max(0, module.moduleSizeBytes), 0);
  const checked: ModulesChecked = { matches: 0, differs: 0, unread: 0, failing: [], more: 0 };
  let before = 0;
  for (const [index, module] of modules.entries()) {
    signal.throwIfAborted();
    const { hash, text } = await checkModule(opened.volume, module, {
      signal,
      onBytes: (done) => report({ phase: "Hashing modules", done: before + done, total, unit: "bytes" }),
    });
    before += Math.max(0, module.moduleSizeBytes);
    report({ phase: "Hashing modules", done: before, total, unit: "bytes" });
    checked[hash]++;
    if (hash === "matches") continue;
    if (checked.failing.length < mostFailing) checked.failing.push(verdict(decoded, index, module, { hash, text }));
    else checked.more++;
  }
  return checked;
}

const verdict = (
  decoded: Decoded | undefined,
  index: number,
  { entryPointName }: CodeModule,
  { hash, text }: Pick<ModuleVerdict, "hash" | "text">,
): ModuleVerdict => ({ index, entryPoint: entryPointName.text, hash, text, record: decoded?.rangeOf("modules", index) });

/** One module: its hash and the sections of its binary. REGION_NOT_FOUND, REQUEST_INVALID for a module that is not there. */
export async function reportModule(
  opened: OpenVolume,
  slot: number,
  index: number,
  signal: AbortSignal,
  report: Report,
): Promise<ModuleReport> {
  const decoded = await modulesOf(opened, slot);
  const module = decoded?.content.modules[index];
  if (!module) throw new EngineError("REQUEST_INVALID", { call: "inspectModule", problem: `the region has no module ${index}` });
  const total = module.moduleSizeBytes;
  const found = await inspectModule(opened.volume, module, {
    signal,
    onBytes: (done) => report({ phase: "Reading the module", done, total, unit: "bytes" }),
  });
  const start = module.blockOffset * BigInt(opened.volume.blockBytes);
  const { wasm } = found;
  return {
    ...verdict(decoded, index, module, found),
    storedHash: toHex(module.moduleHash),
    computedHash: found.computed && toHex(found.computed),
    tail: found.tail,
    entry: entryOf(module.entryPointName.text, wasm),
    moduleName: wasm?.moduleName,
    functionCount: wasm?.functionCount ?? 0,
    startFunction: wasm?.startFunction,
    sections: (wasm?.sections ?? []).slice(0, mostSent).map(({ name, detail, ...at }) => ({
      name,
      detail,
      range: { start: start + BigInt(at.start), end: start + BigInt(at.end) },
    })),
    imports: wasm?.imports ?? [],
    exports: (wasm?.exports ?? []).map(({ name, kind, type }) => ({ name, kind, type })),
    moreSections: Math.max(0, (wasm?.sections.length ?? 0) - mostSent),
    moreImports: wasm?.moreImports ?? 0,
    moreExports: wasm?.moreExports ?? 0,
    malformed: wasm?.problem && { at: start + BigInt(wasm.problem.at), text: wasm.problem.text },
    sectionsLeftOut: found.sectionsLeftOut,
  };
}

function entryOf(name: string, wasm: WasmModule | undefined): ModuleReport["entry"] {
  if (name === "") return "none-named";
  const exported = wasm?.exports.filter((each) => each.name === name) ?? [];
  if (exported.some(({ kind }) => kind === "function")) return "exported";
  if (exported.length > 0) return "not-a-function";
  return !wasm || wasm.problem || wasm.moreExports > 0 ? "unknown" : "missing";
}
