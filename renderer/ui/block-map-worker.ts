import { paintTile, type TilePicture, type TileRequest } from "./block-map-tile.ts";

addEventListener("message", ({ data }: MessageEvent<TileRequest>) => {
  const picture: TilePicture = { id: data.id, pixels: paintTile(data) };
  postMessage(picture, { transfer: [picture.pixels.buffer] });
});
