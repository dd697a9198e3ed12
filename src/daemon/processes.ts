import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { hostedBy } from "../client/host-above.ts";

/** A living process of this user. `mark` names it as `client/process-mark.ts` does. */
export interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly mark: string;
  readonly argv: readonly string[];
  /** Its process group, and the one that its terminal takes input for; -1 where it has no terminal. */
  readonly group: number;
  readonly foreground: number;
}

const MAX_ANCESTORS = 32;
const RUN_VARIABLE = /[\0 ]DISPATCH_RUN=/;

/** The process with this number; null where there is none, it is another user's or a zombie. */
export function readRunning(pid: number): Running | null {
  return process.platform === "linux" ? readProc(pid) : (readPs(["-p", String(pid)])[0] ?? null);
}

/** All living processes of this user. */
export function readAllRunning(): Running[] {
  if (process.platform !== "linux") return readPs(["-ax"]);
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => readProc(pid) ?? []);
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

/** True for what a host of Dispatch runs. Where the system does not say, it is taken for none. */
export function isOwnRun(running: Running): boolean {
  return hasRunMark(running) || lineOf(running).some(({ argv }) => hostedBy(argv) !== null);
}

/** A product may keep its environment to itself. */
function hasRunMark({ pid }: Running): boolean {
  const environment =
    process.platform === "linux"
      ? readOrEmpty(`/proc/${pid}/environ`)
      : ps(["-E", "-p", String(pid), "-ww", "-o", "command="]);
  return RUN_VARIABLE.test(`\0${environment}`);
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

/** Names this boot: a mark of one before it names nothing now. Empty where the system does not say. */
export function bootId(): string {
  return readOrEmpty("/proc/sys/kernel/random/boot_id").trim();
}

/** proc_pid_stat(5). The name in parentheses may hold anything, so the fields count from its last `)`. */
function readProc(pid: number): Running | null {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the first is field 3 of the manual page
  const [state, parent, group, , terminal, foreground] = fields;
  const started = fields[19];
  if (started === undefined || state === "Z" || state === "X" || !isOurs(pid)) return null;
  return {
    pid,
    parent: Number(parent),
    mark: `${pid}.${started}`,
    argv: readOrEmpty(`/proc/${pid}/cmdline`).split("\0").slice(0, -1),
    group: Number(group),
    foreground: terminal === "0" ? -1 : Number(foreground),
  };
}

function isOurs(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid!();
}

/** macOS: words of a command line that hold spaces come apart. */
function readPs(which: string[]): Running[] {
  const columns = "pid=,ppid=,pgid=,tpgid=,uid=,stat=,lstart=,command=";
  return ps([...which, "-ww", "-o", columns])
    .split("\n")
    .flatMap(parseRow);
}

function ps(words: string[]): string {
  return Bun.spawnSync(["/bin/ps", ...words], { env: { LC_ALL: "C" } }).stdout.toString();
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

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isGoneOrForeign(error)) return "";
    throw error;
  }
}

function isGoneOrForeign(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM";
}
