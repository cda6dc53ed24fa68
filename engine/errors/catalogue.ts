import { hexNumber } from "../base/bytes.ts";

export interface Words {
  /** What happened. */
  what: string;
  /** Where, in bytes and blocks. */
  where?: string | undefined;
  /** What the user can do. */
  next?: string | undefined;
}
type Catalogue = Record<string, (data: never) => Words>;

const atByte = (at: bigint | number) => `byte ${hexNumber(at)} (${at})`;

/** Every code with its words. A code is never renamed or reused; tests and callers match codes, never words. */
export const catalogue = {
  // Structures
  TRUNCATED: (d: { structure: string; at: bigint; needed: number; present: number }) => ({
    what: `${d.structure} is cut off`,
    where: `${atByte(d.at)}: ${d.needed} bytes are needed, ${d.present} are there`,
    next: "Compare the file's length with its source; a copy may have stopped early.",
  }),
  CONSTANT_MISMATCH: (d: { structure: string; field: string; at: bigint; stored: string; expected: string }) => ({
    what: `This is no ${d.structure}: ${d.field} is ${d.stored}, not ${d.expected}`,
    where: atByte(d.at),
    next: "Look at the bytes with the hex view; another structure may be stored here.",
  }),
  CHECKSUM_MISMATCH: (d: { structure: string; at: bigint; stored: bigint; computed: bigint }) => ({
    what: `${d.structure} is damaged`,
    where: `${atByte(d.at)}: stored checksum ${hexNumber(d.stored, 16)}, computed ${hexNumber(d.computed, 16)}`,
    next: "Run check to list all damage, or look at the other copies of the structure.",
  }),
  VALUE_OUT_OF_RANGE: (d: { structure: string; field: string; at: bigint; value: string; allowed: string }) => ({
    what: `${d.structure}.${d.field} is ${d.value}; ${d.allowed}`,
    where: atByte(d.at),
    next: "Look at the bytes with the hex view, or compare with another copy.",
  }),
  COUNT_EXCEEDS_SPACE: (d: { structure: string; field: string; at: bigint; count: bigint | number; room: number }) => ({
    what: `${d.structure}.${d.field} counts ${d.count} elements; ${d.room} fit`,
    where: atByte(d.at),
    next: "The count or the structure's length is damaged; the elements that fit can still be shown.",
  }),

  // Devices
  DEVICE_NOT_FOUND: (d: { path: string }) => ({
    what: `${d.path} does not exist`,
    next: "Check the path, or connect the device.",
  }),
  DEVICE_ACCESS_DENIED: (d: { path: string; writing: boolean }) => ({
    what: `${d.path} may not be ${d.writing ? "written" : "read"} by this user`,
    next: "Ask for the permission, or run as a user who has it.",
  }),
  DEVICE_NOT_SUPPORTED: (d: { path: string; reason: string }) => ({
    what: `${d.path} cannot be opened: ${d.reason}`,
    next: "Choose an image file or a block device.",
  }),
  DEVICE_LOCKED: (d: { path: string; owner?: string }) => ({
    what: `${d.path} is in use by ${d.owner ?? "another program"}`,
    next: "Close it there, or open it for reading.",
  }),
  DEVICE_READ_FAILED: (d: { path: string; at: bigint; byteLength: number; reason: string }) => ({
    what: `${d.path} could not be read: ${d.reason}`,
    where: `${d.byteLength} bytes at ${atByte(d.at)}`,
    next: "Try again; if the medium fails, copy what is readable with a recovery tool first.",
  }),
  DEVICE_WRITE_FAILED: (d: { path: string; at: bigint; byteLength: number; reason: string }) => ({
    what: `${d.path} could not be written: ${d.reason}`,
    where: `${d.byteLength} bytes at ${atByte(d.at)}`,
    next: "Nothing more is written. Free space or repair the medium, then open the volume again.",
  }),
  DEVICE_SYNC_FAILED: (d: { path: string; reason: string }) => ({
    what: `${d.path} did not confirm that the data is on the medium: ${d.reason}`,
    next: "What reached the device is unknown. Open the volume again before anything is written.",
  }),
  DEVICE_READ_ONLY: (d: { path: string }) => ({
    what: `${d.path} was opened for reading only`,
    next: "Enable changes for this volume, or write to an overlay.",
  }),
  DEVICE_OUT_OF_RANGE: (d: { path: string; at: bigint; byteLength: number; deviceBytes: bigint }) => ({
    what: `${d.path} ends before that place`,
    where: `${d.byteLength} bytes at ${atByte(d.at)}; the device has ${d.deviceBytes} bytes`,
  }),
  DEVICE_CLOSED: (d: { path: string }) => ({ what: `${d.path} was closed`, next: "Open it again." }),

  // Volumes
  NOT_A_VOLUME: (d: { path: string; found: string }) => ({
    what: `${d.path} is no DWVD version 2 volume: ${d.found}`,
    where: "byte 0x0 (0), block 0",
    next: "If the volume lies inside a larger image, give its byte offset; else look at the bytes with hex.",
  }),
  NOT_DM_REMAP: (d: { path: string }) => ({
    what: `${d.path} holds no dm-remap metadata`,
    where: "sectors 0, 256, 512, 768, 1024, 2048, 4096 and 8192",
    next: "Metadata lies on the spare device, not on the main device. `blockscope remap scan` looks at several devices.",
  }),
  BLOCK_OUT_OF_RANGE: (d: { block: bigint; count: bigint; blocks: bigint }) => ({
    what: `Block ${d.block}${d.count > 1n ? ` to ${d.block + d.count - 1n}` : ""} is outside the volume`,
    where: d.blocks > 0n ? `the file holds blocks 0 to ${d.blocks - 1n}` : "the file holds no whole block",
    next: "Choose a block in this range.",
  }),
  REGION_NOT_FOUND: (d: { region: string; available: string }) => ({
    what: `There is no region ${d.region}`,
    next: `Regions here: ${d.available}`,
  }),
  LOG_NOT_FOUND: (d: { path: string; blockBytes: number }) => ({
    what: `No block of ${d.path} begins as a general log does`,
    where: `looked at the first blocks of ${d.blockBytes} bytes`,
    next: "Say where the log begins with --start, or how large a block is with --block-size.",
  }),
  INODE_NOT_FOUND: (d: { inode: bigint }) => ({ what: `There is no inode ${d.inode} in the inode table` }),

  // Creating
  KEY_UNUSABLE: (d: { path: string; found: string; expected: string }) => ({
    what: `${d.path} holds no such key: ${d.found}, expected ${d.expected}`,
    next: "Name the file that holds the key itself.",
  }),
  FILE_EXISTS: (d: { path: string }) => ({
    what: `${d.path} exists already`,
    next: "Choose another name, or remove the file yourself.",
  }),
  VOLUME_TOO_SMALL: (d: { blocks: bigint; needed: bigint; blockBytes: number }) => ({
    what: `${d.blocks} blocks hold no data region with these modules`,
    next: `${d.needed} is the smallest number that does (${d.needed * BigInt(d.blockBytes)} bytes).`,
  }),
  VOLUME_TOO_LARGE: (d: { blocks: bigint; most: bigint }) => ({
    what: `${d.blocks} blocks are more than a volume can have`,
    next: `${d.most} is the largest number of blocks of this size.`,
  }),
  BLOCK_SIZE_UNSUPPORTED: (d: { blockBytes: bigint | number }) => ({
    what: `A block size of ${d.blockBytes} bytes cannot be used`,
    next: "Use 4096, 8192, 16384, 32768 or 65536; smaller blocks cannot hold the region tables.",
  }),
  MODULE_UNKNOWN: (d: { module: string }) => ({
    what: `There is no module ${JSON.stringify(d.module)}`,
    next: "`blockscope create --help` lists the modules.",
  }),
  MODULE_NOT_STORABLE: (d: { module: string; id: number }) => ({
    what: `Module ${d.id} (${d.module}) cannot be stored: the manifest on disk has 32 bits`,
    next: "Leave modules 32 to 38 out.",
  }),
  MODULE_LEVEL_OUT_OF_RANGE: (d: { module: string; level: number }) => ({
    what: `${d.level} is no level for ${d.module}`,
    next: "Levels are 0 to 15.",
  }),
  MODULE_NOT_ACTIVE: (d: { module: string }) => ({
    what: `${d.module} is not active in this volume`,
    next: `Add it first: \`blockscope module add IMAGE ${d.module}\`.`,
  }),
  LABEL_TOO_LONG: (d: { bytes: number; most: number }) => ({
    what: `The label is ${d.bytes} bytes in UTF-8; ${d.most} fit`,
    next: "Shorten it.",
  }),

  // Changing
  LOG_TOO_SMALL: (d: { needed: bigint; room: bigint; images: number; fit: number }) => ({
    what: `The metadata log is too small for this change: ${d.images} block images take ${d.needed} bytes, ${d.room} are there`,
    next: `A transaction of this volume holds ${d.fit} blocks. Split the change into smaller ones.`,
  }),
  VERIFY_FAILED: (d: { path: string; block: bigint; at: bigint }) => ({
    what: `${d.path} does not give back what was written`,
    where: `block ${d.block}, ${atByte(d.at)}`,
    next: "The change is in the log and is completed when the volume is opened again. Look after the medium first.",
  }),
  VOLUME_READ_ONLY: (d: { reason: string }) => ({
    what: `This volume may not be changed: ${d.reason}`,
    next: "Look at it, or copy what it holds to another volume.",
  }),
  VOLUME_NEEDS_RECOVERY: (d: { state: string; action: string }) => ({
    what: `The metadata log holds a transaction that was not finished (${d.state})`,
    next: "Recover the volume first: `blockscope recover IMAGE`.",
  }),
  VOLUME_NEEDS_REPAIR: (d: { reason: string }) => ({
    what: `The volume must be repaired before it is changed: ${d.reason}`,
    next: "See the findings, then `blockscope repair IMAGE`.",
  }),
  SEAL_KEY_NEEDED: (d: { structure: string }) => ({
    what: `${d.structure} carries a seal that this change would break, and its key is not known`,
    next: "Give the key, or choose to clear the seal.",
  }),
  MODULE_NOT_ADDABLE: (d: { module: string; strategy: string; reasons: readonly string[] }) => ({
    what: `${d.module} cannot be added to this volume${d.strategy === "" ? "" : ` (${d.strategy})`}: ${d.reasons.join("; ")}`,
    next: "`blockscope module list IMAGE` gives each reason. Where only room is missing, `blockscope resize` or `--strategy copy` makes some.",
  }),
  CHANGE_NOT_POSSIBLE: (d: { change: string; reasons: readonly string[] }) => ({
    what: `${d.change} cannot be changed: ${d.reasons.join("; ")}`,
  }),
  PLAN_STALE: (d: { block: bigint; blockBytes: number }) => ({
    what: "The volume changed since this was planned",
    where: `block ${d.block}, ${atByte(d.block * BigInt(d.blockBytes))}`,
    next: "Plan again and look at the new plan.",
  }),
  QUEUE_ORDER_MATTERS: (d: { first: number; second: number; reason: string }) => ({
    what: `Changes ${d.first} and ${d.second} cannot trade places: ${d.reason}`,
    next: "Keep their order, or remove one of them.",
  }),
  QUEUE_STALE: (d: { change: number; title: string }) => ({
    what: `Change ${d.change} of the queue (${d.title}) would now do something else than was shown`,
    next: "Nothing of it was written, and the queue keeps its order. Look at its plan as it is now, then apply again.",
  }),
  UNDO_NOT_POSSIBLE: (d: { reason: string }) => ({
    what: `This cannot be undone any more: ${d.reason}`,
    next: "The bundle still holds the blocks as they were; they can be compared with the volume.",
  }),
  BUNDLE_DAMAGED: (d: { path: string; at: bigint; reason: string }) => ({
    what: `${d.path} is no whole undo bundle: ${d.reason}`,
    where: atByte(d.at),
    next: "Use another copy of it.",
  }),
  OVERLAY_DAMAGED: (d: { path: string; at: bigint; reason: string }) => ({
    what: `${d.path} is no whole overlay: ${d.reason}`,
    where: atByte(d.at),
    next: "The image below is untouched. Use another copy of the overlay, or drop it.",
  }),
  OVERLAY_BASE_CHANGED: (d: { path: string; image: string; block: bigint; blockBytes: number }) => ({
    what: `${d.image} changed under the overlay ${d.path}`,
    where: `block ${d.block}, ${atByte(d.block * BigInt(d.blockBytes))}: it is not what the overlay was laid over`,
    next: "`blockscope overlay show FILE` lists what the overlay holds. Bring the image back to what it was, or drop the overlay.",
  }),
  OVERLAY_OTHER_IMAGE: (d: { path: string; image: string; reason: string }) => ({
    what: `The overlay ${d.path} belongs to another image than ${d.image}: ${d.reason}`,
    next: "Open it with the image that `blockscope overlay show FILE` names, or make a new overlay.",
  }),

  // Files in a volume
  ENTRY_NOT_FOUND: (d: { path: string; missing: string }) => ({
    what: `There is no ${JSON.stringify(d.path)} in the volume`,
    where: d.missing === d.path ? undefined : `${JSON.stringify(d.missing)} is missing`,
    next: "`blockscope ls IMAGE` shows what is there.",
  }),
  NOT_A_FILE: (d: { path: string; kind: string }) => ({
    what: `${JSON.stringify(d.path)} is ${d.kind}, not a file`,
    next: "Choose a file, or export the folder.",
  }),
  NOT_A_DIRECTORY: (d: { path: string }) => ({ what: `${JSON.stringify(d.path)} is no folder`, next: "Choose a folder." }),
  FILE_UNREADABLE: (d: { path: string; reason: string }) => ({
    what: `${JSON.stringify(d.path)} cannot be read whole: ${d.reason}`,
    next: "See the findings; `hex` and the inode panel show what is there.",
  }),
  TARGET_UNUSABLE: (d: { path: string; reason: string }) => ({
    what: `Nothing can be written to ${d.path}: ${d.reason}`,
    next: "Choose another folder, or make room there.",
  }),
  ENTRY_EXISTS: (d: { path: string }) => ({
    what: `${JSON.stringify(d.path)} exists in the volume already`,
    next: "Import it under another folder with --to.",
  }),
  NAME_NOT_STORABLE: (d: { name: string; problem: string }) => ({
    what: `${JSON.stringify(d.name)} cannot be a name in the volume: ${d.problem}`,
    next: "Choose another name.",
  }),
  DIRECTORY_DAMAGED: (d: { path: string; reason: string }) => ({
    what: `The folder ${JSON.stringify(d.path)} cannot take new entries: ${d.reason}`,
    next: "See the findings and repair the volume first, or import under another folder.",
  }),
  NOTHING_TO_IMPORT: (d: { skipped: number }) => ({
    what: d.skipped > 0 ? `Nothing is left to import: ${d.skipped} entries were skipped` : "There is nothing to import",
    next: "Links and special files are not imported.",
  }),
  SOURCE_CHANGED: (d: { path: string; reason: string }) => ({
    what: `${d.path} changed since the import was planned: ${d.reason}`,
    next: "Nothing of this step was committed. Plan again.",
  }),
  SPACE_NEEDED: (d: { needed: bigint; free: bigint; blockBytes: number }) => ({
    what: `${d.needed} blocks are needed (${d.needed * BigInt(d.blockBytes)} bytes); the data region has ${d.free} free`,
    next: "Import less, free space, or enlarge the volume with resize.",
  }),
  INODE_TABLE_FULL: (d: { needed: number; free: number }) => ({
    what: `The inode table has room for ${d.free} more objects; ${d.needed} are to be added`,
    next: "Import fewer files at a time, or into a volume with a larger inode table.",
  }),
  FILE_TOO_FRAGMENTED: (d: { path: string; extents: number; most: number }) => ({
    what: `${JSON.stringify(d.path)} would take ${d.extents} extents; an inode can have ${d.most}`,
    next: "The free space is in too many pieces. Free a longer run, or enlarge the volume.",
  }),

  // Contract and hosts
  REQUEST_INVALID: (d: { call: string; problem: string }) => ({
    what: `The call ${d.call} was refused: ${d.problem}`,
  }),
  PATH_OUTSIDE_ROOT: (d: { path: string }) => ({
    what: `${d.path} lies outside the folder this host may open`,
    next: "Start it with --root set to a folder that holds the file.",
  }),
  HANDLE_UNKNOWN: (d: { kind: string; id: string }) => ({ what: `There is no ${d.kind} ${d.id} any more`, next: "Open it again." }),
  EXPRESSION_NOT_UNDERSTOOD: (d: { text: string; at: number; expected: string }) => ({
    what: `${JSON.stringify(d.text)} is no place in this volume`,
    where: `character ${d.at + 1}: ${d.expected} is expected`,
    next: "Examples: 1041, 0x1041, b1041+0x20, end-1, MWAL, INOD+17, 0x34 * 2",
  }),
  PATTERN_NOT_UNDERSTOOD: (d: { text: string }) => ({
    what: `${JSON.stringify(d.text)} is no run of hex bytes`,
    next: "Write bytes as pairs of hex digits, ?? for any byte, or search for text.",
  }),
} satisfies Catalogue;

export type ErrorCode = keyof typeof catalogue;
export type ErrorData<Code extends ErrorCode> = Parameters<(typeof catalogue)[Code]>[0];
