import "./change-table.css";
import { visible } from "./format.ts";

export interface ChangedField {
  path: string;
  before: string;
  after: string;
  /** Bytes where the field begins: two fields of one path are told apart by it. */
  start: bigint;
  onPath?: (() => void) | undefined;
  onAfter?: (() => void) | undefined;
}

/** Fields of a structure before and after, one a row; a field and its later value may lead to their bytes. */
export function ChangeTable({ fields, heads }: { fields: readonly ChangedField[]; heads: readonly [before: string, after: string] }) {
  return (
    <table className="change-table">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">{heads[0]}</th>
          <th scope="col">{heads[1]}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ path, before, after, start, onPath, onAfter }) => (
          <tr key={`${start}-${path}`}>
            <td>
              <Lead text={path} onFollow={onPath} />
            </td>
            <td className="mono">{visible(before)}</td>
            <td className="mono">
              <Lead text={after} onFollow={onAfter} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Lead = ({ text, onFollow }: { text: string; onFollow: (() => void) | undefined }) =>
  onFollow ? (
    <button type="button" className="link" onClick={onFollow}>
      {visible(text)}
    </button>
  ) : (
    visible(text)
  );
