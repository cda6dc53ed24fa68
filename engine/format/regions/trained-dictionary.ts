import { concatBytes, viewOf } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import { StoredText } from "../../base/stored-text.ts";
import { bytes, constant, countedText, struct, u16, u32, u64be } from "../../base/struct/index.ts";

const magicBytes = Uint8Array.of(0x54, 0x43, 0x44, 0x43);
const headerBytes = 8;
const hashBytes = 8;
export const trainedDictionaryVersion = 1;
/** The most bytes of a dictionary that the SDK reads. Other regions reference 4.1. */
export const mostDictionaryBytes = 16 * 1_048_576;
/** The longest name in characters. Other regions reference 4.1. */
const mostNameCharacters = 255;

/** A dictionary with its own header, in whole blocks without trailers. Other regions reference 4.1. */
export const trainedDictionary = struct("TrainedDictionary", {
  magic: constant(magicBytes),
  version: u16({ oneOf: [trainedDictionaryVersion] }),
  nameLength: u16({ unit: "bytes" }),
  name: countedText((values) => values.nameLength as number),
  dictSize: u32({ unit: "bytes", check: (value) => value <= mostDictionaryBytes, expects: "at most 16 MiB" }),
  dictionary: bytes((values) => values.dictSize as number),
  xxHash64: u64be({ as: "checksum", doc: "XXH64 of the bytes before it, big-endian" }),
});

export interface TrainedDictionary {
  version: number;
  name: StoredText;
  dictSize: number;
  dictionary: Uint8Array;
  /** As stored: big-endian. */
  xxHash64: bigint;
}

/** What the SDK's reader says: a record, null for none, or its exception. Other regions reference 4.1. */
export type TrainedDictionaryReading = { record: TrainedDictionary } | { record?: undefined; sdkReads: string };

/** Reads the record that `stream` begins with; `blockBytes` bounds its header. Other regions reference 4.1. */
export function readTrainedDictionary(stream: Uint8Array, blockBytes: number): TrainedDictionaryReading {
  const none = { sdkReads: "null" };
  if (stream.length < headerBytes + 4 || magicBytes.some((byte, index) => stream[index] !== byte)) return none;
  const view = viewOf(stream);
  const nameLength = view.getUint16(6, true);
  if (view.getUint16(4, true) !== trainedDictionaryVersion || headerBytes + nameLength + 4 > Math.min(blockBytes, stream.length))
    return none;
  const dictSize = view.getUint32(headerBytes + nameLength, true);
  if (dictSize > mostDictionaryBytes) return { sdkReads: "InvalidDataException" };
  const end = headerBytes + nameLength + 4 + dictSize;
  if (end + hashBytes > stream.length) return none;
  const { version, name, dictionary, xxHash64 } = trainedDictionary.parse(stream.subarray(0, end + hashBytes));
  if (xxHash64 !== checksum.xxh64(stream.subarray(0, end))) return none;
  return { record: { version, name, dictSize, dictionary, xxHash64 } };
}

/** The blocks of a record, its hash made anew. Throws a RangeError for a name that its reader would not take. Other regions reference 4.1. */
export function writeTrainedDictionary(name: string, dictionary: Uint8Array, blockBytes: number): Uint8Array[] {
  const stored = StoredText.of(name);
  if (name.length > mostNameCharacters || headerBytes + stored.bytes.length + 4 > blockBytes)
    throw new RangeError(`a name of ${stored.bytes.length} bytes does not fit`);
  if (dictionary.length > mostDictionaryBytes) throw new RangeError(`a dictionary has at most ${mostDictionaryBytes} bytes`);
  const record = trainedDictionary.encode({
    magic: magicBytes,
    version: trainedDictionaryVersion,
    nameLength: stored.bytes.length,
    name: stored,
    dictSize: dictionary.length,
    dictionary,
    xxHash64: 0n,
  });
  viewOf(record).setBigUint64(record.length - hashBytes, checksum.xxh64(record.subarray(0, -hashBytes)), false);
  const count = Math.ceil(record.length / blockBytes);
  const whole = concatBytes([record, new Uint8Array(count * blockBytes - record.length)]);
  return Array.from({ length: count }, (_, index) => whole.slice(index * blockBytes, (index + 1) * blockBytes));
}

/** Where a dictionary's bytes were found among its blocks: nothing on disk says how they are framed. Other regions reference 4. */
export type DictionaryFraming = "whole-blocks" | "payloads" | "trained-record";

/** The dictionary in its blocks, if one of the framings gives the hash; undefined where none does. */
export function findDictionary(
  blocks: readonly Uint8Array[],
  byteLength: number,
  contentHash: Uint8Array,
  payloadBytes: number,
): { framing: DictionaryFraming; bytes: Uint8Array } | undefined {
  const whole = concatBytes(blocks);
  const record = readTrainedDictionary(whole, blocks[0]?.length ?? 0).record;
  const candidates: [DictionaryFraming, Uint8Array][] = [
    ["whole-blocks", whole.subarray(0, byteLength)],
    ["payloads", concatBytes(blocks.map((block) => block.subarray(0, payloadBytes))).subarray(0, byteLength)],
    ...(record ? [["trained-record", record.dictionary] as [DictionaryFraming, Uint8Array]] : []),
  ];
  const found = candidates.find(
    ([, each]) => each.length === byteLength && checksum.sha256(each).every((byte, index) => byte === contentHash[index]),
  );
  return found && { framing: found[0], bytes: found[1] };
}
