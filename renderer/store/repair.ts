import { create } from "zustand";

/** What the user wants repaired: asked for in a panel, answered by the dialog of the shell. */
interface RepairRequest {
  /** The rule whose findings are wanted; undefined for whatever can be mended. */
  rule: string | undefined;
  /** Counts up with every request, so that the shell sees one for the same rule again. */
  asked: number;
}
export const useRepairRequest = create<RepairRequest>()(() => ({ rule: undefined, asked: 0 }));

export const askForRepair = (rule: string) => useRepairRequest.setState(({ asked }) => ({ rule, asked: asked + 1 }));
export const forgetRepair = () => useRepairRequest.setState({ rule: undefined });

/** Transactions that wait are brought to rest by recovery, before anything is repaired. */
export const isRecovery = (repairId: string): boolean => /^mwal\.(replay|discard|advance-header)$/.test(repairId);
