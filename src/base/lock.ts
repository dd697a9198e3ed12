import { dlopen, FFIType, read } from "bun:ffi";
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DispatchError } from "./error.ts";

/** A held lock. The kernel releases it when this process dies, however it dies. */
export interface Lock {
  /** Gives the lock up. Calling it again does nothing. */
  release(): void;
}

const LOCK_EXCLUSIVE_NOW = 2 | 4; // LOCK_EX | LOCK_NB of flock(2), the same on Linux and macOS
const MAX_ATTEMPTS = 8; // each one means that somebody replaced the file between our open and our flock
/** What the name of a folder ends in while it is removed. */
const OVER = ".over";

// A musl system answers to the glibc name as well: its loader maps every "libc." to itself.
const SYSTEM =
  process.platform === "darwin"
    ? { libc: "libSystem.B.dylib", errno: "__error", wouldBlock: 35 }
    : { libc: "libc.so.6", errno: "__errno_location", wouldBlock: 11 };

/**
 * Takes the lock that the file at `path` stands for (flock(2)), without waiting.
 * The file is created when missing (0600) and never deleted: deleting it would let two processes hold "the" lock.
 * Children never inherit it, since the file is opened close-on-exec, and a second call in one process fails like
 * one of another process.
 * @returns null when somebody else holds it
 * @throws DispatchError `unavailable` when the file system knows no locks
 */
export function acquireLock(path: string): Lock | null {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      if (!lockFile(fd, path)) {
        closeSync(fd);
        return null;
      }
      if (isStillAt(path, fd)) {
        writeOwner(fd, `${process.pid}\n`);
        return lockOf(fd);
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
  throw new DispatchError("unavailable", `${path} is replaced again and again while it is being locked`);
}

/** The process that last took the lock, for messages only: it may be long dead. Null when unknown. */
export function lockOwner(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || null;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Removes a folder that the caller has the lock of, with the lock's file in it. It goes out of the way first: whoever
 * makes it anew meanwhile has a folder of their own.
 */
export function removeLockedFolder(folder: string): void {
  const over = `${folder}${OVER}`;
  rmSync(over, { recursive: true, force: true }); // of one that was stopped half-way
  renameSync(folder, over);
  rmSync(over, { recursive: true, force: true });
}

/** Removes what is left in `parent` of removals that were stopped half-way; those at work meanwhile take no harm. */
export function finishRemovals(parent: string): void {
  for (const name of readdirSync(parent))
    if (name.endsWith(OVER)) rmSync(join(parent, name), { recursive: true, force: true });
}

function lockOf(fd: number): Lock {
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      writeOwner(fd, "");
      closeSync(fd);
    },
  };
}

function lockFile(fd: number, path: string): boolean {
  const libc = dlopen(SYSTEM.libc, { flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 } });
  const errnoOf = dlopen(SYSTEM.libc, { [SYSTEM.errno]: { args: [], returns: FFIType.ptr } });
  try {
    if (libc.symbols.flock(fd, LOCK_EXCLUSIVE_NOW) === 0) return true;
    const errno = read.i32(errnoOf.symbols[SYSTEM.errno]!()!, 0);
    if (errno === SYSTEM.wouldBlock) return false;
    throw new DispatchError("unavailable", `${path} cannot be locked (flock: errno ${errno})`, {
      hint: "set DISPATCH_HOME to a folder on a local disk",
    });
  } finally {
    libc.close();
    errnoOf.close();
  }
}

/** False when the file was deleted or replaced after we opened it: then we hold the lock of nothing. */
function isStillAt(path: string, fd: number): boolean {
  const ours = fstatSync(fd);
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}

function writeOwner(fd: number, text: string): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, text, 0);
  } catch (error) {
    // The owner is a courtesy to whoever reads the message; a full disk must not cost us the lock.
    if (errorCode(error) !== "ENOSPC" && errorCode(error) !== "EDQUOT") throw error;
  }
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
