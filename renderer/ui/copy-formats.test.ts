import { describe, expect, it } from "vitest";
import { bytesFormats, placeFormats } from "./copy-formats.ts";

describe("what is copied", () => {
  const place = (id: string, start: bigint, end: bigint, image = "disk.dwvd") =>
    placeFormats.find((format) => format.id === id)?.of({ image, start, end, blockBytes: 4096 });
  const bytes = (id: string, values: number[]) => bytesFormats.find((format) => format.id === id)?.of(Uint8Array.from(values));

  it("names a place in bytes, in blocks, and as the command that shows it", () => {
    expect(place("bytes", 4096n, 8192n)).toBe("0x1000–0x1fff");
    expect(place("blocks", 4096n, 8192n)).toBe("block 1");
    expect(place("blocks", 4128n, 4136n)).toBe("b1+0x20");
    expect(place("command", 4128n, 8193n)).toBe("blockscope hex disk.dwvd --block 1 --count 2 --annotate");
  });
  it("leaves no way out of the quotes of a file's name", () => {
    expect(place("command", 0n, 1n, "it's; rm -rf ~")).toBe("blockscope hex 'it'\\''s; rm -rf ~' --block 0 --annotate");
  });
  it("writes bytes as hex, C, Base64 and text", () => {
    const values = [0x53, 0x42, 0, 0xff, ...Array.from({ length: 13 }, () => 0x41)];
    expect(bytes("hex", values)).toBe("53 42 00 ff 41 41 41 41 41 41 41 41 41 41 41 41\n41");
    expect(bytes("c", values.slice(0, 3))).toBe("{\n  0x53, 0x42, 0x00\n}");
    expect(bytes("base64", values)).toBe("U0IA/0FBQUFBQUFBQUFBQUE=");
    expect(bytes("text", values.slice(0, 6))).toBe("SB..AA");
  });
});
