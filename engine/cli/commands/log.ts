import { describeGeneralLog, EngineError, findGeneralLog, judgeGeneralLog, readGeneralLog, toJson } from "../../host/engine.ts";
import { openSource } from "../../host/overlays.ts";
import { numberOption, parseCommand, textOption, UsageError } from "../arguments.ts";
import { printFindings } from "../findings.ts";
import { imageOf, imageOptions } from "../image.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

const defaultBlockBytes = 4096n;

export const logCommand: Command = {
  name: "log",
  usage: "log FILE",
  does: "a general write-ahead log on its own: header, entries, transactions",
  help: `blockscope log FILE [--start BLOCK --blocks N] [--block-size BYTES] [--overlay FILE] [--json]

A general write-ahead log (magic HLAW) on its own: its header, every entry that can be read, stale ones too, what became of each
transaction, and what the SDK's replay would give. Reads only. Ends with 1 where there is a finding of severity error.

  --start BLOCK        first block of the log; without it the first block with the magic
  --blocks N           blocks of the log; without it all up to the end of the file
  --overlay FILE       see FILE through this overlay
  --block-size BYTES   ${defaultBlockBytes} unless told
  --json               one JSON document, blockscope.log/1

Example: blockscope log journal.bin --start 2 --blocks 32 --json
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      { start: { type: "string" }, blocks: { type: "string" }, "block-size": { type: "string" }, overlay: imageOptions.overlay },
      { least: 1, most: 1, names: "FILE" },
    );
    const terminal = new Terminal({
      json: values.json === true,
      color: textOption(values, "color"),
      progress: textOption(values, "progress"),
    });
    const path = positionals[0] ?? "";
    const blockBytes = numberOption(values, "block-size", { units: true }) ?? defaultBlockBytes;
    if (blockBytes < 512n || blockBytes > 65_536n) throw new UsageError("--block-size takes 512 to 65536 bytes");
    const asked = numberOption(values, "blocks");
    if (asked !== undefined && asked < 2n) throw new UsageError("a log has at least 2 blocks");
    const device = await openSource(imageOf(path, values));
    try {
      const startBlock = numberOption(values, "start") ?? (await findGeneralLog(device, Number(blockBytes), signal));
      const fileBlocks = device.byteLength / blockBytes;
      if (startBlock === undefined) throw new EngineError("LOG_NOT_FOUND", { path, blockBytes: Number(blockBytes) });
      if (startBlock >= fileBlocks) throw new EngineError("BLOCK_OUT_OF_RANGE", { block: startBlock, count: 1n, blocks: fileBlocks });
      const area = { startBlock, blockCount: asked ?? fileBlocks - startBlock, blockBytes: Number(blockBytes) };
      const log = await readGeneralLog(device, area, signal);
      const findings = judgeGeneralLog(log);
      const document = describeGeneralLog(log);
      if (terminal.json)
        terminal.document({
          schema: "blockscope.log/1",
          image: { path, bytes: toJson(device.byteLength) },
          ...document,
          findings: findings.map(toJson),
        });
      else {
        const { header, entries, transactions } = log;
        terminal.table([
          ["Log", `block ${startBlock}, ${area.blockCount} blocks of ${blockBytes} bytes`],
          ["Head, tail", `${header.headBlock}, ${header.tailBlock}`],
          ["Next sequence", `${header.nextSequenceNumber}, last checkpoint ${header.lastCheckpointSequence}`],
          ["Next transaction", `${header.nextTransactionId}`],
          ["Checksum", header.checksumValid ? "holds" : "does not match"],
        ]);
        terminal.line();
        const names = document.entries as { typeName: string }[];
        terminal.table([
          ["Block", "Sequence", "Transaction", "Type", "Target", "Before", "After", "Blocks"],
          ...entries.map((entry, index) => [
            `${entry.block}${entry.offset > 0 ? `+${entry.offset}` : ""}`,
            `${entry.sequenceNumber}`,
            `${entry.transactionId}`,
            names[index]?.typeName ?? "",
            entry.targetBlockNumber < 0n ? "" : `${entry.targetBlockNumber}`,
            `${entry.beforeLength}`,
            `${entry.afterLength}`,
            `${entry.blocks}`,
          ]),
        ]);
        terminal.line();
        for (const { transactionId, state, inWindow, changes } of transactions)
          terminal.line(`Transaction ${transactionId}: ${state}, ${changes} changes${inWindow ? "" : ", outside tail to head"}`);
        printFindings(terminal, findings);
      }
      return findings.some((finding) => finding.severity === "error") ? 1 : 0;
    } finally {
      await device.close();
    }
  },
};
