import { vi } from "vitest";
import { runCommandLine } from "../cli/run.ts";

/** Runs a command in this process: a process for each of dozens of them would take long. */
export async function runInProcess(...args: string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const said = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += typeof text === "string" ? text : Buffer.from(text).toString();
    return true;
  });
  const told = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    return { code: await runCommandLine(args), out };
  } finally {
    said.mockRestore();
    told.mockRestore();
  }
}
