import { ps, readStat } from "./proc.ts";

/**
 * Names a process so that no later one with the same number is meant: its number, and when it started. Only the number
 * where the process is gone or the system does not say.
 */
export function processMark(pid: number): string {
  const started = process.platform === "linux" ? (readStat(pid)?.starttime ?? "") : startByPs(pid);
  return started === "" ? String(pid) : `${pid}.${started}`;
}

function startByPs(pid: number): string {
  return ps("-o", "lstart=", "-p", String(pid)).trim().replaceAll(/\s+/g, "-");
}
