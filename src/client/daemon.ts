import { closeSync, mkdirSync, openSync, watch } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { homeFiles, SELF_VARIABLE } from "../base/home.ts";
import { lockOwner } from "../base/lock.ts";
import type { ErrorBody } from "../protocol/error.ts";
import { NoDaemonError } from "./client.ts";
import { callerEnvironment } from "./environment.ts";
import { createRunningClient, daemonHealth, type LocalOptions } from "./local.ts";
import { readStartReport, type StartReport } from "./start-report.ts";

/** What another daemon gets to answer, or to go, in milliseconds. */
const OTHER_DAEMON_MS = 10_000;
const KNOCK_MS = 25;

/**
 * Starts this home's daemon and resolves when it answers. Where several do so at once, its lock picks one and all of
 * them get that one.
 * @throws DispatchError `unavailable` with the daemon's own reason
 */
export async function startDaemon(options: LocalOptions): Promise<void> {
  const end = Date.now() + OTHER_DAEMON_MS;
  while (true) {
    const report = await spawnDaemon(options);
    if (report?.state === "ready") return;
    const locked = report?.error.code === "conflict";
    if (!locked || Date.now() > end) throw startError(report?.error, options);
    if ((await otherDaemon(options, end)) === "answers") return;
  }
}

/**
 * Stops this home's daemon and resolves when it is gone; false when none ran.
 * @throws DispatchError `unavailable` when it does not go
 */
export async function stopDaemon(options: LocalOptions): Promise<boolean> {
  try {
    await createRunningClient(options).call("stopDaemon", {}, {});
  } catch (error) {
    if (error instanceof NoDaemonError) return false;
    throw error;
  }
  const { lock } = homeFiles(options.home);
  const gone = await sees(options.home, Date.now() + OTHER_DAEMON_MS, () => lockOwner(lock) === null || null);
  if (!gone)
    throw new DispatchError("unavailable", "the daemon does not stop", { hint: "dispatch daemon logs" });
  return true;
}

async function spawnDaemon(options: LocalOptions): Promise<StartReport | null> {
  const log = openLog(options.home);
  try {
    const child = Bun.spawn([...options.self, "daemon", "run", "--report"], {
      cwd: options.home,
      env: {
        ...callerEnvironment(options.environment),
        DISPATCH_HOME: options.home,
        [SELF_VARIABLE]: options.home,
      },
      detached: true, // setsid: it outlives our terminal
      stdin: "ignore",
      stdout: "pipe",
      stderr: log,
    });
    child.unref();
    return await readStartReport(child.stdout);
  } finally {
    closeSync(log);
  }
}

function openLog(home: string): number {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return openSync(homeFiles(home).log, "a", 0o600);
  } catch (error) {
    throw new DispatchError("unavailable", `${home} cannot be written: ${(error as Error).message}`, {
      hint: "set DISPATCH_HOME to a folder that you own",
      cause: error,
    });
  }
}

function startError(error: ErrorBody | undefined, options: LocalOptions): DispatchError {
  const reason = error?.message ?? `it ended before it was ready (see ${homeFiles(options.home).log})`;
  return new DispatchError("unavailable", `no daemon could be started: ${reason}`, {
    hint: error?.hint ?? "dispatch daemon run",
  });
}

/** How it goes on with the daemon that has the lock: it is starting, or it is about to go. */
async function otherDaemon(options: LocalOptions, end: number): Promise<"answers" | "gone" | null> {
  const { lock } = homeFiles(options.home);
  return await sees(options.home, end, async () => {
    if (await daemonHealth(options)) return "answers";
    return lockOwner(lock) === null ? "gone" : null;
  });
}

/**
 * Looks again whenever a file of the home changes, until there is something to see or the time is over (null). It also
 * looks at intervals, since a socket's file exists a moment before it answers.
 */
async function sees<T>(
  home: string,
  end: number,
  look: () => T | null | Promise<T | null>,
): Promise<T | null> {
  const changes = watch(home);
  try {
    while (Date.now() < end) {
      const changed = Promise.withResolvers<void>();
      changes.once("change", () => changed.resolve());
      const seen = await look();
      if (seen !== null) return seen;
      await Promise.race([changed.promise, Bun.sleep(KNOCK_MS)]);
    }
    return null;
  } finally {
    changes.close();
  }
}
