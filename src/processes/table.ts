import { existsSync, readdirSync } from "node:fs";
import { isGoneOrForeign, listPids, type ProcStat, procScratch, ps, readProcFile, readStat } from "./proc.ts";

/** One process of this boot. The pid alone does not name it, since pids are used again; its start time makes it sure. */
export interface ProcessId {
  pid: number;
  /** Clock ticks since boot on Linux, `ps -o lstart` on macOS: opaque, compared only for equality. */
  startTime: string;
}

export interface ProcessEntry extends ProcessId {
  parent: number;
  /** False for a zombie: it runs nothing and holds nothing; only its parent can take it away. */
  alive: boolean;
}

export interface ProcessRow extends ProcessEntry {
  /**
   * The environment it was started with, in latin1: `NAME=value`, each with a NUL before and behind it.
   * A lone NUL when it belongs to another user.
   */
  environment: string;
}

/** The processes of one moment, by pid. */
export type ProcessTable = ReadonlyMap<number, ProcessRow>;

/**
 * Reads all processes; synchronous, about 12 ms for 500. Every process that is alive at the end was read while it
 * lived: one that starts its successor and exits during the scan does not slip through.
 */
export function readProcessTable(): ProcessTable {
  return process.platform === "linux" ? readProc() : readPs(["-ax"]);
}

/** One process as it is now, or undefined when there is none with that pid. */
export function readProcess(pid: number): ProcessEntry | undefined {
  if (process.platform !== "linux") return readPs(["-p", String(pid)]).get(pid);
  const stat = readStat(pid);
  return stat ? entryOf(stat) : undefined;
}

/** True while a process runs; one that is dead and not yet waited for is not. */
export function isRunning(pid: number): boolean {
  return readProcess(pid)?.alive === true;
}

/**
 * The children of a process by the kernel's own lists: nothing else is read, so that a look takes a part of a
 * millisecond. It may miss one that comes or goes meanwhile (proc_pid_task_children(5)); none where there are no lists.
 */
export function childrenOf(pid: number): number[] {
  return listThreads(pid).flatMap((thread) => {
    const list = readProcFile(`/proc/${pid}/task/${thread}/children`);
    return list === "" ? [] : list.trimEnd().split(" ").map(Number);
  });
}

/** True where the kernel has such lists: Linux, as distributions build it. */
export function listsChildren(): boolean {
  return existsSync(`/proc/self/task/${process.pid}/children`);
}

/** The environment that one process was started with, as in a row of the table; a lone NUL when it is not told. */
export function readEnvironment(pid: number): string {
  if (process.platform !== "linux") return readPs(["-p", String(pid)]).get(pid)?.environment ?? "\0";
  return `\0${readProcFile(`/proc/${pid}/environ`)}`;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (isGoneOrForeign(error)) return [];
    throw error;
  }
}

/** Names this boot, so that a start time noted before a reboot fits nothing after it. Empty where that is unknown. */
export function bootId(): string {
  return readProcFile("/proc/sys/kernel/random/boot_id").trim();
}

const MAX_SCAN_ROUNDS = 20; // about 1 ms each after the first
const MAX_PARENT_ROUNDS = 3; // a parent that is still missing then is hidden from us (the hidepid mount option)

/**
 * Lists and reads until a list names nothing that is unread: a new process, one in the middle of an exec, or one
 * whose parent ended before it was read, so that its place in the tree is unknown.
 */
function readProc(): ProcessTable {
  const scratch = procScratch();
  const rows = new Map<number, ProcessRow>();
  for (let round = 1; round <= MAX_SCAN_ROUNDS; round++) {
    const unread = listPids().filter(
      (pid) => !rows.has(pid) || (round <= MAX_PARENT_ROUNDS && !hasParent(rows, pid)),
    );
    if (unread.length === 0) break;
    for (const pid of unread) {
      rows.delete(pid);
      const before = readStat(pid, scratch);
      if (!before) continue;
      const environment = readProcFile(`/proc/${pid}/environ`, scratch);
      // An exec that began in between shows none of a process that has one.
      const stat = environment === "" ? readStat(pid, scratch) : before;
      if (!stat) continue;
      const isSettled = environment !== "" || !mayHaveEnvironment(stat) || round === MAX_SCAN_ROUNDS;
      if (isSettled) rows.set(pid, { ...entryOf(stat), environment: `\0${environment}` });
    }
  }
  return rows;
}

function hasParent(rows: ProcessTable, pid: number): boolean {
  const parent = rows.get(pid)?.parent;
  return parent === 0 || (parent !== undefined && rows.has(parent));
}

const PF_KTHREAD = 0x00200000; // <linux/sched.h>

function entryOf({ pid, ppid, starttime, state, threads }: ProcStat): ProcessEntry {
  // A process whose first thread has ended is shown as a zombie although its other threads run on.
  const alive = (state !== "Z" && state !== "X") || threads > 1;
  return { pid, parent: ppid, startTime: starttime, alive };
}

/** False also for what is in the middle of an exec, or of its end: it has no memory yet or any more, and so shows none. */
function mayHaveEnvironment(stat: ProcStat): boolean {
  const { startcode, envStart, envEnd, flags } = stat;
  const mayHave = startcode === "0" || envStart !== envEnd;
  return entryOf(stat).alive && mayHave && (flags & PF_KTHREAD) === 0;
}

/** macOS, best effort: `ps -E` shows the environment of our own processes that are not protected by the system. */
function readPs(which: string[]): ProcessTable {
  const rows = new Map<number, ProcessRow>();
  const row = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w{3} \w{3} +\d+ [\d:]+ \d{4})\s(.*)$/u;
  for (const line of ps(...which, "-E", "-ww", "-o", "pid=,ppid=,stat=,lstart=,command=").split("\n")) {
    const [, pid, parent, state, startTime, command] = row.exec(line) ?? [];
    if (pid === undefined || state === undefined || startTime === undefined) continue;
    rows.set(Number(pid), {
      pid: Number(pid),
      parent: Number(parent),
      startTime,
      alive: !state.startsWith("Z"),
      environment: `\0${command?.replaceAll(" ", "\0")}\0`,
    });
  }
  return rows;
}
