import { viewOf } from "../base/bytes.ts";
import { bytes, constant, struct, u16, u32, xxh64 } from "../base/struct/index.ts";
import type { EngineError } from "../errors/engine-error.ts";
import { type BlockDevice, readUpTo } from "./block-device.ts";

const headBytes = 12;
const mostDocumentBytes = 16_777_216;

/** How one of our own files begins: a magic of six letters, a version, and a JSON document that says what it is about. Convention "Files of our own". */
export function documentHeader<Document>(name: string, magic: string) {
  const header = struct(name, {
    magic: constant(magic),
    version: u16({ oneOf: [1] }),
    documentBytes: u32({ unit: "bytes" }),
    document: bytes((values) => values.documentBytes as number, { doc: "JSON" }),
    checksum: xxh64({ over: (at, from) => [from, at] }),
  });
  return {
    encode(document: Document): Uint8Array {
      const text = new TextEncoder().encode(JSON.stringify(document));
      return header.encode({
        magic: new TextEncoder().encode(magic),
        version: 1,
        documentBytes: text.length,
        document: text,
        checksum: 0n,
      });
    },
    /** The document, and the bytes that the header takes. What `damaged` makes of a place and a reason where it does not verify. */
    async read(
      device: BlockDevice,
      damaged: (at: bigint, reason: string) => EngineError,
    ): Promise<{ document: Document; byteLength: bigint }> {
      const head = await readUpTo(device, 0n, headBytes);
      if (head.length < headBytes || new TextDecoder().decode(head.subarray(0, magic.length)) !== magic)
        throw damaged(0n, "it does not begin as one");
      const documentBytes = viewOf(head).getUint32(8, true);
      if (documentBytes > mostDocumentBytes) throw damaged(8n, "its header is too long");
      const whole = await readUpTo(device, 0n, headBytes + documentBytes + 8);
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(header.decode(whole).document);
        return { document: JSON.parse(text) as Document, byteLength: BigInt(whole.length) };
      } catch (cause) {
        throw Object.assign(damaged(0n, "its header does not verify"), { cause });
      }
    },
  };
}
