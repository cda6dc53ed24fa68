import { homedir } from "node:os";
import { join } from "node:path";

/** Where settings and caches live: BLOCKSCOPE_DATA_DIR, else the system's data folder. */
export function dataFolder(): string {
  const own = process.env.BLOCKSCOPE_DATA_DIR;
  if (own) return own;
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "Blockscope");
  if (process.platform === "win32") return join(process.env.APPDATA ?? join(homedir(), "AppData", "Roaming"), "Blockscope");
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "blockscope");
}
