import type { ByteRange } from "../../engine/contract/index.ts";
import type { OpenVolume } from "./session.ts";
import { runTask } from "./tasks.ts";

/** Names a range of a volume. It stands in the navigator from then on. */
export const addBookmark = (volume: OpenVolume, name: string, range: ByteRange) =>
  runTask("Bookmark", () => volume.api.addBookmark({ name, range }));

export const removeBookmark = (volume: OpenVolume, range: ByteRange) => runTask("Remove bookmark", () => volume.api.removeBookmark(range));
