import type { FixedRule } from "../../../format/regions/fixed-records.ts";
import type { BlockRule } from "../../../format/regions/index.ts";
import type { PackedRule } from "../../../format/regions/packed-table-codec.ts";
import type { TableRule } from "../../../format/regions/table-region.ts";
import type { RegionRuleWords } from "./region-rule.ts";

type Words<Id extends string> = Readonly<Record<Exclude<Id, BlockRule<string>>, RegionRuleWords>>;

/** The words of the rules that every table of records has; `name` as in "the consensus log". Other regions reference 1.4 to 1.8. */
export const tableWords = <Tag extends string>(tag: Tag, name: string): Words<TableRule<Tag>> =>
  ({
    [`${tag}.count-negative`]: {
      severity: "error",
      section: "1.5",
      states: `The count of ${name} is not negative.`,
      title: "A count is negative",
      remark: "Most readers of the SDK take it for 0 and show an empty region.",
    },
    [`${tag}.reserved-not-zero`]: {
      severity: "warning",
      section: "1.8",
      states: `Reserved bytes of ${name} are zero.`,
      title: "Reserved bytes are in use",
    },
    [`${tag}.slack-not-zero`]: {
      severity: "warning",
      section: "1.8",
      states: `Bytes behind the last record of each block of ${name} are zero.`,
      title: "Bytes behind the last record are not zero",
      remark: "Either the count is too small, or a writer did not clear its buffer.",
    },
    [`${tag}.stale-blocks`]: {
      severity: "info",
      section: "1.6",
      states: `Nothing stands behind the blocks that ${name} uses.`,
      title: "Blocks of an earlier, longer version are still there",
      remark: "They hold records that are no longer part of the region.",
    },
    [`${tag}.stale-newer`]: {
      severity: "warning",
      section: "1.6",
      states: `Blocks behind those that ${name} uses carry no later generation.`,
      title: "A later version's blocks stand behind the ones in use",
      remark: "A rewrite may have been cut off before it reached the first block.",
    },
  }) as Words<TableRule<Tag>>;

/** The words of the rules that every table of records of differing size has; `loses` says what becomes of them. Other regions reference 6.1, 9, 10. */
export const packedTableWords = <Tag extends string>(tag: Tag, name: string, loses: string): Words<PackedRule<Tag>> =>
  ({
    ...tableWords(tag, name),
    [`${tag}.count-differs`]: {
      severity: "error",
      states: `The count of ${name} is the number of records.`,
      title: "More records are counted than are there",
    },
    [`${tag}.record-broken`]: {
      severity: "error",
      states: `Lengths in ${name} are within their limits and end inside their block.`,
      title: "A record cannot be decoded",
      remark: "Nothing behind it is read.",
    },
    [`${tag}.packing`]: {
      severity: "warning",
      states: `A record of ${name} begins a block only where the block before had no room for it.`,
      title: "Records are not packed as the writer packs them",
    },
    [`${tag}.sdk-misreads`]: {
      severity: "warning",
      states: `The SDK's reader finds each record of ${name}.`,
      title: "The SDK's reader misreads the region",
      remark: loses,
    },
  }) as Words<PackedRule<Tag>>;

/** The words of the rules that every table of fixed records has. Other regions reference 1.4. */
export const fixedTableWords = <Tag extends string>(tag: Tag, name: string): Words<FixedRule<Tag>> =>
  ({
    ...tableWords(tag, name),
    [`${tag}.sdk-undercounts`]: {
      severity: "info",
      section: "1.4",
      states: `The SDK gives ${name} as many blocks as its records need.`,
      title: "The SDK counts too few blocks for the records",
      remark: "It reads them all, but its writer fails in a buffer of that many blocks.",
    },
  }) as Words<FixedRule<Tag>>;
