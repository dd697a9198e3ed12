import { readlinkSync, statSync } from "node:fs";
import { MAX_ANCESTORS } from "./commands-above.ts";
import { isGoneOrForeign, listPids, ps, readArgv, readStat } from "./proc.ts";

/** A living process of this user. `mark` names it as `processMark` does. */
export interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly mark: string;
  readonly argv: readonly string[];
  /** Its process group, and the one that its terminal takes input for; -1 where it has no terminal. */
  readonly group: number;
  readonly foreground: number;
}

/** The process with this number; null where there is none, it is another user's or a zombie. */
export function readRunning(pid: number): Running | null {
  return process.platform === "linux" ? readProc(pid) : (readPs(["-p", String(pid)])[0] ?? null);
}

/** All living processes of this user. */
export function readAllRunning(): Running[] {
  if (process.platform !== "linux") return readPs(["-ax"]);
  return listPids().flatMap((pid) => readProc(pid) ?? []);
}

/** The process that a mark names; null where it is gone, and another one may have its number. */
export function runningAs(mark: string): Running | null {
  const pid = Number.parseInt(mark, 10);
  const running = Number.isInteger(pid) ? readRunning(pid) : null;
  return running?.mark === mark ? running : null;
}

/** A process and those above it, nearest first. */
export function* lineOf(running: Running): Generator<Running> {
  let at: Running | null = running;
  for (let depth = 0; at && at.pid > 1 && depth < MAX_ANCESTORS; depth++) {
    yield at;
    at = readRunning(at.parent);
  }
}

/** The folder that a process works in; null where the system does not say. */
export function folderOf({ pid }: Running): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    if (isGoneOrForeign(error)) return null;
    throw error;
  }
}

function readProc(pid: number): Running | null {
  const stat = readStat(pid);
  if (!stat || stat.state === "Z" || stat.state === "X" || !isOurs(pid)) return null;
  const { ppid, starttime, pgrp, tty, tpgid } = stat;
  return {
    pid,
    parent: ppid,
    mark: `${pid}.${starttime}`,
    argv: readArgv(pid),
    group: pgrp,
    foreground: tty === 0 ? -1 : tpgid,
  };
}

function isOurs(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid!();
}

/** macOS: words of a command line that hold spaces come apart. */
function readPs(which: string[]): Running[] {
  const columns = "pid=,ppid=,pgid=,tpgid=,uid=,stat=,lstart=,command=";
  return ps(...which, "-ww", "-o", columns)
    .split("\n")
    .flatMap(parseRow);
}

const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+)\s+(\S+)\s+(\w{3} \w{3} +\d+ [\d:]+ \d{4})\s+(.*)$/u;

function parseRow(line: string): Running | [] {
  const [, pid, parent, group, foreground, user, state, started, command] = ROW.exec(line) ?? [];
  if (command === undefined || state!.startsWith("Z") || Number(user) !== process.getuid!()) return [];
  return {
    pid: Number(pid),
    parent: Number(parent),
    mark: `${pid}.${started!.trim().replaceAll(/\s+/g, "-")}`,
    argv: command.split(" "),
    group: Number(group),
    foreground: Number(foreground) > 0 ? Number(foreground) : -1,
  };
}
