import * as z from "zod/mini";

/** What the panels show of a volume: what is stored, that with the pending transaction of its log replayed, or that with the queue applied. */
export type Lens = "stored" | "replay" | "queue";
export const lensRequest = z.enum(["stored", "replay", "queue"]);
