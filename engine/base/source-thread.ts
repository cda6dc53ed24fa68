import { setFlagsFromString } from "node:v8";

/**
 * Called before a thread is started that runs TypeScript as it is. Node strips its types by WebAssembly, and V8 (13.6) sometimes aborts the
 * process when two threads make the calls from there into JavaScript faster at the same time: so they stay as they are.
 */
export const prepareSourceThread = (): void => setFlagsFromString("--wasm-wrapper-tiering-budget=2000000000");
