import type { ByteRange } from "./common.ts";
import type { Health, RegionFamily } from "./volume.ts";

/** A picture that explains a region; each says in words what it shows, for readers of the screen. */
export type RegionPicture = { title: string; summary: string } & (
  | BarsPicture
  | RangesPicture
  | CellsPicture
  | SeriesPicture
  | LinksPicture
);

/** Quantities side by side: lag, retention, capacity. `of` is the length of the track. */
export interface BarsPicture {
  type: "bars";
  unit: string;
  bars: {
    label: string;
    value: number;
    of?: number | undefined;
    text: string;
    health?: Health | undefined;
    range?: ByteRange | undefined;
  }[];
}
/** Runs on a scale: extents on the volume, records in a region, a ring with its head. */
export interface RangesPicture {
  type: "ranges";
  unit: string;
  start: number;
  end: number;
  ranges: {
    start: number;
    end: number;
    label: string;
    family?: RegionFamily | undefined;
    health?: Health | undefined;
    range?: ByteRange | undefined;
  }[];
  marks: { at: number; label: string }[];
}
/** Things of one size in a grid, each in a state: zones, slots, frames. */
export interface CellsPicture {
  type: "cells";
  columns: number;
  cells: { label: string; state: string; range?: ByteRange | undefined }[];
  /** Every state there is, in the order of the legend. */
  states: { state: string; title: string; tone: "empty" | "ok" | "busy" | "warning" | "error" | "off" }[];
  /** Cells left out beyond the limit. */
  more: number;
}
/** Values over time; x is ms since 1970. */
export interface SeriesPicture {
  type: "series";
  unit: string;
  series: { name: string; points: [x: number, y: number][] }[];
  /** Points left out beyond the limit. */
  more: number;
}
/** Who refers to whom. */
export interface LinksPicture {
  type: "links";
  nodes: { id: string; label: string; tone: "self" | "known" | "missing"; range?: ByteRange | undefined }[];
  links: { from: string; to: string; label: string; range?: ByteRange | undefined }[];
  more: number;
}
