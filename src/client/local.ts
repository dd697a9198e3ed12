import { closeSync, mkdirSync, openSync, watch } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { homeFiles, SELF_VARIABLE } from "../base/home.ts";
import { lockOwner } from "../base/lock.ts";
import { VERSION } from "../base/version.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { ErrorBody } from "../protocol/error.ts";
import { type Client, createClient, LostCallError, NoDaemonError } from "./client.ts";
import { callerEnvironment } from "./environment.ts";
import { readStartReport, type StartReport } from "./start-report.ts";

export interface LocalOptions {
  home: string;
  /** The argv that runs this program. */
  self: string[];
  environment: Record<string, string | undefined>;
  /** Told once what a person should know, such as a daemon of another version. */
  notice?: (text: string, hint: string) => void;
}

/** What another daemon gets to answer, or to go, in milliseconds. */
const OTHER_DAEMON_MS = 10_000;
const KNOCK_MS = 25;

/**
 * A client of this home's daemon. A call that finds none starts one, and one that the daemon took with it is made
 * again: its key sees to it that it is carried out once.
 */
export function createLocalClient(options: LocalOptions): Client {
  const client = createRunningClient(options);
  return {
    async call(name, params, input, { key = crypto.randomUUID(), signal } = {}) {
      try {
        return await client.call(name, params, input, { key, signal });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      await startDaemon(options);
      return await client.call(name, params, input, { key, signal });
    },
  };
}

/** The same without starting one: its calls throw `unavailable` where none runs. */
export function createRunningClient(options: LocalOptions): Client {
  let told = false;
  return createClient({ kind: "socket", path: homeFiles(options.home).socket }, (version) => {
    if (told || version === null || version === VERSION) return;
    told = true;
    options.notice?.(`the daemon is version ${version}, this is ${VERSION}`, "dispatch daemon restart");
  });
}

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

/** Asks the daemon how it is; null where none runs, or it is just going. */
export async function daemonHealth(options: LocalOptions): Promise<CallAnswer<"health"> | null> {
  try {
    return await createRunningClient(options).call("health", {}, {});
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof NoDaemonError || error instanceof LostCallError;
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
