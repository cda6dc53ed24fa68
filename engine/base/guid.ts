import { fromHex, hexByte } from "./bytes.ts";

export const zeroGuid = "00000000-0000-0000-0000-000000000000";

/** .NET byte order: the first three groups byte-reversed, the rest as written (format reference core, 0). */
const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** Lower-case text of 16 bytes in .NET order. */
export function guidText(bytes: Uint8Array): string {
  const pairs = (from: number, end: number): string => {
    let text = "";
    for (let index = from; index < end; index++) text += hexByte(bytes[order[index] ?? 0]);
    return text;
  };
  return `${pairs(0, 4)}-${pairs(4, 6)}-${pairs(6, 8)}-${pairs(8, 10)}-${pairs(10, 16)}`;
}

export const isGuidText = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

/** 16 bytes in .NET order. Throws a TypeError for text that is no guid. */
export function guidBytes(text: string): Uint8Array {
  if (!isGuidText(text)) throw new TypeError("not a guid");
  const plain = fromHex(text.replaceAll("-", ""));
  return Uint8Array.from(order, (from) => plain[from] ?? 0);
}
