import type { ByteRange } from "../../contract/common.ts";
import type { Cell, Fact, RegionPicture, TableColumn, TableInfo, TableRow } from "../../contract/index.ts";
import type { Volume, VolumeRegion } from "../engine.ts";

/** What a viewer is given of a region whose content was decoded. */
export interface ViewerInput<Content> {
  content: Content;
  volume: Volume;
  region: VolumeRegion;
  /** Bytes of the volume where element `index` of a list of the content lies. */
  rangeOf: (list: string, index: number) => ByteRange | undefined;
  /** Bytes of whole blocks of the volume. */
  blocks: (startBlock: bigint, blockCount: bigint) => ByteRange | undefined;
}

/** Rows of one table, made when they are asked for. */
export interface TableSource extends Omit<TableInfo, "columns"> {
  columns: readonly TableColumn[];
  row: (index: number) => Omit<TableRow, "index" | "severity">;
}

export interface ViewedContent {
  facts: Fact[];
  tables: TableSource[];
  pictures: RegionPicture[];
}

/** Turns the decoded content of one kind of region into what is shown. */
export type RegionViewer<Content> = (input: ViewerInput<Content>) => ViewedContent;

/** One column of a table of records: its look, and its cell of a record. */
export interface ColumnOf<Element> extends Omit<TableColumn, "width"> {
  width?: number;
  cell: (element: Element, index: number) => Cell;
}

const widths: Readonly<Record<TableColumn["kind"], number>> = {
  text: 200,
  number: 110,
  time: 206,
  id: 300,
  bytes: 220,
  boolean: 80,
  block: 110,
  blocks: 90,
  size: 100,
  state: 140,
  secret: 220,
};

/** A table of the records of one list of the content. */
export function tableOf<Element>(
  { rangeOf }: Pick<ViewerInput<unknown>, "rangeOf">,
  list: string,
  elements: readonly Element[],
  about: {
    title: string;
    empty: string;
    columns: readonly ColumnOf<Element>[];
    look?: (element: Element) => TableRow["look"];
    id?: string;
  },
): TableSource {
  return {
    id: about.id ?? list,
    title: about.title,
    empty: about.empty,
    rowCount: elements.length,
    columns: about.columns.map(({ cell, width, ...column }) => ({ ...column, width: width ?? widths[column.kind] })),
    row: (index) => {
      const element = elements[index];
      if (element === undefined) return { cells: [] };
      return {
        cells: about.columns.map((column) => column.cell(element, index)),
        range: rangeOf(list, index),
        look: about.look?.(element),
      };
    },
  };
}
