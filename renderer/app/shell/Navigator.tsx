import { Filter } from "@blueprintjs/icons";
import { useMemo, useState } from "react";
import type { TreeNode } from "../../../engine/contract/index.ts";
import { panelFor, showPanel } from "../../store/dock.ts";
import { select, selectSelection, useSelection } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import type { VolumeData } from "../../store/volume-data.ts";
import { Glyph, Swatch } from "../../ui/glyphs.tsx";
import { Tree } from "../../ui/tree.tsx";

function filtered(nodes: readonly TreeNode[], wanted: string): TreeNode[] {
  return nodes.flatMap((node) => {
    const children = node.children && filtered(node.children, wanted);
    if (children && children.length > 0) return [{ ...node, children }];
    return node.name.toLowerCase().includes(wanted) ? [node] : [];
  });
}

function findNode(nodes: readonly TreeNode[], range: { start: bigint; end: bigint } | undefined): TreeNode | undefined {
  if (!range) return undefined;
  let best: TreeNode | undefined;
  const visit = (node: TreeNode) => {
    if (node.range && range.start >= node.range.start && range.end <= node.range.end) {
      if (!best?.range || node.range.end - node.range.start < best.range.end - best.range.start) best = node;
    }
    for (const child of node.children ?? []) visit(child);
  };
  for (const node of nodes) visit(node);
  return best;
}

/** What the volume is, as a tree; broken things stay in it. */
export function Navigator({ volume, data }: { volume: OpenVolume; data: VolumeData }) {
  const [filter, setFilter] = useState("");
  const selection = useSelection(selectSelection(volume.id));
  const nodes = useMemo(() => (filter ? filtered(data.tree, filter.toLowerCase()) : data.tree), [data.tree, filter]);
  const selected = useMemo(() => findNode(data.tree, selection?.range), [data.tree, selection]);
  const choose = (node: TreeNode) => node.range && select({ volumeId: volume.id, range: node.range });
  return (
    <aside className="navigator" data-pane="navigator" aria-label="Navigator">
      <label className="filter">
        <Filter size={12} />
        <input placeholder="Filter" aria-label="Filter the navigator" value={filter} onChange={(event) => setFilter(event.target.value)} />
      </label>
      {nodes.length === 0 && <p className="empty">{filter ? "Nothing is called so." : "No structure is known here."}</p>}
      {nodes.length > 0 && (
        <Tree
          items={nodes}
          label="Volume"
          selectedId={selected?.id}
          initiallyOpen={["group", "tables", "regions", "bookmarks"]}
          onSelect={choose}
          onOpen={(node) => {
            choose(node);
            showPanel(node.kind ? panelFor(node.kind) : "hex");
          }}
        >
          {(node) => (
            <>
              {node.family && <Swatch family={node.family} />}
              <span className="tree-name">{node.name}</span>
              <span className="tree-detail">{node.detail}</span>
              {(node.health !== "ok" || node.children) && node.health !== "not-run" && <Glyph state={node.health} label />}
            </>
          )}
        </Tree>
      )}
    </aside>
  );
}
