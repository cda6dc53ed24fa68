import { BitmapPyramid } from "../../volume/bitmap-pyramid.ts";
import { type Figure, median, ratio } from "./measure.ts";

const blocks = 2n ** 28n;
const payloadBytes = 4080;

/** Building the map's pyramid over 2^28 blocks, and one tile of it, against copying the same bitmap. */
export async function pyramidFigures(): Promise<Figure[]> {
  const bitmap = new Uint8Array(Number(blocks / 8n));
  for (let index = 0; index < bitmap.length; index++) bitmap[index] = (index * 2_654_435_761) >>> 24;
  const copy = await median(7, () => bitmap.slice());
  let pyramid = new BitmapPyramid(blocks);
  const build = await median(3, () => {
    pyramid = new BitmapPyramid(blocks);
    for (let at = 0; at < bitmap.length; at += payloadBytes) pyramid.add(BigInt(at) * 8n, bitmap.subarray(at, at + payloadBytes));
  });
  const tile = await median(51, () => pyramid.tile(4, 3n));
  return [
    { name: "map pyramid of 2^28 blocks, against copying its bitmap", value: ratio(build, copy) },
    { name: "map tiles of 65 536 cells made while the bitmap is copied once", value: (copy / tile).toFixed(0) },
  ];
}
