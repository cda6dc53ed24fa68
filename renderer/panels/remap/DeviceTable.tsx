import type { RemapDeviceView } from "../../../engine/contract/index.ts";
import { formatBytes, formatCount, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { type ListColumn, ListTable } from "../../ui/list-table.tsx";
import type { Places } from "./RemapPanel.tsx";

const roleOf = ({ role, slot, isPrimary }: RemapDeviceView): string =>
  role === "main" ? "main" : `spare ${slot}${isPrimary ? ", primary" : ""}`;

const columns: readonly ListColumn<RemapDeviceView>[] = [
  { id: "role", title: "Device", width: 116, cell: (device) => <b>{roleOf(device)}</b> },
  { id: "path", title: "device_path", width: 132, cell: ({ path }) => <span className="mono">{visible(path) || "empty"}</span> },
  {
    id: "size",
    title: "Size",
    width: 84,
    alignEnd: true,
    cell: ({ sectors }) => <span title={`${formatCount(sectors)} sectors`}>{formatBytes(sectors * 512n)}</span>,
  },
  { id: "sector", title: "Sector", width: 60, alignEnd: true, cell: ({ sectorBytes }) => formatCount(sectorBytes) },
  { id: "health", title: "Health", width: 116, cell: ({ health }) => <Health score={health} /> },
  { id: "checked", title: "Last checked", width: 172, cell: ({ lastChecked }) => <Time seconds={lastChecked} /> },
  { id: "serial", title: "Serial hash", width: 150, cell: ({ serial }) => <span className="mono">{visible(serial) || "–"}</span> },
  { id: "uuid", title: "UUID", width: 252, cell: ({ uuid }) => <span className="mono">{visible(uuid) || "–"}</span> },
  {
    id: "sum",
    title: "Fingerprint CRC",
    width: 130,
    cell: ({ sum }) =>
      sum ? (
        <span className="mono" title={sum.match ? undefined : `computed ${sum.computed}`}>
          <Glyph state={sum.match ? "ok" : "error"} label /> {sum.stored}
        </span>
      ) : (
        "–"
      ),
  },
];

/** Main device and spares with their fingerprints; a row selects its bytes. */
export function DeviceTable({ devices, places }: { devices: readonly RemapDeviceView[]; places: Places }) {
  const selectedIndex = devices.findIndex(
    ({ range }) => places.selected && places.selected.start >= range.start && places.selected.end <= range.end,
  );
  return (
    <ListTable
      label="Devices"
      columns={columns}
      rows={devices}
      empty="The chosen copy names no devices."
      selectedIndex={selectedIndex < 0 ? undefined : selectedIndex}
      onSelect={({ range }) => places.choose(range)}
      onOpen={({ range }) => places.open(range)}
    />
  );
}

const low = 70;

function Health({ score }: { score: number | undefined }) {
  if (score === undefined) return <>–</>;
  const width = Math.max(0, Math.min(100, score));
  return (
    <span className="remap-health" title={`${score} of 100`}>
      <span className={score > 100 ? "is-wrong" : score < low ? "is-low" : ""} style={{ width: `${width * 0.6}px` }} aria-hidden />
      {score}
    </span>
  );
}

const lastSecond = 253_402_300_799n;

function Time({ seconds }: { seconds: bigint | undefined }) {
  if (seconds === undefined || seconds === 0n) return <>–</>;
  if (seconds > lastSecond) return <span title={`${seconds} s since 1970`}>no valid time</span>;
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return (
    <span title={`${formatCount(seconds)} s since 1970, UTC`}>
      {iso.slice(0, 10)} {iso.slice(11, 19)}Z
    </span>
  );
}
