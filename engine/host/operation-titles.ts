const titles: Readonly<Record<string, string>> = {
  label: "Set the label",
  config: "Set a module's level",
  "module.add": "Add a module",
  import: "Import files",
  repair: "Repair",
  "repair.from": "Copy good blocks from another image",
  resize: "Resize",
  undo: "Undo",
};

/** What an operation is called in lists, with the thing it is about where its inputs name one. */
export function titleOf(operation: string, inputs: unknown): string {
  const given = (typeof inputs === "object" && inputs !== null ? inputs : {}) as { [key: string]: unknown };
  if (operation === "module.add" && typeof given.module === "string") return `Add module ${given.module}`;
  if (operation === "undo" && typeof given.operation === "string") return `Undo: ${titleOf(given.operation, given.inputs)}`;
  return titles[operation] ?? operation;
}
