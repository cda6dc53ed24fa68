import { useEffect } from "react";
import { useSession } from "../store/session.ts";
import { focusPane } from "../ui/focus.ts";
import { runCommand } from "./commands.ts";
import { panels } from "./shell/panels.ts";

/** The second key of a chord and the command it runs. */
const chords: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(panels).flatMap(([name, { key }]) => (key ? [[key.toLowerCase(), `go.${name}`]] : [])),
);
const chordMs = 1500;
const paneSelector = "[data-pane]";

/** Keys of the whole window. Fields and grids that use a key themselves stop it first. */
export function useWindowKeys(): void {
  useEffect(() => {
    let chordAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const command = commandOf(event);
      if (command) {
        event.preventDefault();
        runCommand(command);
        return;
      }
      if (event.key === "F6") {
        event.preventDefault();
        stepPane(event.shiftKey ? -1 : 1);
        return;
      }
    };
    // Before the panels see them: the second key of a chord is the window's, also where a panel has a use for the letter.
    const onChord = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLInputElement ||
        event.target instanceof HTMLTextAreaElement ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey;
      if (typing || useSession.getState().settings?.singleKeys === false) return;
      const key = event.key.toLowerCase();
      const chord = performance.now() - chordAt < chordMs ? chords[key] : undefined;
      chordAt = key === "g" && !chord ? performance.now() : 0;
      if (!chord) return;
      event.preventDefault();
      event.stopPropagation();
      runCommand(chord);
    };
    addEventListener("keydown", onChord, { capture: true });
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onChord, { capture: true });
      removeEventListener("keydown", onKey);
    };
  }, []);
}

function commandOf(event: KeyboardEvent): string | undefined {
  const main = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (main && !event.shiftKey && !event.altKey)
    return { k: "go.palette", g: "go.place", o: "file.open", b: "edit.bookmark", ",": "file.settings" }[key];
  if (event.altKey && !main)
    return { arrowleft: "go.back", arrowright: "go.forward", arrowup: "go.up", pageup: "volume.previous", pagedown: "volume.next" }[key];
  if (event.key === "F8") return event.shiftKey ? "go.previous-finding" : "go.next-finding";
  return undefined;
}

/** Moves the focus to the next pane in the order of the window. */
function stepPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>(paneSelector)].filter((pane) => pane.offsetParent !== null);
  const index = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(index + step + panes.length) % panes.length];
  focusPane(next);
}
