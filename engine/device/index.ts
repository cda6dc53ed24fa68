export * from "./block-device.ts";
export { openFileDevice } from "./file-device.ts";
export { MemoryDevice } from "./memory-device.ts";
export { OverlayDevice } from "./overlay-device.ts";
export { ReadOnlyDevice } from "./read-only-device.ts";
export { type RemoteBytes, RemoteDevice } from "./remote-device.ts";
export { SparseDevice } from "./sparse-device.ts";
export { WatchedDevice } from "./watched-device.ts";
export { WindowDevice } from "./window-device.ts";
