import "./lane-graph.css";

export interface LaneRow {
  kind: "snapshot" | "missing" | "cycle" | "here";
  lane: number;
  through: number;
  opens: number;
  up: boolean;
  down: boolean;
  beyond: number;
}

const lanePixels = 14;
const firstLane = 12;
const at = (lane: number) => firstLane + lane * lanePixels;

/** Width of the lanes, with the place where further ones are counted. */
export const graphPixels = (lanes: number, drawnLanes: number): number => at(Math.min(lanes, drawnLanes)) + (lanes > drawnLanes ? 34 : 2);

/** One line of a tree drawn in lanes: what runs past, the node, and what begins at it. The words beside it are its twin. */
export function LaneGraph({
  row,
  look,
  pixels,
  drawnLanes,
}: {
  row: LaneRow;
  look: "plain" | "base" | "gone";
  pixels: number;
  drawnLanes: number;
}) {
  const middle = pixels / 2;
  const lanes = (mask: number) => Array.from({ length: drawnLanes }, (_, lane) => lane).filter((lane) => (mask >>> lane) & 1);
  const own = at(Math.min(row.lane, drawnLanes));
  const width = own + lanePixels * drawnLanes;
  return (
    <svg className="lane-graph" width={width} height={pixels} aria-hidden>
      {lanes(row.through).map((lane) => (
        <path key={lane} d={`M${at(lane)} 0V${pixels}`} />
      ))}
      {row.up && <path d={`M${own} 0V${middle}`} className={row.kind === "here" ? "is-dotted" : undefined} />}
      {row.down && <path d={`M${own} ${middle}V${pixels}`} className={row.kind === "snapshot" ? undefined : "is-dotted"} />}
      {lanes(row.opens).map((lane) => (
        <path key={lane} d={`M${own} ${middle}C${own} ${pixels - 4} ${at(lane)} ${middle + 4} ${at(lane)} ${pixels}`} />
      ))}
      <Node kind={row.kind} look={look} x={own} y={middle} />
      {row.beyond > 0 && (
        <text x={at(drawnLanes)} y={middle + 4}>
          +{row.beyond}
        </text>
      )}
    </svg>
  );
}

function Node({ kind, look, x, y }: { kind: LaneRow["kind"]; look: "plain" | "base" | "gone"; x: number; y: number }) {
  if (kind === "here") return <path className="lane-here" d={`M${x - 6} ${y - 6}h12v7l-6 5-6-5Z`} />;
  if (kind === "missing") return <circle className="lane-ghost" cx={x} cy={y} r="5" />;
  if (kind === "cycle")
    return <path className="lane-cycle" d={`M${x + 5} ${y}A5 5 0 1 1 ${x + 2} ${y - 4.5}M${x + 5} ${y - 6}l-3 1.5 2.5 2.5`} />;
  if (look === "gone")
    return (
      <>
        <circle className="lane-ghost" cx={x} cy={y} r="5" />
        <path className="lane-cross" d={`M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5`} />
      </>
    );
  return <circle className={look === "base" ? "lane-node lane-base" : "lane-node"} cx={x} cy={y} r={look === "base" ? 4 : 5} />;
}
