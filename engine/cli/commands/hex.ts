import { annotateImageBlock, EngineError, type Image, nameImageBlock, toHex, toJson } from "../../host/engine.ts";
import { numberOption, parseCommand, textOption, UsageError } from "../arguments.ts";
import { imageOptions, openNamed } from "../image.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

const mostBlocks = 4096n;

export const hexCommand: Command = {
  name: "hex",
  usage: "hex IMAGE --block N",
  does: "bytes of blocks, with the meaning of each",
  help: `blockscope hex IMAGE --block N [--count N] [--annotate] [--offset BYTES] [--overlay FILE] [--json]

Bytes of N blocks, with the meaning of each where --annotate is given. Works on any file; one that is no volume is shown in blocks of 4096,
a device with dm-remap metadata in sectors of 512. Reads only.

  --block N       the first block
  --count N       how many, 1 unless told, 4096 at the most
  --overlay FILE  see IMAGE through this overlay
  --annotate      the fields of each block: where, what, value, and what is wrong with it

Example: blockscope hex disk.dwvd --block 0 --annotate
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      { block: { type: "string" }, count: { type: "string" }, annotate: { type: "boolean" }, ...imageOptions },
      { least: 1, most: 1, names: "IMAGE" },
    );
    const terminal = new Terminal({ json: values.json === true, color: textOption(values, "color") });
    const first = numberOption(values, "block");
    if (first === undefined) throw new UsageError("--block N is missing");
    const count = numberOption(values, "count") ?? 1n;
    if (count < 1n || count > mostBlocks) throw new UsageError(`--count takes 1 to ${mostBlocks}`);
    const image = await openNamed(positionals[0] ?? "", values, {
      anything: true,
      signal,
    });
    const { volume } = image;
    try {
      if (first + count > volume.fileBlocks)
        throw new EngineError("BLOCK_OUT_OF_RANGE", { block: first, count, blocks: volume.fileBlocks });
      const blocks = [];
      for (let block = first; block < first + count; block++) {
        const bytes = await volume.requireBlock(block, signal);
        const fields = values.annotate ? await annotateImageBlock(image, block, bytes) : undefined;
        if (terminal.json)
          blocks.push({
            block: toJson(block),
            byteOffset: toJson(block * BigInt(volume.blockBytes)),
            name: nameImageBlock(image, volume.judge(block, bytes)),
            state: volume.judge(block, bytes).state,
            bytes: toHex(bytes),
            ...(fields && { fields: fields.map(toJson) }),
          });
        else printBlock(terminal, image, block, bytes, fields);
      }
      if (terminal.json) terminal.document({ schema: "blockscope.hex/1", blockSize: volume.blockBytes, blocks });
      return 0;
    } finally {
      await volume.sourceDevice.close();
    }
  },
};

function printBlock(
  terminal: Terminal,
  image: Image,
  block: bigint,
  bytes: Uint8Array,
  fields: Awaited<ReturnType<typeof annotateImageBlock>> | undefined,
): void {
  const { volume } = image;
  const verdict = volume.judge(block, bytes);
  const seal = verdict.trailer?.tag ? ` · ${terminal.safe(verdict.trailer.tag)} generation ${verdict.trailer.generationNumber}` : "";
  terminal.line(
    terminal.style(
      "bold",
      `${image.remap ? "Sector" : "Block"} ${block} · ${terminal.safe(nameImageBlock(image, verdict))}${image.remap ? "" : ` · ${verdict.state}${seal}`}`,
    ),
  );
  if (fields) {
    const at = block * BigInt(volume.blockBytes);
    terminal.table(
      [
        ["Bytes", "Field", "Type", "Value"],
        ...fields.map((field) => [
          `0x${(field.start - at).toString(16).padStart(4, "0")}–0x${(field.end - at - 1n).toString(16).padStart(4, "0")}`,
          field.path,
          field.type,
          `${terminal.safe(field.text)}${field.problem ? terminal.style("red", `  ! ${field.problem}`) : ""}`,
        ]),
      ],
      { indent: 2 },
    );
  } else printRows(terminal, block * BigInt(volume.blockBytes), bytes);
  terminal.line();
}

function printRows(terminal: Terminal, start: bigint, bytes: Uint8Array): void {
  let skipped = 0;
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const isRepeat = at > 0 && at + 16 < bytes.length && row.every((byte, index) => byte === bytes[at - 16 + index]);
    if (isRepeat) {
      skipped++;
      continue;
    }
    if (skipped > 0) terminal.line(terminal.style("dim", `  * ${skipped} equal rows`));
    skipped = 0;
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const letters = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    terminal.line(
      `  ${(start + BigInt(at)).toString(16).padStart(12, "0")}  ${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}  ${letters}`,
    );
  }
}
