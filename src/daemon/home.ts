import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { type Lock, acquireLock, lockOwner } from "../base/lock.ts";

/**
 * Makes the home where it is missing, for its owner alone (0700), and takes it: one daemon a home.
 * @throws DispatchError `conflict` when another daemon has it, `unavailable` when it cannot be written
 */
export function takeHome(home: string, lockPath: string): Lock {
  const lock = guarded(home, () => {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    chmodSync(home, 0o700);
    return acquireLock(lockPath);
  });
  if (lock) return lock;
  const owner = lockOwner(lockPath);
  const which = owner === null ? "" : ` (process ${owner})`;
  throw new DispatchError("conflict", `a daemon${which} already serves ${home}`, {
    hint: "dispatch daemon status",
  });
}

/**
 * Empties the home's folder for temporary files, and has this process make its own there: what a killed daemon left
 * goes with the next one. To be called by the daemon that has the home.
 */
export function takeTemporary(home: string): void {
  const folder = join(home, "tmp");
  guarded(home, () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
  });
  process.env["TMPDIR"] = folder;
}

function guarded<T>(home: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof DispatchError) throw error;
    throw new DispatchError("unavailable", `${home} cannot be used: ${(error as Error).message}`, {
      hint: "set DISPATCH_HOME to a folder that you own",
      cause: error,
    });
  }
}
