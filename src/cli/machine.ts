import { accessSync, constants, statfsSync, statSync } from "node:fs";
import type { Finding } from "../protocol/finding.ts";

/** The oldest git whose merge-tree writes a tree, by which merges are tried without touching a checkout. */
const OLDEST_GIT = [2, 38] as const;
const GIT_MS = 1_500;
const LITTLE_SPACE_BYTES = 1024 ** 3;
const NO_SPACE_BYTES = 100 * 1024 ** 2;

/** What of this machine Dispatch stands on: its home, the room on its disk, git. */
export function examineMachine(home: string, environment: Record<string, string | undefined>): Finding[] {
  return [...homeFindings(home), gitFinding(environment)];
}

function homeFindings(home: string): Finding[] {
  try {
    const { mode, uid } = statSync(home);
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
    const open = (mode & 0o077) !== 0;
    if (uid !== process.getuid?.())
      return [finding("bad", "home", `${home} belongs to another user`, `ls -ld ${home}`)];
    if (open)
      return [finding("bad", "home", `${home} can be entered by others`, `chmod 700 ${home}`), space(home)];
    return [space(home)];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return []; // the daemon makes it
    return [finding("bad", "home", message, "set DISPATCH_HOME to a folder that you own")];
  }
}

function space(home: string): Finding {
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  if (free < NO_SPACE_BYTES) return finding("bad", "disk", `${text}: nothing can be kept`, `df -h ${home}`);
  if (free < LITTLE_SPACE_BYTES)
    return finding("note", "disk", `${text}: worktrees need room`, `df -h ${home}`);
  return finding("good", "disk", text, null);
}

function gitFinding(environment: Record<string, string | undefined>): Finding {
  const git = Bun.which("git", { PATH: environment["PATH"] ?? "" });
  if (git === null)
    return finding("bad", "git", "git is not installed: tasks get no worktree", "install git 2.38 or newer");
  const { stdout } = Bun.spawnSync([git, "--version"], { timeout: GIT_MS, stderr: "ignore" });
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout.toString()) ?? [];
  const version = `${major ?? "?"}.${minor ?? "?"}`;
  const [oldMajor, oldMinor] = OLDEST_GIT;
  const isNew = Number(major) > oldMajor || (Number(major) === oldMajor && Number(minor) >= oldMinor);
  if (isNew) return finding("good", "git", version, null);
  return finding("bad", "git", `${version} is too old to try merges`, "install git 2.38 or newer");
}

function finding(state: Finding["state"], about: string, text: string, hint: string | null): Finding {
  return { about, state, text, hint };
}
