import { useMemo, useSyncExternalStore } from "react";

function subscribe(told: () => void): () => void {
  const observer = new MutationObserver(told);
  observer.observe(document.documentElement, { attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** The classes that carry the colours: what is painted from tokens by hand is painted anew when they change. */
const useThemeClass = (): string => useSyncExternalStore(subscribe, () => document.documentElement.className);

/** Red, green and blue of a colour as style sheets write it. */
function colourNumbers(text: string): readonly [number, number, number] {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!context) return [0, 0, 0];
  // The build shortens what it can (#ffffff becomes #fff): the browser reads it, not we.
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

export type TokenColours = (token: string) => readonly [number, number, number];

/** Reads tokens under one theme; each is read once. */
function tokensUnder(_theme: string): TokenColours {
  const style = getComputedStyle(document.body);
  const known = new Map<string, readonly [number, number, number]>();
  return (token) => {
    const colour = known.get(token) ?? colourNumbers(style.getPropertyValue(token).trim());
    known.set(token, colour);
    return colour;
  };
}

/** Tokens as numbers; another function once the theme is another. */
export function useTokenColours(): TokenColours {
  const theme = useThemeClass();
  return useMemo(() => tokensUnder(theme), [theme]);
}
