import { BlockReader } from "./block-reader.ts";
import { chooseGroup } from "./superblock-group.ts";
import { Volume } from "./volume.ts";

/** The device of a volume in blocks of another size and without any meaning of its own: what stands there is known from elsewhere. */
export function rawView(volume: Volume, blockBytes: number, found: string): Volume {
  return new Volume({
    name: volume.name,
    kind: "unknown",
    found,
    sourceDevice: volume.sourceDevice,
    device: volume.device,
    volumeOffset: volume.volumeOffset,
    preamble: undefined,
    blockSize: { blockBytes, verified: 0, stored: undefined },
    reader: new BlockReader(volume.device, blockBytes),
    head: [],
    group: chooseGroup([]),
    tables: { tables: [], slots: [], source: "none", differences: [] },
    regions: [],
    plan: undefined,
    log: undefined,
    keys: {},
    findings: [],
  });
}
