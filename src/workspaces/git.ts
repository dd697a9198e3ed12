import pLimit from "p-limit";
import { DispatchError } from "../base/error.ts";
import { quote } from "../core/quote.ts";

/** Enough for all but checking out a large repository, which asks for more. */
const GIT_TIMEOUT_MS = 60_000;
/** From TERM, on which git removes its lock files, to KILL. */
const GIT_GRACE_MS = 2_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 16 * 1024;

/** What git may know of our environment. Above all no GIT_*: they would point it at another repository. */
const PASSED = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK"];

const FIXED_ENV = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0", // looking must not contend with the user's own git for the index
};

/** Holds for every call: no program that a repository names runs on our behalf, filters and merge drivers aside. */
const FIXED_SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "submodule.recurse=false",
  "core.quotePath=false",
];
const FIXED_ARGS = ["--no-pager", ...FIXED_SETTINGS.flatMap((setting) => ["-c", setting])];

/** The machine's processors and memory are one: a hundred tasks that end together must not start hundreds of git. */
const PROCESSES = pLimit(8);

export interface GitOptions {
  cwd: string;
  env?: Record<string, string>;
  /** Text for standard input; without it git reads nothing. */
  input?: string;
  timeoutMs?: number;
  /** Output beyond this is cut, and git is stopped. */
  maxBytes?: number;
}

export interface GitRun {
  code: number;
  stdout: string;
  stderr: string;
  truncated: boolean;
}

/**
 * Run git and answer with its output, without the last line's end.
 * @throws DispatchError when git exits with anything but 0 (with git's own words) or says more than the limit
 */
export async function git(args: string[], options: GitOptions): Promise<string> {
  const run = await runGit(args, options);
  if (run.code !== 0 && !run.truncated) throw gitFailed(args, options.cwd, run);
  if (run.truncated) throw new DispatchError("too_large", `git ${args[0]} said more than Dispatch reads`);
  return run.stdout.endsWith("\n") ? run.stdout.slice(0, -1) : run.stdout;
}

/** As `git`, for a question whose answer may be no: null on any other exit than 0. */
export async function askGit(args: string[], options: GitOptions): Promise<string | null> {
  const run = await runGit(args, options);
  return run.code === 0 ? run.stdout.replace(/\n$/, "") : null;
}

export function gitFailed(args: string[], cwd: string, run: GitRun): DispatchError {
  const words = run.stderr.trim() || `exit code ${run.code}`;
  return new DispatchError("unavailable", `git ${args[0]} failed: ${words}`, {
    hint: `git -C ${quote(cwd)} status`,
  });
}

/**
 * Run git to its end, whatever its exit code; when it is its turn, where many are running.
 * It has its own process group: a death of this process does not stop it halfway, and a stop reaches its filters too.
 * @throws DispatchError `unavailable` when git is missing or takes too long, `not_found` when the folder is missing
 */
export function runGit(args: string[], options: GitOptions): Promise<GitRun> {
  return PROCESSES(() => runNow(args, options));
}

async function runNow(args: string[], options: GitOptions): Promise<GitRun> {
  const child = start(args, options);
  let timedOut = false;
  let kill: ReturnType<typeof setTimeout> | undefined;
  function stop() {
    signalGroup(child.pid, "SIGTERM");
    kill ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GIT_GRACE_MS);
  }
  const deadline = setTimeout(() => {
    timedOut = true;
    stop();
  }, options.timeoutMs ?? GIT_TIMEOUT_MS);
  try {
    const [out, err, code] = await Promise.all([
      readUpTo(child.stdout, options.maxBytes ?? MAX_OUTPUT_BYTES, stop),
      readUpTo(child.stderr, MAX_ERROR_BYTES, () => {}),
      child.exited,
    ]);
    if (timedOut) throw tookTooLong(args, options.cwd);
    return { code, stdout: out.text, stderr: err.text, truncated: out.truncated };
  } finally {
    clearTimeout(deadline);
    clearTimeout(kill);
  }
}

function start(args: string[], { cwd, env, input }: GitOptions) {
  const command = Bun.which("git");
  if (command === null) {
    throw new DispatchError("unavailable", "git was not found in PATH", {
      hint: "install git 2.38 or newer",
    });
  }
  try {
    return Bun.spawn([command, ...FIXED_ARGS, ...args], {
      cwd,
      env: { ...passedEnv(), ...FIXED_ENV, ...env },
      stdin: input === undefined ? "ignore" : new TextEncoder().encode(input),
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    });
  } catch (cause) {
    throw new DispatchError("not_found", `cannot run git in ${cwd}`, { hint: `ls -ld ${quote(cwd)}`, cause });
  }
}

function passedEnv(): Record<string, string> {
  return Object.fromEntries(PASSED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended by itself meanwhile
  }
}

/** Reads to the end, keeps the first `limit` bytes, and tells once when there is more. */
async function readUpTo(stream: ReadableStream<Uint8Array>, limit: number, onMore: () => void) {
  const kept: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  for await (const chunk of stream) {
    if (size < limit) kept.push(chunk.subarray(0, limit - size));
    size += chunk.length;
    if (size > limit && !truncated) {
      truncated = true;
      onMore();
    }
  }
  return { text: Buffer.concat(kept).toString("utf8"), truncated };
}

function tookTooLong(args: string[], cwd: string): DispatchError {
  return new DispatchError("unavailable", `git ${args[0]} took too long and was stopped`, {
    hint: `git -C ${quote(cwd)} status`,
  });
}
