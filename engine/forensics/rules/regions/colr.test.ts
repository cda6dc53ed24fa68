import { StoredText } from "../../../base/stored-text.ts";
import { type ColrContent, colrCodec } from "../../../format/regions/colr.ts";
import { chunkHead } from "../../../format/regions/colr-chunk.ts";
import { writtenBlocks } from "../../../testing/golden-region.ts";
import { describeRules } from "../../../testing/rule-cases.ts";
import { regionFinding } from "./index.ts";

interface Chunk {
  encoding: number;
  rowCount: number;
  data: number[];
}
/** Two columns of three rows: plain numbers, and truth values in bits. */
const sound = (): Chunk[] => [
  { encoding: 0, rowCount: 3, data: [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0] },
  { encoding: 3, rowCount: 3, data: [5] },
];
const runs = (length: number): Chunk => ({ encoding: 1, rowCount: 3, data: [7, 0, 0, 0, length, 0, 0, 0] });
const dictionary = (index: number): Chunk => ({
  encoding: 2,
  rowCount: 3,
  data: [13, 0, 0, 0, 2, 0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 0, 0, 0, index, 1],
});

const found =
  (
    change: (chunks: Chunk[], head: { rowGroupCount: number; types: number[] }) => void = () => undefined,
    blocks: (blocks: Uint8Array[]) => void = () => undefined,
    blockCount = 64,
  ) =>
  (): string[] => {
    const chunks = sound();
    const head = { rowGroupCount: 1, types: [0, 6] };
    change(chunks, head);
    const content: ColrContent = {
      tableName: StoredText.of("rows"),
      rowGroupCount: head.rowGroupCount,
      columns: head.types.map((type, index) => ({ name: StoredText.of(`c${index}`), type, preferredEncoding: 0, nullable: false })),
      rowGroups: [
        {
          chunks: chunks.map(({ encoding, rowCount, data }) => ({
            ...{ block: 0n, encoding, rowCount, blocks: 1 },
            dataLength: data.length,
          })),
        },
      ],
    };
    const written = colrCodec.write(content, 4096, { data: chunks.map(({ data }) => Uint8Array.from(data)) });
    blocks(written);
    const region = writtenBlocks(written, blockCount);
    return colrCodec.read(region, {}).problems.map((problem) => regionFinding(problem, region, { region: "COLR" }).rule);
  };
const first = (chunk: Chunk) => found((chunks) => void Object.assign(chunks[0] ?? {}, chunk));

describeRules("columnar tables", {
  subjects: ["colr"],
  sound: found(),
  cases: [
    { rule: "colr.not-recognised", found: found(undefined, ([head]) => head?.fill(0xff, 0, 8)) },
    { rule: "colr.group-count", found: found((_, head) => void Object.assign(head, { rowGroupCount: -1 })) },
    { rule: "colr.type-unknown", found: found((_, head) => void head.types.splice(0, 1, 8)) },
    {
      rule: "colr.chunk-damaged",
      found: found(undefined, (blocks) => blocks[1]?.set(chunkHead.encode({ encoding: 0, rowCount: -1, dataLength: 12 }))),
    },
    { rule: "colr.chunks-exceed-region", found: found(undefined, undefined, 2) },
    { rule: "colr.rows-differ", found: found((chunks) => void Object.assign(chunks[1] ?? {}, { rowCount: 4 })) },
    { rule: "colr.encoding-unknown", found: first({ encoding: 4, rowCount: 3, data: [] }) },
    { rule: "colr.length-differs", found: first({ encoding: 0, rowCount: 3, data: [1, 2, 3] }) },
    { rule: "colr.runs-differ", found: first(runs(4)) },
    { rule: "colr.index-range", found: first(dictionary(2)) },
    {
      rule: "colr.sdk-misreads",
      found: found((chunks) => {
        chunks.splice(
          0,
          2,
          { encoding: 0, rowCount: 1500, data: Array(6000).fill(1) },
          { encoding: 3, rowCount: 1500, data: Array(188).fill(1) },
        );
      }),
    },
    { rule: "colr.slack-not-zero", found: found(undefined, (blocks) => blocks[1]?.set([1], 4095)) },
  ],
});
describeRules("columnar tables by runs and dictionaries", {
  subjects: [],
  sound: () => [...first(runs(3))(), ...first(dictionary(1))()],
  cases: [],
});
