const rowPixels = 26;
const widthPixels = 800;
const boxPixels = 290;

interface Node {
  id: string;
  label: string;
  tone: "self" | "known" | "missing";
}

/** Who refers to whom: sources left, targets right, a line for each reference. */
export function Links({
  nodes,
  links,
  summary,
  onPick,
}: {
  nodes: readonly Node[];
  links: readonly { from: string; to: string; label: string }[];
  summary: string;
  onPick: (link: number) => void;
}) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sources = [...new Set(links.map(({ from }) => from))];
  const targets = [...new Set(links.map(({ to }) => to))];
  const y = (list: readonly string[], id: string) => list.indexOf(id) * rowPixels + rowPixels / 2;
  const height = Math.max(sources.length, targets.length, 1) * rowPixels;
  const box = (id: string, x: number, at: number) => {
    const node = byId.get(id);
    return (
      <g key={`${x}${id}`} className={`link-node tone-${node?.tone ?? "missing"}`}>
        <rect x={x} y={at - 10} width={boxPixels} height={20} rx={3} />
        <text x={x + 8} y={at + 4}>
          {node?.label ?? id}
        </text>
      </g>
    );
  };
  return (
    <svg
      className="picture-links"
      viewBox={`0 0 ${widthPixels} ${height}`}
      style={{ maxWidth: widthPixels }}
      role="img"
      aria-label={summary}
    >
      {links.map(({ from, to, label }, index) => (
        <path
          // biome-ignore lint/suspicious/noArrayIndexKey: links have no identity beyond their place
          key={index}
          d={`M${boxPixels} ${y(sources, from)} C${widthPixels / 2} ${y(sources, from)} ${widthPixels / 2} ${y(targets, to)} ${widthPixels - boxPixels} ${y(targets, to)}`}
          onClick={() => onPick(index)}
        >
          <title>{label}</title>
        </path>
      ))}
      {sources.map((id) => box(id, 0, y(sources, id)))}
      {targets.map((id) => box(id, widthPixels - boxPixels, y(targets, id)))}
    </svg>
  );
}
