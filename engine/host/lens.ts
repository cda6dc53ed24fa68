import type { Lens } from "../contract/index.ts";
import { type Image, isEngineError, type Volume } from "./engine.ts";
import { recoveryOf } from "./recovery.ts";

/** An image that is shown, and through which lens. */
export interface Shown {
  lens: Lens;
  image: Image;
  /** Why it is not the lens that was meant. */
  problem?: Error | undefined;
}

/** Whether the log of a volume, brought to rest, could leave other blocks than are stored. Operations reference 2.6, 2.7. */
export function canReplay({ log }: Volume): boolean {
  return log !== undefined && (log.state === undefined || log.state.state === "pending-committed");
}

/** Whether the volume is shown as after replay unless another lens is asked for: where recovery would replay without a question. */
async function isReplayed(volume: Volume): Promise<boolean> {
  return volume.log?.state?.state === "pending-committed" && (await recoveryOf(volume))?.action === "replay";
}

/**
 * What is shown of a stored image. `wanted` is the lens that was asked for; `make` gives the image of another one than the stored.
 * Where the image that is meant cannot be made, the volume is shown as stored.
 */
export async function lookThrough(
  stored: Image,
  wanted: Lens | undefined,
  make: (lens: Exclude<Lens, "stored">) => Promise<Image>,
): Promise<Shown> {
  const lens = wanted ?? ((await isReplayed(stored.volume)) ? "replay" : "stored");
  if (lens === "stored") return { lens, image: stored };
  try {
    return { lens, image: await make(lens) };
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return { lens: "stored", image: stored, problem: error };
  }
}
