import { moduleRange } from "../../forensics/code-modules.ts";
import { abiVersions, type CodeContent } from "../../format/regions/code.ts";
import { toHex } from "../engine.ts";
import { type RegionViewer, tableOf } from "./region-viewer.ts";

const mostDrawn = 400;

/** The modules of a code cache, and where on the volume their bytes lie. */
export const codeCacheViewer: RegionViewer<CodeContent> = (input) => {
  const { modules, moduleCount, generation } = input.content;
  const drawn = modules.slice(0, mostDrawn).flatMap((module, index) => {
    const range = moduleRange(input.volume, module);
    if ("problem" in range) return [];
    const start = Number(module.blockOffset);
    const label = `${module.entryPointName.text || `module ${index}`}: blocks ${start} to ${start + module.blockCount - 1}`;
    return [{ start, end: start + module.blockCount, label, family: "service" as const, range: input.rangeOf("modules", index) }];
  });
  return {
    facts: [
      { label: "Modules", value: moduleCount === modules.length ? `${moduleCount}` : `${moduleCount} stored, ${modules.length} there` },
      { label: "Generation", value: `${generation}` },
    ],
    tables: [
      tableOf(input, "modules", modules, {
        title: "Modules",
        empty: "No module is registered.",
        columns: [
          { id: "entryPoint", title: "Entry point", kind: "text", width: 170, cell: (each) => each.entryPointName.text || null },
          { id: "size", title: "Size", kind: "size", width: 90, cell: (each) => each.moduleSizeBytes },
          { id: "blockOffset", title: "First block", kind: "block", width: 90, cell: (each) => each.blockOffset },
          { id: "blockCount", title: "Blocks", kind: "blocks", width: 70, cell: (each) => each.blockCount },
          {
            id: "abi",
            title: "ABI",
            kind: "text",
            width: 120,
            cell: (each) => abiVersions[each.abiVersion] ?? `${each.abiVersion} (no name)`,
          },
          { id: "registered", title: "Registered", kind: "time", cell: (each) => each.registeredUtcTicks },
          { id: "moduleHash", title: "SHA-256", kind: "bytes", cell: (each) => toHex(each.moduleHash) },
          { id: "moduleId", title: "Id", kind: "id", cell: (each) => each.moduleId },
        ],
      }),
    ],
    pictures: [
      {
        type: "ranges",
        title: "Modules on the volume",
        summary: `${drawn.length} of ${modules.length} modules name blocks that the volume has.`,
        unit: "blocks",
        start: 0,
        end: Number(input.volume.totalBlocks),
        ranges: drawn,
        marks: [],
      },
    ],
  };
};
