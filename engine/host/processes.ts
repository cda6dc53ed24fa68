import { readFile } from "node:fs/promises";

/** Whether a process of this system is there. */
export function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The boot and the moment in it that a process began at, which tell it from a later one of the same number; undefined where the system does not say. */
export async function birthOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([readFile("/proc/sys/kernel/random/boot_id", "utf8"), readFile(`/proc/${pid}/stat`, "utf8")]);
    // Behind the name, which may hold anything, stand the fields from the third on; the 22nd is when it began.
    const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return began && `${boot.trim()} ${began}`;
  } catch {
    return undefined;
  }
}
