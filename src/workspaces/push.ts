import { DispatchError } from "../base/error.ts";
import { commitAll } from "./commit.ts";
import { git } from "./git.ts";
import { quote } from "../core/quote.ts";
import { realPlace, openWorktree } from "./worktree.ts";
import type { Repository } from "./repository.ts";

const PUSH_TIMEOUT_MS = 5 * 60_000;

/** @throws DispatchError `not_found` for a remote that the repository does not have */
export async function checkRemote({ root: cwd }: Repository, remote: string): Promise<void> {
  const remotes = (await git(["remote"], { cwd })).split("\n").filter(Boolean);
  if (remotes.includes(remote)) return;
  throw new DispatchError("not_found", `${cwd} has no remote ${JSON.stringify(remote)}`, {
    hint: `git -C ${quote(cwd)} remote add <name> <address>`,
    candidates: remotes,
  });
}

interface PushRequest {
  repository: Repository;
  worktree: string;
  /** The name of a remote; an address is none. */
  remote: string;
  /** What is uncommitted is committed under it first. */
  message: string;
}

/**
 * Pushes a worktree's branch to the branch of that name, with what is uncommitted. No hook runs, nothing is forced.
 * @throws DispatchError `not_found` for a remote that the repository does not have; what git or the remote refused
 */
export async function pushBranch({ repository, worktree, remote, message }: PushRequest): Promise<string> {
  await checkRemote(repository, remote);
  const { root, branch } = await openWorktree(repository, await realPlace(worktree));
  const commit = await commitAll(root, message);
  const ref = `refs/heads/${branch}`;
  await git(["push", "--quiet", "--", remote, `${commit}:${ref}`], { cwd: root, timeoutMs: PUSH_TIMEOUT_MS });
  return commit;
}
