import { Button, SegmentedControl } from "@blueprintjs/core";
import { useMemo, useState } from "react";
import type { ByteRange, InodeContent, InodeView } from "../../../engine/contract/index.ts";
import { selectInode, useInodeContent } from "../../store/inodes.ts";
import { select } from "../../store/selection.ts";
import type { OpenVolume } from "../../store/session.ts";
import { hexDump, isLikelyText, textDump } from "../../ui/byte-dump.ts";
import { formatBytes, formatCount, visible } from "../../ui/format.ts";
import { Glyph } from "../../ui/glyphs.tsx";
import { ListTable } from "../../ui/list-table.tsx";

const pageBytes = 65_536n;
type Look = "hex" | "text" | "names";

/** What an inode holds: names of a directory, text or bytes, 64 KiB at a time. */
export function ContentPreview({ volume, slot, inode }: { volume: OpenVolume; slot: number; inode: InodeView }) {
  const [start, setStart] = useState(0n);
  const [chosen, setChosen] = useState<Look>();
  const { answer: content, failure } = useInodeContent(volume, slot, inode.index, start);
  if (failure)
    return (
      <p className="empty" role="alert">
        {failure.what}
      </p>
    );
  if (!content) return <p className="empty">Reading the content…</p>;
  if (content.size === 0n) return <p className="empty">Its size is 0: there is no content.</p>;
  const look = chosen ?? (content.entries ? "names" : isLikelyText(content.bytes) ? "text" : "hex");
  const end = content.start + BigInt(content.bytes.length);
  return (
    <div className="content-preview">
      <div className="panel-bar">
        <SegmentedControl
          intent="primary"
          size="small"
          value={look}
          onValueChange={(value) => setChosen(value as Look)}
          options={[
            ...(content.entries ? [{ label: "Names", value: "names" }] : []),
            { label: "Text", value: "text" },
            { label: "Hex", value: "hex" },
          ]}
        />
        <span>
          {look === "names"
            ? `${formatCount((content.entries?.length ?? 0) + content.moreEntries)} names`
            : `bytes ${formatCount(content.start)} to ${formatCount(end)} of ${formatCount(content.size)}`}
        </span>
        <span className="stretch" />
        {look !== "names" && content.size > pageBytes && (
          <>
            <Button size="small" text="Previous 64 KiB" disabled={start === 0n} onClick={() => setStart(start - pageBytes)} />
            <Button size="small" text="Next 64 KiB" disabled={end >= content.size} onClick={() => setStart(start + pageBytes)} />
          </>
        )}
      </div>
      <Pieces volume={volume} content={content} />
      {look === "names" && content.entries ? (
        <Names volume={volume} content={content} entries={content.entries} />
      ) : (
        <Listing content={content} look={look} />
      )}
    </div>
  );
}

function Listing({ content, look }: { content: InodeContent; look: Look }) {
  const text = useMemo(() => (look === "text" ? textDump(content.bytes) : hexDump(content.bytes, content.start)), [content, look]);
  return (
    <pre
      tabIndex={0}
      className={look === "text" ? "is-text" : undefined}
      aria-label={look === "text" ? "Content as text" : "Content as hex"}
    >
      {text}
    </pre>
  );
}

const pieceWords: Readonly<Record<InodeContent["pieces"][number]["state"], string>> = {
  data: "",
  encoded: "is stored compressed or encrypted and shown as stored",
  hole: "is a hole: zeros that are not stored",
  uncovered: "has no extent: nothing says what stands there",
  outside: "lies outside the volume",
  unread: "cannot be read in whole",
};
const mostPieces = 8;

/** What of the shown bytes is not plain data. */
function Pieces({ volume, content }: { volume: OpenVolume; content: InodeContent }) {
  const odd = content.pieces.filter(({ state }) => state !== "data");
  const open = (range: ByteRange) => () => select({ volumeId: volume.id, range });
  return odd.slice(0, mostPieces).map(({ start, end, state, range }) => (
    <p key={`${start}`} className="notice">
      <Glyph state={state === "unread" || state === "outside" ? "error" : state === "uncovered" ? "warning" : "info"} />{" "}
      {range ? (
        <button type="button" className="link" onClick={open(range)}>
          Bytes {formatCount(start)} to {formatCount(end)}
        </button>
      ) : (
        `Bytes ${formatCount(start)} to ${formatCount(end)}`
      )}{" "}
      ({formatBytes(end - start)}) {pieceWords[state]}.
    </p>
  ));
}

function Names({ volume, content, entries }: { volume: OpenVolume; content: InodeContent; entries: NonNullable<InodeContent["entries"]> }) {
  return (
    <>
      {content.directoryProblem && (
        <p className="notice">
          <Glyph state="error" /> Not a directory's content from some byte on: {content.directoryProblem}.
        </p>
      )}
      <ListTable
        label="Names"
        empty="The directory is empty."
        rows={entries}
        more={content.moreEntries}
        columns={[
          {
            id: "name",
            title: "Name",
            width: 320,
            cell: ({ name, problem }) => (
              <span title={problem}>
                {problem && <Glyph state="warning" label />} {visible(name)}
              </span>
            ),
          },
          { id: "type", title: "Type", width: 110, cell: ({ type }) => type },
          { id: "inode", title: "Inode", width: 100, alignEnd: true, cell: ({ inodeNumber }) => formatCount(inodeNumber) },
        ]}
        onSelect={() => {}}
        onOpen={({ inodeNumber }) => void selectInode(volume, inodeNumber)}
      />
      <p className="empty">Enter or a double click leads to the inode.</p>
    </>
  );
}
