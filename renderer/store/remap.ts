import type { RemapView, VolumeApi } from "../../engine/contract/index.ts";
import { type Asked, useAsked } from "./region.ts";
import type { OpenVolume } from "./session.ts";

const askRemap = (api: VolumeApi) => api.remap();

/** dm-remap metadata of a device: undefined as an answer where it has none. */
export const useRemap = (volume: OpenVolume): Asked<RemapView | undefined> => useAsked(volume, askRemap);
