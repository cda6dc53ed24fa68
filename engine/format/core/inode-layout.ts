import { equalBytes } from "../../base/bytes.ts";
import { array, type Decoded, enumeration, flags, reservedUntil, struct, u8, u16 } from "../../base/struct/index.ts";
import { blockTrailer, trailerBytes } from "./block-trailer.ts";
import { modules, modulesOf } from "./modules.ts";

export const inodeCoreBytes = 304;
const inodeAlignment = 64;

const moduleNames = Object.fromEntries(modules.map((module) => [module.id, module.name]));

/** One module's place in every inode. Core reference 6.2. */
export const moduleFieldEntry = struct("ModuleFieldEntry", {
  moduleId: enumeration(u8(), moduleNames),
  fieldOffset: u16({ unit: "bytes", doc: "From the start of the inode" }),
  fieldSize: u16({ unit: "bytes" }),
  fieldVersion: u8(),
  flags: flags(u8(), { 0: "Active", 1: "Migrating" }),
});
export type ModuleFieldEntry = Decoded<typeof moduleFieldEntry>;

/** At the start of the inode table's first block. Core reference 6.2. */
export const inodeLayoutDescriptor = struct("InodeLayoutDescriptor", {
  inodeSize: u16({
    unit: "bytes",
    check: (value) => value >= inodeCoreBytes && value % inodeAlignment === 0,
    expects: "expected a multiple of 64 from 320",
  }),
  coreFieldsEnd: u16({ oneOf: [inodeCoreBytes] }),
  moduleFieldCount: u8(),
  paddingBytes: u8({ unit: "bytes" }),
  reserved: u16({ as: "reserved", oneOf: [0] }),
  moduleFields: array(moduleFieldEntry, (values) => values.moduleFieldCount as number),
});
export type InodeLayoutDescriptor = Decoded<typeof inodeLayoutDescriptor>;

/** The descriptor with the rest of its block. */
export const inodeLayoutBlock = struct("InodeLayoutBlock", {
  layoutDescriptor: inodeLayoutDescriptor,
  unused: reservedUntil(trailerBytes),
  trailer: blockTrailer,
});

/** What the creator computes for a manifest: fields in ascending bit order behind the core, sizes rounded up to 64. Core reference 6.1. */
export function planInodeLayout(manifest: number): InodeLayoutDescriptor {
  let end = inodeCoreBytes;
  const moduleFields: ModuleFieldEntry[] = [];
  for (const module of modulesOf(manifest)) {
    if (module.inodeBytes === 0) continue;
    moduleFields.push({ moduleId: module.id, fieldOffset: end, fieldSize: module.inodeBytes, fieldVersion: 1, flags: 1 });
    end += module.inodeBytes;
  }
  const inodeSize = Math.ceil(end / inodeAlignment) * inodeAlignment;
  return {
    inodeSize,
    coreFieldsEnd: inodeCoreBytes,
    moduleFieldCount: moduleFields.length,
    paddingBytes: inodeSize - end,
    reserved: 0,
    moduleFields,
  };
}

/** Whether two descriptors place the same fields. */
export const sameInodeLayout = (a: InodeLayoutDescriptor, b: InodeLayoutDescriptor): boolean =>
  equalBytes(inodeLayoutDescriptor.encode(a), inodeLayoutDescriptor.encode(b));
