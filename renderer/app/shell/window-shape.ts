import { useSyncExternalStore } from "react";

/**
 * How much room the window has: all panes side by side, navigator and inspector as drawers, or one panel at a time
 * (400 % zoom leaves a window of a few hundred pixels).
 */
export type WindowShape = "wide" | "narrow" | "stacked";

const stacked = matchMedia("(max-width: 720px), (max-height: 480px)");
const narrow = matchMedia("(max-width: 1200px)");

export const windowShape = (): WindowShape => (stacked.matches ? "stacked" : narrow.matches ? "narrow" : "wide");

function subscribe(told: () => void): () => void {
  for (const query of [stacked, narrow]) query.addEventListener("change", told);
  return () => {
    for (const query of [stacked, narrow]) query.removeEventListener("change", told);
  };
}

export const useWindowShape = (): WindowShape => useSyncExternalStore(subscribe, windowShape);
