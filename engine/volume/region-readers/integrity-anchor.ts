import { toJson } from "../../base/json.ts";
import type { Struct } from "../../base/struct/index.ts";
import { integrityAnchor } from "../../format/core/index.ts";
import type { RegionContent, RegionReader } from "./region-reader.ts";

/** The integrity anchor that the SDK's portable exporter puts into a region of its own. Core reference 8.1. */
export const integrityAnchorReader: RegionReader = {
  structureOf: (_, region, block) => (block === region.startBlock ? (integrityAnchor as unknown as Struct<unknown>) : undefined),
  async read(volume, region, { signal }) {
    const bytes = await volume.reader.read(region.startBlock, signal);
    if (!bytes) return { content: undefined, findings: [] };
    const { unused, trailer, ...fields } = integrityAnchor.parse(bytes);
    return { content: toJson(fields) as NonNullable<RegionContent["content"]>, findings: [] };
  },
};
