import { readFileSync } from "node:fs";

/**
 * Names a process so that no later one with the same number is meant: its number, and when it started. Only the number
 * where the process is gone or the system does not say.
 */
export function processMark(pid: number): string {
  const started = process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
  return started === "" ? String(pid) : `${pid}.${started}`;
}

/** proc_pid_stat(5): the start, in clock ticks since the boot, is field 22; the first behind the name is field 3. */
function startOnLinux(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}

function startByPs(pid: number): string {
  const { stdout } = Bun.spawnSync(["/bin/ps", "-o", "lstart=", "-p", String(pid)], { env: { LC_ALL: "C" } });
  return stdout.toString().trim().replaceAll(/\s+/g, "-");
}
