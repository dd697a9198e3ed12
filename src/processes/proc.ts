import { closeSync, openSync, readdirSync, readSync } from "node:fs";

const PROC_CHUNK_BYTES = 16 * 1024;

/** What Linux tells of a process in proc_pid_stat(5), by the names of that page. */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  /** 0: it has no terminal. */
  readonly tty: number;
  readonly tpgid: number;
  readonly flags: number;
  /** Clock ticks that it has computed, and its children that ended and were waited for. */
  readonly utime: number;
  readonly stime: number;
  readonly cutime: number;
  readonly cstime: number;
  readonly threads: number;
  /** In clock ticks since the boot: opaque, compared only for equality. */
  readonly starttime: string;
  /** Addresses: compared only for equality. */
  readonly startcode: string;
  readonly envStart: string;
  readonly envEnd: string;
}

/** Null where there is no such process, or no Linux. @param scratch as for {@link readProcFile} */
export function readStat(pid: number, scratch?: Buffer): ProcStat | null {
  const stat = readProcFile(`/proc/${pid}/stat`, scratch);
  // The name in parentheses may hold anything, so the fields count from its last `)`; the first is field 3 of the page.
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  const [state, starttime] = [fields[0], fields[19]];
  if (nameEnd === -1 || state === undefined || starttime === undefined) return null;
  return {
    pid: Number.parseInt(stat, 10),
    comm: stat.slice(stat.indexOf("(") + 1, nameEnd),
    state,
    ppid: Number(fields[1]),
    pgrp: Number(fields[2]),
    session: Number(fields[3]),
    tty: Number(fields[4]),
    tpgid: Number(fields[5]),
    flags: Number(fields[6]),
    utime: Number(fields[11]),
    stime: Number(fields[12]),
    cutime: Number(fields[13]),
    cstime: Number(fields[14]),
    threads: Number(fields[17]),
    starttime,
    startcode: fields[23] ?? "",
    envStart: fields[47] ?? "",
    envEnd: fields[48] ?? "",
  };
}

/** The processes that there are, on Linux. */
export function listPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** The words that a process was started with, on Linux; none where it is gone, or in the middle of an exec. */
export function readArgv(pid: number): string[] {
  const bytes = Buffer.from(readProcFile(`/proc/${pid}/cmdline`), "latin1");
  return bytes.toString().split("\0").slice(0, -1);
}

/**
 * A file of /proc in latin1, which has no size to ask for. Empty when the process is gone or not ours to read.
 * @param scratch to read into; one for many files saves the most of the time
 */
export function readProcFile(path: string, scratch: Buffer = Buffer.allocUnsafe(PROC_CHUNK_BYTES)): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    let text = "";
    for (;;) {
      const length = readSync(fd, scratch, 0, scratch.length, null);
      text += scratch.toString("latin1", 0, length);
      if (length < scratch.length) return text;
    }
  } catch (error) {
    if (isGoneOrForeign(error)) return "";
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** To read many files of /proc into, one after the other. */
export function procScratch(): Buffer {
  return Buffer.allocUnsafe(PROC_CHUNK_BYTES);
}

/** True for what a look at a process throws that is gone, or another user's. */
export function isGoneOrForeign(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM";
}

/** What ps(1) prints, as macOS has it. */
export function ps(...words: string[]): string {
  return Bun.spawnSync(["/bin/ps", ...words], { env: { LC_ALL: "C" } }).stdout.toString();
}
