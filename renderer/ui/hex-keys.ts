import type { HexRun, HexShape } from "./hex-rows.ts";

export interface HexKey {
  key: string;
  ctrl: boolean;
}
export interface HexPosition {
  byte: bigint;
  shape: HexShape;
  /** Byte rows that fit into the view. */
  page: number;
  /** Fields of the block at `byte`, in order. */
  fields: readonly HexRun[];
}

/** The byte that a movement key leads to, held within the volume; undefined for any other key. */
export function movedByte({ key, ctrl }: HexKey, { byte, shape, page, fields }: HexPosition): bigint | undefined {
  const columns = BigInt(shape.columns);
  const blockBytes = BigInt(shape.blockBytes);
  const row = byte - (byte % columns);
  const block = byte - (byte % blockBytes);
  const last = shape.byteLength - 1n;
  const held = (to: bigint) => (to < 0n ? 0n : to > last ? last : to);
  const ctrlMoves: { [key: string]: () => bigint } = {
    ArrowLeft: () => fields.findLast((field) => field.start < byte)?.start ?? block - 1n,
    ArrowRight: () => fields.find((field) => field.start > byte)?.start ?? block + blockBytes,
    ArrowUp: () => byte - blockBytes,
    ArrowDown: () => byte + blockBytes,
    Home: () => (byte === block ? 0n : block),
    End: () => (byte === held(block + blockBytes - 1n) ? last : block + blockBytes - 1n),
  };
  const moves: { [key: string]: () => bigint } = {
    ArrowLeft: () => byte - 1n,
    ArrowRight: () => byte + 1n,
    ArrowUp: () => (byte < columns ? byte : byte - columns),
    ArrowDown: () => (byte + columns > last ? byte : byte + columns),
    Home: () => row,
    End: () => row + columns - 1n,
    PageUp: () => byte - columns * BigInt(page),
    PageDown: () => byte + columns * BigInt(page),
  };
  const move = (ctrl ? ctrlMoves : moves)[key];
  return move && held(move());
}
