import { DialogBody } from "@blueprintjs/core";

const sections: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Window",
    keys: [
      ["Ctrl+K", "Search commands, places, fields, findings"],
      ["Ctrl+G", "Go to block, byte or expression"],
      ["Ctrl+O", "Open, read-only"],
      ["Ctrl+B", "Bookmark what is selected"],
      ["Shift+F10, Menu", "Menu of what is selected: open in, copy as"],
      ["Alt+Left, Alt+Right", "Back, forward"],
      ["Alt+PageUp, Alt+PageDown", "Previous, next volume"],
      ["F6, Shift+F6", "Next, previous pane"],
      ["F8, Shift+F8", "Next, previous finding"],
      ["Ctrl+,", "Settings"],
      ["Ctrl+Enter", "The named button of the open wizard step"],
      ["G then O L M H F T P V", "Overview, Layout, Map, Hex, Findings, Tasks, Plan, Difference"],
    ],
  },
  {
    title: "Hex",
    keys: [
      ["Arrows", "Byte, row"],
      ["Home, End", "Start, end of the row"],
      ["PageUp, PageDown", "A page"],
      ["Ctrl+Home, Ctrl+End", "Start, end of the block; twice, of the volume"],
      ["Ctrl+Left, Ctrl+Right", "Previous, next field"],
      ["Ctrl+Up, Ctrl+Down", "Previous, next block"],
      ["Shift with any", "Extends the selection"],
      ["Enter, Backspace", "Follow a pointer or open what is folded, back"],
      ["T", "Text column"],
      ["Ctrl+F, F3, Shift+F3", "Find, next, previous; Escape back to the bytes"],
    ],
  },
  {
    title: "Map",
    keys: [
      ["Arrows, with Shift", "Cell; extends the selection"],
      ["+, −, 0", "Zoom in, out, whole volume"],
      ["Enter, Backspace", "Into the cell, out"],
      [", .", "Previous, next block in order"],
      ["H", "Hilbert curve or rows"],
      ["L", "Legend: Enter isolates, Alt+Enter hides"],
      ["F8, Shift+F8", "Next, previous fault"],
    ],
  },
  {
    title: "Volume strip",
    keys: [
      ["Left, Right, Home, End", "From region to region"],
      ["Enter", "Its bytes"],
    ],
  },
  {
    title: "Trees and lists",
    keys: [
      ["Arrows, Home, End", "Move; right opens, left closes"],
      ["*", "Open all siblings"],
      ["A letter", "Type to find"],
      ["Enter", "Open in the better view"],
    ],
  },
  {
    title: "Queue of changes",
    keys: [
      ["Up, Down, Home, End", "From change to change, each with its plan"],
      ["Alt+Up, Alt+Down", "Trade places with the neighbour"],
      ["Delete", "Remove from the queue"],
    ],
  },
];

/** All keys. */
export function KeyboardDialog() {
  return (
    <DialogBody>
      <div className="keyboard">
        {sections.map((section) => (
          <section key={section.title}>
            <h3>{section.title}</h3>
            <dl>
              {section.keys.map(([keys, does]) => (
                <div key={keys}>
                  <dt>{keys}</dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </DialogBody>
  );
}
