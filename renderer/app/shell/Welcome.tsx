import { Button } from "@blueprintjs/core";
import { Document, Import } from "@blueprintjs/icons";
import { useEffect } from "react";
import { openVolume, refreshWelcome, useSession } from "../../store/session.ts";
import { formatBytes } from "../../ui/format.ts";
import { runCommand } from "../commands.ts";

const recognised = [
  ["DWVD v2 volume", "block sizes 4 096 to 65 536; 512 to 2 048 shown raw"],
  ["DWVD v1, preamble", "named; a volume behind a preamble is opened where it begins"],
  ["Any other file or device", "shown as raw bytes, such as dm-remap metadata"],
] as const;

/** What can be opened, and the promise. Nothing is chosen beforehand. */
export function Welcome() {
  const welcome = useSession((state) => state.welcome);
  useEffect(() => void refreshWelcome(), []);
  return (
    <main className="welcome" data-pane="welcome">
      <section className="welcome-start">
        <h2 className="welcome-title">Blockscope</h2>
        <p>See what a DWVD v2 volume holds, block by block, and what is damaged and why.</p>
        <div className="drop-target">
          <Import size={24} />
          <span>
            <b>Drop a volume or disk image here</b>
            <span>
              or{" "}
              <button type="button" className="link" onClick={() => runCommand("file.open")}>
                choose a file
              </button>{" "}
              <kbd>Ctrl</kbd> <kbd>O</kbd>, or{" "}
              <button type="button" className="link" onClick={() => runCommand("file.new")}>
                make a new volume
              </button>
            </span>
          </span>
        </div>
        <p className="promise">
          <b>Opening changes nothing.</b> Images open read-only: no journal replay, no clean mark, no file beside the image. The status bar
          counts what was written. It is not a hardware write blocker.
        </p>
        <h2>Keys to start with</h2>
        <dl className="keys">
          <div>
            <dt>
              <kbd>Ctrl</kbd> <kbd>K</kbd>
            </dt>
            <dd>all commands</dd>
          </div>
          <div>
            <dt>
              <kbd>Ctrl</kbd> <kbd>G</kbd>
            </dt>
            <dd>go to a block, byte or field</dd>
          </div>
          <div>
            <dt>
              <kbd>F8</kbd>
            </dt>
            <dd>next finding</dd>
          </div>
          <div>
            <dt>
              <kbd>F6</kbd>
            </dt>
            <dd>next pane</dd>
          </div>
        </dl>
      </section>
      <section className="welcome-lists">
        <h2>Recent</h2>
        {welcome?.recent.length ? (
          <ul className="sources">
            {welcome.recent.map((source) => (
              <li key={source.id}>
                <button
                  type="button"
                  disabled={source.missing !== undefined}
                  onClick={() => void openVolume({ kind: "recent", id: source.id })}
                >
                  <b>{source.name}</b>
                  <span>{source.missing ?? source.folder}</span>
                  <span className="source-size">{source.byteLength !== undefined && formatBytes(source.byteLength)}</span>
                </button>
              </li>
            ))}
          </ul>
        ) : (
          <p className="empty">Volumes that you open are listed here.</p>
        )}
        <h2>Samples</h2>
        <ul className="samples">
          {welcome?.samples.map((sample) => (
            <li key={sample.id}>
              <Button
                variant="minimal"
                icon={<Document size={14} />}
                alignText="start"
                fill
                onClick={() => void openVolume({ kind: "sample", id: sample.id })}
              >
                <b>{sample.name}</b>
                <span>{sample.about}</span>
              </Button>
            </li>
          ))}
        </ul>
        <h2>Recognised</h2>
        <dl className="recognised">
          {recognised.map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
    </main>
  );
}
