import { bytes, constant, enumeration, guid, i64, reserved, struct, ticks, u8, u32, u64 } from "../../base/struct/index.ts";

// Structures that the format defines and that no known code places in a version 2 volume.

/** 32 bytes; more than the four that the RAID module has in an inode. Core reference 6.11. */
export const polymorphicRaid = struct("PolymorphicRaid", {
  scheme: u8({ as: "flags" }),
  dataShards: u8(),
  parityShards: u8(),
  flags: u8({ as: "flags" }),
  deviceMap: bytes(28, { as: "id", doc: "A device for each shard; 0xff is unassigned" }),
});

/** 64 bytes. Core reference 6.11. */
export const spatioTemporalExtent = struct("SpatioTemporalExtent", {
  spatialGeohash: bytes(16, { as: "id" }),
  timeEpochStart: u64({ as: "time", doc: "Unix nanoseconds" }),
  timeEpochEnd: u64({ as: "time", doc: "Unix nanoseconds" }),
  startBlock: i64({ as: "pointer", unit: "block" }),
  blockCount: u32({ unit: "blocks" }),
  flags: u32({ as: "flags" }),
  expectedHash: bytes(16, { as: "checksum" }),
});

/** 36 bytes. Core reference 7. */
export const failoverState = struct("FailoverState", {
  role: u8({ as: "flags" }),
  flags: u8({ as: "flags" }),
  peerCount: u8(),
  reserved: reserved(1),
  failoverEpoch: u64(),
  primaryNodeUuid: guid(),
  lastFailoverUtcTicks: ticks(),
});

/** 48 bytes. Core reference 4.3. */
export const recoveryPointMarker = struct("RecoveryPointMarker", {
  recordType: constant("10PR"),
  flags: u32({ as: "flags", doc: "1: the data log is consistent, 2: the application is" }),
  markerSequence: u64(),
  utcNanoseconds: u64({ as: "time", doc: "Unix nanoseconds" }),
  metadataWalLsn: u64(),
  dataWalLsn: u64(),
  merkleRootSnapshot: u64({ as: "pointer", unit: "block" }),
});

const healthStates = { 0: "Created", 1: "Clean", 2: "Mounted", 3: "Dirty", 4: "Recovering", 5: "Degraded" };

/** 64 bytes. Core reference 7. */
export const healthMetadata = struct("VdeHealthMetadata", {
  state: enumeration(u8(), healthStates),
  padding: reserved(3),
  mountCount: i64(),
  errorCount: i64(),
  creationTimestampUtcTicks: ticks(),
  lastMountTimestampUtcTicks: ticks(),
  lastUnmountTimestampUtcTicks: ticks(),
  totalMountedDurationTicks: i64({ doc: "A duration in ticks" }),
  reserved: reserved(12),
});
