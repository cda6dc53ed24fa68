import { Fragment, useState } from "react";
import { readingsOf } from "./data-inspector-readings.ts";
import "./data-inspector.css";

/** The bytes at one place in every reading, little- or big-endian. */
export function DataInspector({ at, bytes, onBlock }: { at: bigint; bytes: Uint8Array; onBlock: (block: bigint) => void }) {
  const [littleEndian, setLittleEndian] = useState(true);
  return (
    <section className="data-inspector" aria-label="Data inspector">
      <header>
        <span>Data at 0x{at.toString(16)}</span>
        <span>
          {[true, false].map((little) => (
            <button key={String(little)} type="button" aria-pressed={little === littleEndian} onClick={() => setLittleEndian(little)}>
              {little ? "LE" : "BE"}
            </button>
          ))}
        </span>
      </header>
      <dl>
        {readingsOf(bytes, littleEndian).map(({ name, values, block }) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            {values.map((value, column) => (
              <dd key={column === 0 ? "signed" : "unsigned"} className={values.length === 1 ? "wide" : undefined}>
                {block === undefined ? (
                  value
                ) : (
                  <button type="button" className="place" onClick={() => onBlock(block)}>
                    {value}
                  </button>
                )}
              </dd>
            ))}
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
