import { DispatchError } from "../base/error.ts";
import type { WorktreeRemoval } from "../protocol/change.ts";
import { commitTree } from "./commit.ts";
import { askGit, git } from "./git.ts";
import { isAncestor, isMerged, treeOf } from "./merged.ts";
import { holdsOwnWork, nestedRepositories } from "./nested.ts";
import { quote } from "../core/quote.ts";
import { exists, listCheckouts, resolveCommit, type Repository } from "./repository.ts";
import { squashRef, withSquashed } from "./squash.ts";
import { makeScratch, writeWorkingTree } from "./working-tree.ts";
import { baseRef, isRegistered, moveRefs, openWorktree, realPlace } from "./worktree.ts";

const REMOVE_TIMEOUT_MS = 10 * 60_000;

interface RemovalRequest {
  /** The repository that the worktree belongs to, found from another of its checkouts. */
  repository: Repository;
  folder: string;
  /** The branch that `createWorktree` made. */
  branch: string;
  /** The branch that the work should have been merged into. */
  into: string;
  /** The task, as commands name it; a backup ref is named after it too. */
  task: string;
  /** The command that merges its work; null for work that is not to be merged. */
  merge: string | null;
  force: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What is in the worktree's folder. */
interface Holdings {
  head: string | null;
  /** Uncommitted and untracked files as a tree; null when there are none. */
  files: string | null;
  /** What is staged and neither committed nor in the files; null when there is no such thing. */
  staged: string | null;
  nested: string[];
}

/**
 * Removes a worktree, and its branch when that is merged. Never loses work: with changes that are not committed or
 * commits that are not merged it refuses, or with `force` keeps them first, as a backup ref or as the branch itself.
 * Ignored files go. Move the task folder out first (`returnTaskFolder`). May be called again after a crash.
 * @throws DispatchError `refused`, naming what to do
 */
export async function removeWorktree(request: RemovalRequest): Promise<WorktreeRemoval> {
  const folder = await realPlace(request.folder);
  const backup = await removeFolder({ ...request, folder });
  return { ...(await pruneBranch(request)), backup };
}

/** @throws DispatchError `refused` where `removeWorktree` would refuse; nothing is changed */
export async function checkRemovable(request: Omit<RemovalRequest, "now">): Promise<void> {
  const folder = await realPlace(request.folder);
  if (!(await exists(folder)) || !(await isRegistered(request.repository.root, folder))) return;
  await holdingsToRemove({ ...request, folder });
}

async function removeFolder(request: RemovalRequest): Promise<string | null> {
  const cwd = request.repository.root;
  const there = await exists(request.folder);
  if (await isRegistered(cwd, request.folder))
    return there ? removeExisting(request) : unregister(request, false);
  if (!there) return null;
  throw new DispatchError("refused", `${request.folder} is no worktree of ${cwd}`, {
    hint: `git -C ${quote(cwd)} worktree list`,
  });
}

async function removeExisting(request: RemovalRequest): Promise<string | null> {
  const held = await holdingsToRemove(request);
  const backup = request.force ? await keep(request, held) : null;
  // git looks once more for changes unless forced; but it never removes submodules unforced.
  await unregister(request, request.force || held.nested.length > 0);
  return backup;
}

async function holdingsToRemove(request: Omit<RemovalRequest, "now">): Promise<Holdings> {
  const held = await holdings(await openWorktree(request.repository, request.folder));
  await refuseNestedWork(held.nested);
  if (!request.force) await refuseLoss(request, held);
  return held;
}

async function unregister({ repository, folder }: RemovalRequest, force: boolean): Promise<null> {
  const args = ["worktree", "remove", ...(force ? ["--force"] : []), "--", folder];
  await git(args, { cwd: repository.root, timeoutMs: REMOVE_TIMEOUT_MS });
  return null;
}

async function holdings(worktree: Repository): Promise<Holdings> {
  await using scratch = await makeScratch();
  const { root: cwd, head } = worktree;
  const files = await writeWorkingTree({ repository: worktree, as: "work", scratch });
  const committed = head === null ? null : await treeOf(cwd, head);
  const staged = await askGit(["write-tree"], { cwd }); // null: unmerged entries, which the files hold with markers
  return {
    head,
    files: files === committed ? null : files,
    staged: staged === committed || staged === files ? null : staged,
    nested: await nestedRepositories(cwd, scratch.index),
  };
}

async function refuseNestedWork(nested: string[]): Promise<void> {
  for (const folder of nested) {
    if (!(await holdsOwnWork(folder))) continue;
    throw new DispatchError("refused", `${folder} is a repository of its own with work that no remote has`, {
      hint: `git -C ${quote(folder)} status, then push or move it`,
    });
  }
}

async function refuseLoss(
  { repository, folder, branch, into, task, merge }: Omit<RemovalRequest, "now">,
  held: Holdings,
): Promise<void> {
  const hint = `${merge === null ? "" : `${merge}, or `}dispatch clean ${task} --force`;
  if (held.files ?? held.staged) {
    throw new DispatchError("refused", `${folder} has changes that are not committed`, { hint });
  }
  for (const tip of [held.head, await resolveCommit(repository.root, `refs/heads/${branch}`)]) {
    if (tip === null || (await isMergedInto(repository.root, tip, { branch, into }))) continue;
    throw new DispatchError("refused", `${branch} has commits that are not merged into ${into}`, { hint });
  }
}

async function keep({ repository, folder, task, branch, now }: RemovalRequest, held: Holdings) {
  const cwd = repository.root;
  const commit = await asCommit(cwd, folder, held);
  const tip = await resolveCommit(cwd, `refs/heads/${branch}`);
  if (commit === null || (tip !== null && (await isAncestor(cwd, commit, tip)))) return null;
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const ref = `refs/dispatch/backup/${task}-${time}`;
  await git(["update-ref", ref, commit], { cwd });
  return ref;
}

/** Shaped as a stash is: the files, on top of HEAD and of what was staged. */
async function asCommit(
  cwd: string,
  folder: string,
  { head, files, staged }: Holdings,
): Promise<string | null> {
  if (!(files ?? staged)) return head;
  const parents = head === null ? [] : [head];
  const message = `What was not committed in ${folder}`;
  if (staged !== null)
    parents.push(await commitTree({ cwd, tree: staged, parents, message: `Staged: ${message}` }));
  return commitTree({ cwd, tree: files ?? (await treeOf(cwd, parents[0]!)), parents, message });
}

async function pruneBranch({
  repository,
  branch,
  into,
}: RemovalRequest): Promise<Omit<WorktreeRemoval, "backup">> {
  const cwd = repository.root;
  const tip = await resolveCommit(cwd, `refs/heads/${branch}`);
  await moveRefs(cwd, [`delete ${baseRef(branch)}`]);
  if (tip === null) return { branch: "absent", tip };
  const inUse = (await listCheckouts(cwd)).some((checkout) => checkout.branch === branch);
  if (inUse || !(await isMergedInto(cwd, tip, { branch, into }))) return { branch: "kept", tip };
  await moveRefs(cwd, [`delete refs/heads/${branch} ${tip}`, `delete ${squashRef(branch)}`]);
  return { branch: "deleted", tip };
}

async function isMergedInto(cwd: string, tip: string, { branch, into }: { branch: string; into: string }) {
  const target = await resolveCommit(cwd, `refs/heads/${into}`);
  return target !== null && (await isMerged(cwd, tip, await withSquashed(cwd, branch, target)));
}
