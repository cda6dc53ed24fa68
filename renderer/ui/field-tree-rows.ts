import type { HexField } from "./hex-grid.tsx";

export type FieldRow = { key: string; name: string; depth: number } & (
  | { kind: "branch"; open: boolean; start: bigint; end: bigint }
  | { kind: "field"; field: HexField }
);

/** The fields as rows of a tree: a branch for each structure that their dotted paths name, closed branches without what is in them. */
export function fieldRows(fields: readonly HexField[], closed: ReadonlySet<string>): FieldRow[] {
  const rows: FieldRow[] = [];
  const branches = new Map<string, FieldRow & { kind: "branch" }>();
  for (const field of fields) {
    const parts = field.path.split(".");
    let hidden = false;
    for (let depth = 0; depth < parts.length - 1; depth++) {
      const key = parts.slice(0, depth + 1).join(".");
      const known = branches.get(key);
      if (known) known.end = field.end;
      else {
        const branch = {
          kind: "branch" as const,
          key,
          name: parts[depth] ?? "",
          depth,
          open: !closed.has(key),
          start: field.start,
          end: field.end,
        };
        branches.set(key, branch);
        if (!hidden) rows.push(branch);
      }
      hidden ||= closed.has(key);
    }
    if (!hidden) {
      rows.push({ kind: "field", key: `${field.path}@${field.start}`, name: parts.at(-1) ?? field.path, depth: parts.length - 1, field });
    }
  }
  return rows;
}
