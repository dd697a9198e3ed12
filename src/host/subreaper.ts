import { dlopen, FFIType } from "bun:ffi";
import { readdirSync, readFileSync } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { readProcess } from "../processes/table.ts";

/** While open, orphans beneath this process become its children. */
export interface Subreaper {
  /** New orphans go to the next ancestor again. Calling it again does nothing. */
  close(): void;
}

const PR_SET_CHILD_SUBREAPER = 36; // <linux/prctl.h>
const WNOHANG = 1;

/**
 * Makes this process the parent of every orphan beneath it (prctl(2)), so that a command that calls setsid or forks
 * twice stays findable as a descendant, and takes the adopted away when they end.
 * Linux only; elsewhere it does nothing, and such orphans are known by their environment and the record alone.
 */
export function becomeSubreaper(): Subreaper {
  if (process.platform !== "linux") return { close() {} };
  const libc = dlopen("libc.so.6", {
    prctl: { args: [FFIType.i32, FFIType.u64, FFIType.u64, FFIType.u64, FFIType.u64], returns: FFIType.i32 },
    waitpid: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
  });
  const reap = () => {
    for (const pid of endedOrphans()) libc.symbols.waitpid(pid, null, WNOHANG);
  };
  process.on("SIGCHLD", reap);
  if (libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) {
    throw new DispatchError("internal", "this process cannot become a child subreaper");
  }
  let open = true;
  return {
    close() {
      if (!open) return;
      open = false;
      libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
      process.off("SIGCHLD", reap);
      libc.close();
    },
  };
}

/**
 * The zombies among our children that Bun will not wait for. Bun holds a pidfd of each child that it started until it
 * has read its exit status, so a zombie without one was adopted. Waiting for one of Bun's would lose that status.
 */
function endedOrphans(): number[] {
  const zombies = childPids().filter((pid) => readProcess(pid)?.alive === false);
  if (zombies.length === 0) return zombies;
  const started = startedPids();
  return zombies.filter((pid) => !started.has(pid));
}

/** Orphans are given to the first thread of their new parent (proc_pid_task_children(5)). */
function childPids(): number[] {
  const list = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  return list.split(" ").filter(Boolean).map(Number);
}

/** The pids that our open pidfds stand for: the `Pid:` line of pidfd_open(2), in proc_pid_fdinfo(5). */
function startedPids(): Set<number> {
  const pids = new Set<number>();
  for (const fd of readdirSync("/proc/self/fdinfo")) {
    const [, pid] = /^Pid:\t(\d+)$/mu.exec(fdInfo(fd)) ?? [];
    if (pid !== undefined) pids.add(Number(pid));
  }
  return pids;
}

/** Empty for the descriptor that listed the folder, which is closed by now. */
function fdInfo(fd: string): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
