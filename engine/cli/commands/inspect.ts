import { checkImage, formatSize, inspectImage, modulesOf, ticksText, type Volume } from "../../host/engine.ts";
import { numberOption, parseCommand, secondsOption, textOption } from "../arguments.ts";
import { printFindings } from "../findings.ts";
import { imageOptions, openNamed } from "../image.ts";
import { keyOptions, keysOption } from "../keys.ts";
import { printRemap } from "../remap.ts";
import { Terminal } from "../terminal.ts";
import type { Command } from "./command.ts";

export const inspectCommand: Command = {
  name: "inspect",
  usage: "inspect IMAGE",
  does: "what the volume is: identity, geometry, regions with contents, findings",
  help: `blockscope inspect IMAGE [--region TAG|SLOT] [--block N] [--inode N] [--offset BYTES] [--overlay FILE] [--vault-key FILE] [--issuer-key FILE]
                   [--now TIME] [--json]

What the volume is: identity, geometry, regions with contents, findings; of a device with dm-remap metadata its copies, which of them is
believed and why. Reads only.

  --region TAG|SLOT   one region alone, without the limit of 64 MiB
  --block N           also gives block N
  --inode N           also gives inode N
  --offset BYTES      the volume begins inside a larger image
  --overlay FILE      see IMAGE through this overlay
  --vault-key FILE    key of the policy vault's seal, 32 bytes or 64 hex digits: then the seal is judged
  --issuer-key FILE   public key of the compliance passports' issuer (DER): then signatures are judged
  --now TIME          the time that dm-remap times are judged against, ISO 8601 or Unix seconds
  --json              one JSON document, blockscope.inspect/1

Example: blockscope inspect disk.dwvd --region INOD --json
`,
  async run(args, signal) {
    const { values, positionals } = parseCommand(
      args,
      {
        region: { type: "string" },
        block: { type: "string" },
        inode: { type: "string" },
        ...imageOptions,
        now: { type: "string" },
        ...keyOptions,
      },
      { least: 1, most: 1, names: "IMAGE" },
    );
    const terminal = new Terminal({
      json: values.json === true,
      color: textOption(values, "color"),
      progress: textOption(values, "progress"),
    });
    const image = await openNamed(positionals[0] ?? "", values, {
      keys: await keysOption(values),
      now: secondsOption(values, "now"),
      signal,
    });
    try {
      const findings = await checkImage(image, { signal, onProgress: (progress) => terminal.progress(progress) });
      const document = await inspectImage(image, {
        region: textOption(values, "region"),
        block: numberOption(values, "block"),
        inode: numberOption(values, "inode"),
        findings,
        signal,
      });
      terminal.clearProgress();
      if (terminal.json) terminal.document(document);
      else {
        if (image.remap) printRemap(terminal, image.remap);
        else printVolume(terminal, image.volume);
        if (values.region !== undefined || values.block !== undefined || values.inode !== undefined) {
          const { regions, block, inode } = document;
          terminal.line(
            terminal
              .safe(
                JSON.stringify(
                  {
                    ...(values.region !== undefined && { regions }),
                    ...(block !== undefined && { block }),
                    ...(inode !== undefined && { inode }),
                  },
                  null,
                  2,
                ),
              )
              .replaceAll("\\u{a}", "\n"),
          );
        }
        printFindings(terminal, findings, image.remap ? "sector" : "block");
      }
      return findings.some((finding) => finding.severity === "error") ? 1 : 0;
    } finally {
      await image.volume.sourceDevice.close();
    }
  },
};

function printVolume(terminal: Terminal, volume: Volume): void {
  const held = volume.superblock;
  terminal.line(terminal.style("bold", terminal.safe(volume.name)));
  const rows: string[][] = [];
  if (held) {
    rows.push(
      ["Label", terminal.safe(held.volumeLabel.text) || "none"],
      ["Volume", held.volumeUuid],
      ["Created", ticksText(held.createdTimestampUtc) ?? `${held.createdTimestampUtc} ticks`],
    );
    rows.push(
      [
        "Modules",
        modulesOf(held.moduleManifest)
          .map((module) => module.name)
          .join(", ") || "none",
      ],
      ["Sequence", `${held.checkpointSequence}`],
      ["Free blocks", `${held.freeBlocks}`],
    );
  }
  rows.push([
    "Geometry",
    `${volume.totalBlocks} blocks of ${volume.blockBytes} bytes, ${formatSize(volume.totalBlocks * BigInt(volume.blockBytes))}`,
  ]);
  rows.push([
    "File",
    `${volume.sourceDevice.byteLength} bytes${volume.volumeOffset > 0n ? `, volume at byte ${volume.volumeOffset}` : ""}`,
  ]);
  terminal.table(rows, { indent: 2 });
  terminal.line();
  terminal.table(
    [
      ["Slot", "Region", "Tag", "Start", "Blocks", "Used"],
      ...volume.regions.map((region) => [
        `${region.slot}`,
        terminal.safe(region.name),
        terminal.safe(region.tag),
        `${region.startBlock}`,
        `${region.blockCount}`,
        `${region.usedBlocks}`,
      ]),
    ],
    { indent: 2 },
  );
  terminal.line();
}
