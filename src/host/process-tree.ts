import { DispatchError } from "../base/error.ts";
import { SELF_VARIABLE } from "../base/home.ts";
import type { SessionId } from "../protocol/id.ts";
import {
  childrenOf,
  listsChildren,
  type ProcessEntry,
  type ProcessId,
  type ProcessTable,
  readEnvironment,
  readProcess,
  readProcessTable,
} from "../processes/table.ts";

/** Every process of a run carries this in its environment: `<session>:<epoch>`. */
export const RUN_VARIABLE = "DISPATCH_RUN";

/** Whose processes to look for, and by what they are known. */
export interface RunSearch {
  session: SessionId;
  /** One life of the agent; left out, every life of this session. */
  epoch?: number;
  /** DISPATCH_HOME. Its daemon and hosts are no run's, nor is what hangs beneath them, unless it is marked itself. */
  home: string;
  /** This process is the run's host: everything beneath it is the run's. Left out by a daemon that sweeps. */
  isHost?: boolean;
  /** What the host noted while it lived, for processes that clean their environment (see process-record.ts). */
  recorded?: readonly ProcessId[];
}

const TERM_GRACE_MS = 2_000;
/** What killed processes get to be gone; one that is not then is stuck in the kernel, or another user's. */
const KILL_LIMIT_MS = 10_000;
/** What a run gets to be caught that starts others faster than it is killed. */
const CHASE_LIMIT_MS = 60_000;
const RESCAN_MS = 10;
/** Looks beneath a process that are taken until two in a row agree. */
const MAX_LOOKS = 4;
const MAX_FREEZE_ROUNDS = 20;
/** What the quick looks beneath a host get, and how many of them in a row have to find nothing new. */
const QUICK_FREEZE_MS = 500;
const STILL_LOOKS = 5;
const INIT_PID = 1;

/** The living processes beneath `pid`, at any depth, without itself. Nothing for pid 1, beneath which everything is. */
export function descendants(pid: number): ProcessId[] {
  const listed = pid !== INIT_PID && listsChildren() ? settledBeneath(pid) : null;
  if (listed) return living(new Map(listed.flatMap(entryOf)), listed);
  const table = readProcessTable();
  const reached = reach(table, [pid], new Set());
  reached.delete(pid);
  return living(table, reached);
}

/** What two looks in a row found beneath a process: one alone may miss some. Null where each one finds something else. */
function settledBeneath(pid: number): number[] | null {
  let before: number[] | null = null;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const now = beneath(pid);
    if (now.join() === before?.join()) return now;
    before = now;
  }
  return null;
}

function beneath(pid: number): number[] {
  const found = childrenOf(pid);
  for (const each of found) found.push(...childrenOf(each)); // it grows while it is read
  return found;
}

function entryOf(pid: number): [number, ProcessEntry][] {
  const entry = readProcess(pid);
  return entry ? [[pid, entry]] : [];
}

/**
 * The living processes of a run: marked with it, recorded with the same start time, beneath the host, or beneath any
 * of these. Never this process, never pid 1.
 */
export function findRun(search: RunSearch): ProcessId[] {
  const table = readProcessTable();
  const { marked, spared } = readMarks(table, search);
  const seeds = search.isHost === true ? [process.pid, ...marked] : marked;
  for (const { pid, startTime } of search.recorded ?? []) {
    if (table.get(pid)?.startTime === startTime) seeds.push(pid);
  }
  if (search.isHost === true) spared.delete(process.pid);
  else spared.add(process.pid);
  return living(table, reach(table, seeds, spared));
}

/**
 * Ends a run: SIGTERM to all, a grace, then SIGKILL until a fresh look finds none of it. With `isRepeat` nothing is asked
 * any more, since what is frozen would go on.
 * Resolves only when all are seen to be gone; a zombie counts as gone, since it runs nothing.
 * @returns how many processes it signalled
 * @throws DispatchError `unavailable` when some cannot be ended: another user's, or stuck in the kernel
 */
export async function killRun(
  search: RunSearch,
  { graceMs = TERM_GRACE_MS, isRepeat = false } = {},
): Promise<number> {
  const signalled = new Set<string>();
  const tell = (one: ProcessId, name: NodeJS.Signals) => {
    signalled.add(`${one.pid} ${one.startTime}`);
    signal(one, name);
  };
  const found = isRepeat ? [] : findRun(search);
  for (const one of found) {
    tell(one, "SIGTERM");
    tell(one, "SIGCONT"); // a stopped process would hear nothing until the end of the grace
  }
  await untilGone(found, graceMs);
  const end = performance.now() + CHASE_LIMIT_MS;
  for (let left = freezeRun(search); left.length > 0; left = freezeRun(search)) {
    for (const one of left) tell(one, "SIGKILL");
    await untilGone(left, KILL_LIMIT_MS); // by its own clock: how long the looks took says nothing of what was killed
    const stuck = left.filter(isAlive);
    if (stuck.length > 0) throw cannotEnd(search, stuck);
    if (performance.now() > end) throw cannotEnd(search, left);
  }
  return signalled.size;
}

