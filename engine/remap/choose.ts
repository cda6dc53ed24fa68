import type { Dmr4KernelMetadata, Dmr4ScriptRecord, DmrmMetadata, SetupMetadata } from "../format/remap/index.ts";
import type { RemapCopy } from "./copy.ts";
import { compareDmrm } from "./judge.ts";

/** Which copy is believed, and why; undefined where none may be. */
export interface Choice {
  index: number | undefined;
  reason: string;
}

const noneValid = (copies: readonly RemapCopy<unknown>[]): Choice => ({
  index: undefined,
  reason: `None of the ${copies.length} copies is valid, so none may be chosen: ${copies
    .map(({ index, verdict }) => `copy ${index} ${verdict.fault}`)
    .join("; ")}.`,
});

const validOf = <Value>(copies: readonly RemapCopy<Value>[]): { copy: RemapCopy<Value>; value: Value }[] =>
  copies.flatMap((copy) => (copy.valid && copy.value !== undefined ? [{ copy, value: copy.value }] : []));

const listed = (copies: readonly { copy: RemapCopy<unknown> }[]): string => copies.map(({ copy }) => copy.index).join(", ");

/** The newest valid copy, the lowest index among equals. dm-remap reference 4.3. */
export function chooseDmrm(copies: readonly RemapCopy<DmrmMetadata>[]): Choice {
  const valid = validOf(copies);
  const [first, ...others] = valid;
  if (!first) return noneValid(copies);
  const best = others.reduce((newest, each) => (compareDmrm(each.value, newest.value) > 0 ? each : newest), first);
  const rivals = valid.filter((each) => each !== best);
  const sameCounter = rivals.filter((each) => each.value.integrity.version_counter === best.value.integrity.version_counter);
  const sameTime = sameCounter.filter((each) => each.value.integrity.last_update_timestamp === best.value.integrity.last_update_timestamp);
  const equal = sameTime.filter((each) => compareDmrm(each.value, best.value) === 0);
  const { version_counter, last_update_timestamp, update_sequence_number } = best.value.integrity;
  const because =
    rivals.length === 0
      ? "it is the only valid copy"
      : equal.length === rivals.length
        ? `all ${valid.length} valid copies are as new, and it has the lowest number`
        : sameCounter.length === 0
          ? `version_counter ${version_counter} is the largest of the ${valid.length} valid copies`
          : sameTime.length === 0
            ? `version_counter ${version_counter} is shared with copies ${listed(sameCounter)}, and last_update_timestamp ${last_update_timestamp} is the latest`
            : equal.length === 0 && sameTime.length > 0
              ? `counter and time are shared with copies ${listed(sameTime)}, and update_sequence_number ${update_sequence_number} is the largest`
              : `nothing is newer than version_counter ${version_counter}; copies ${listed(equal)} are as new, and it has the lowest number`;
  const newerButDamaged = copies.filter((copy) => !copy.valid && copy.value && compareDmrm(copy.value, best.value) > 0);
  const passedOver = newerButDamaged
    .map(({ index, value, verdict }) => `; copy ${index} has ${value?.integrity.version_counter} but ${verdict.fault}`)
    .join("");
  return { index: best.copy.index, reason: `Copy ${best.copy.index}: ${because}${passedOver}.` };
}

/** What the module's reader takes: the largest sequence, then the latest time; sequence and time 0 never. dm-remap reference 5.4. */
export function chooseKernel(copies: readonly RemapCopy<Dmr4KernelMetadata>[]): Choice {
  let best: { copy: RemapCopy<Dmr4KernelMetadata>; value: Dmr4KernelMetadata } | undefined;
  let [sequence, time] = [0n, 0n];
  const valid = validOf(copies);
  for (const each of valid) {
    const { sequence_number, timestamp } = each.value.header;
    if (sequence_number > sequence || (sequence_number === sequence && timestamp > time)) {
      best = each;
      [sequence, time] = [sequence_number, timestamp];
    }
  }
  if (!best)
    return valid.length === 0
      ? noneValid(copies)
      : { index: undefined, reason: "Every valid copy has sequence 0 and time 0, which the module's reader never takes." };
  const { index } = best.copy;
  const later = valid.filter((each) => each.value.header.timestamp > time);
  const warning =
    later.length > 0
      ? `; ${later.length === 1 ? "copy" : "copies"} ${listed(later)} ${later.length === 1 ? "was" : "were"} written later with a smaller sequence, as after a reload of the module`
      : "";
  const same = valid.filter((each) => each.value.header.sequence_number === sequence).length;
  const because =
    valid.length === 1
      ? "it is the only valid copy"
      : same === valid.length
        ? `all ${valid.length} valid copies have sequence_number ${sequence}, and it has the lowest number`
        : `sequence_number ${sequence} is the largest of the ${valid.length} valid copies`;
  return { index, reason: `Copy ${index}: ${because}${warning}.` };
}

/** The record that `dm-remap-scan` would read, or the first that is one: the scan looks at sector 0 alone. dm-remap reference 6. */
export function chooseScript(copies: readonly RemapCopy<Dmr4ScriptRecord>[]): Choice {
  const [first] = validOf(copies);
  if (!first) return noneValid(copies);
  const { index } = first.copy;
  return {
    index,
    reason:
      index === 0
        ? "Record 0: dm-remap-scan reads the record at sector 0 and no other."
        : `Record ${index}: the first that is whole. dm-remap-scan reads sector 0 alone and would find nothing.`,
  };
}

/** The largest version_counter of the valid copies, the first among equals. dm-remap reference 7.2. */
export function chooseSetup(copies: readonly RemapCopy<SetupMetadata>[]): Choice {
  const valid = validOf(copies);
  const [first, ...others] = valid;
  if (!first) return noneValid(copies);
  const best = others.reduce((newest, each) => (each.value.version_counter > newest.value.version_counter ? each : newest), first);
  const same = valid.filter((each) => each.value.version_counter === best.value.version_counter).length;
  const because =
    valid.length === 1
      ? "it is the only valid copy"
      : same === valid.length
        ? `all ${valid.length} valid copies have version_counter ${best.value.version_counter}, and it has the lowest number`
        : `version_counter ${best.value.version_counter} is the largest of the ${valid.length} valid copies`;
  return { index: best.copy.index, reason: `Copy ${best.copy.index}: ${because}.` };
}
