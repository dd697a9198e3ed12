import { join } from "node:path";
import { askGit, git } from "./git.ts";
import { exists } from "./repository.ts";

const GITLINK = "160000";

/** Repositories inside a checkout: submodules that are filled, clones that an agent made. */
export async function nestedRepositories(cwd: string, index: string): Promise<string[]> {
  const entries = await git(["ls-files", "--stage", "-z"], { cwd, env: { GIT_INDEX_FILE: index } });
  const folders = entries
    .split("\0")
    .filter((entry) => entry.startsWith(GITLINK))
    .map((entry) => join(cwd, entry.slice(entry.indexOf("\t") + 1)));
  const filled = await Promise.all(folders.map((folder) => exists(join(folder, ".git"))));
  return folders.filter((_, i) => filled[i]);
}

/** Whether a nested repository has changes or commits that no remote has: no ref of the outer one can keep them. */
export async function holdsOwnWork(cwd: string): Promise<boolean> {
  const changed = await askGit(["status", "--porcelain", "--ignore-submodules=none"], { cwd });
  const ownCommits = await askGit(["rev-list", "--max-count=1", "--all", "--not", "--remotes"], { cwd });
  return changed !== "" || ownCommits !== "";
}
