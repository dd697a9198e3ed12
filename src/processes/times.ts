import { ps, readProcFile, readStat } from "./proc.ts";

/** A clock tick of /proc, in milliseconds: USER_HZ is 100 on every architecture of today. */
const TICK_MS = 10;

const NANOSECONDS_PER_MS = 1e6;

/**
 * What some processes have computed, with their children that ended, how long they waited for a processor, and how many
 * bytes they read and wrote.
 */
export interface ProcessTimes {
  readonly cpuMs: number;
  /** Null where the system does not tell. */
  readonly waitedMs: number | null;
  /** Null where the system does not tell. */
  readonly bytes: number | null;
}

export function readProcessTimes(pids: readonly number[]): ProcessTimes {
  if (process.platform !== "linux") return { cpuMs: readPsTimes(pids), waitedMs: null, bytes: null };
  return {
    cpuMs: sum(pids.map((pid) => readTicks(pid) * TICK_MS)),
    waitedMs: sum(pids.map(readWait)),
    bytes: sum(pids.map(readBytes)),
  };
}

function readTicks(pid: number): number {
  const stat = readStat(pid);
  return stat ? stat.utime + stat.stime + stat.cutime + stat.cstime : 0;
}

/** Documentation/scheduler/sched-stats.rst of Linux: the second number is the time of its first thread on a run queue. */
function readWait(pid: number): number {
  const [, wait = "0"] = readProcFile(`/proc/${pid}/schedstat`).split(" ");
  return Number(wait) / NANOSECONDS_PER_MS;
}

/** proc_pid_io(5); nothing for a process that is gone meanwhile. */
function readBytes(pid: number): number {
  const io = readProcFile(`/proc/${pid}/io`);
  return sum([...io.matchAll(/^[rw]char: (\d+)$/gm)].map(([, count]) => Number(count)));
}

/** macOS: the time as `[[dd-]hh:]mm:ss.cc`. */
function readPsTimes(pids: readonly number[]): number {
  if (pids.length === 0) return 0;
  const times = ps("-o", "time=", "-p", pids.join(",")).trim().split("\n");
  return sum(times.map((time) => secondsOf(time.trim()) * 1_000));
}

function secondsOf(time: string): number {
  const [clock, days = "0"] = time.split("-").toReversed();
  return clock!.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0) + Number(days) * 86_400;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