/** What is left of the run, stopped: a process that forks faster than we look would otherwise never be caught. */
function freezeRun(search: RunSearch): ProcessId[] {
  if (search.isHost === true) freezeBeneath(search);
  const frozen = new Set<number>();
  for (let round = 0; ; round++) {
    const found = findRun(search);
    const moving = found.filter(({ pid }) => !frozen.has(pid));
    if (moving.length === 0 || round === MAX_FREEZE_ROUNDS) return found;
    for (const one of moving) {
      signal(one, "SIGSTOP");
      frozen.add(one.pid);
    }
  }
}

/**
 * Stops what hangs beneath this host and is not spared, by looks that are quicker than a process can start its successor
 * and exit. What they miss, the look at all processes finds.
 */
function freezeBeneath({ home }: RunSearch): void {
  const seen = { frozen: new Set<number>(), passed: new Set<number>() };
  const end = performance.now() + QUICK_FREEZE_MS;
  for (let still = 0; still < STILL_LOOKS && performance.now() < end; still++)
    if (freezeNew(seen, selfMark(home))) still = 0;
}

/**
 * One such look, which reads nothing again: those that it passes by have ended, and may be many, or are spared.
 * @returns whether it found any that is not frozen yet
 */
function freezeNew({ frozen, passed }: { frozen: Set<number>; passed: Set<number> }, self: string): boolean {
  const before = frozen.size;
  const open = childrenOf(process.pid);
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (passed.has(pid)) continue;
    if (!frozen.has(pid)) {
      const found = readProcess(pid);
      if (!found?.alive || readEnvironment(pid).includes(self)) {
        passed.add(pid);
        continue;
      }
      signal(found, "SIGSTOP");
      frozen.add(pid);
    }
    open.push(...childrenOf(pid));
  }
  return frozen.size > before;
}

/**
 * Waits for the end of processes that are mostly not our children, of which JavaScript has no event: a pidfd could be
 * polled only from native code. So it looks again, at these few only, every 10 ms, for a bounded time.
 */
async function untilGone(processes: readonly ProcessId[], limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (processes.some(isAlive) && performance.now() < deadline) await Bun.sleep(RESCAN_MS);
}

function isAlive({ pid, startTime }: ProcessId): boolean {
  const now = readProcess(pid);
  return now !== undefined && now.alive && now.startTime === startTime;
}

/** The start time is compared once more, so that a pid that was given to somebody else meanwhile is left alone. */
function signal(target: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    // Gone is what we want; a process that we may not signal shows up in every later look and is reported there.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

/** What the environment of this home's own processes holds. */
function selfMark(home: string): string {
  return Buffer.from(`\0${SELF_VARIABLE}=${home}\0`).toString("latin1");
}

function readMarks(table: ProcessTable, search: RunSearch): { marked: number[]; spared: Set<number> } {
  const run = `\0${RUN_VARIABLE}=${search.session}:${search.epoch === undefined ? "" : `${search.epoch}\0`}`;
  const self = selfMark(search.home);
  const marked: number[] = [];
  const spared = new Set<number>();
  for (const { pid, alive, environment } of table.values()) {
    if (!alive) continue;
    if (environment.includes(self)) spared.add(pid);
    else if (environment.includes(run)) marked.push(pid);
  }
  return { marked, spared };
}

/**
 * The seeds and what is beneath them. Spared processes are left out with all that is beneath them, and so is pid 1
 * whatever names it (a note, a mark in a container): the whole machine is beneath it.
 */
function reach(table: ProcessTable, seeds: readonly number[], spared: ReadonlySet<number>): Set<number> {
  const children = Map.groupBy(table.values(), (entry) => entry.parent);
  const reached = new Set<number>();
  const open = [...seeds];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (reached.has(pid) || pid === INIT_PID || spared.has(pid)) continue;
    reached.add(pid);
    for (const child of children.get(pid) ?? []) open.push(child.pid);
  }
  return reached;
}

function living(table: ReadonlyMap<number, ProcessEntry>, pids: Iterable<number>): ProcessId[] {
  const found: ProcessId[] = [];
  for (const pid of pids) {
    const entry = table.get(pid);
    if (entry === undefined || !entry.alive || pid === process.pid) continue;
    found.push({ pid, startTime: entry.startTime });
  }
  return found;
}

function cannotEnd(search: RunSearch, left: readonly ProcessId[]): DispatchError {
  const pids = left.map(({ pid }) => pid).join(" ");
  return new DispatchError(
    "unavailable",
    `${left.length} processes of ${search.session} cannot be ended: ${pids}`,
    {
      hint: `sudo kill -9 ${pids}`,
    },
  );
}
