import { DispatchError } from "../../base/error.ts";
import { isEnded } from "../../core/run.ts";
import type { Task, TaskWorktree } from "../../protocol/task.ts";
import { getTask } from "../../store/task.ts";
import { changes, diff, dropSnapshot } from "../../workspaces/diff.ts";
import { merge } from "../../workspaces/merge.ts";
import { requireRepository } from "../../workspaces/repository.ts";
import { returnTaskFolder } from "../../workspaces/task-folder.ts";
import { removeWorktree } from "../../workspaces/worktree-removal.ts";
import { writeTask } from "../run.ts";
import { mustFindTask, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";

/** The longest diff that is answered, in bytes. */
const MAX_DIFF_BYTES = 4 * 1024 * 1024;

export const changeHandlers: Pick<Handlers, "getDiff" | "mergeTask" | "cleanTask"> = {
  async getDiff({ params, from }, { ledger }) {
    const { folder, base } = comparison(mustFindTask(ledger.db, params.task, from));
    const [files, text] = await Promise.all([
      changes(folder, base),
      diff(folder, base, { maxBytes: MAX_DIFF_BYTES }),
    ]);
    return { files, diff: text };
  },

  async mergeTask({ params, from, body, commit }, { ledger, turns }) {
    const task = mustFindTask(ledger.db, params.task, from);
    const { worktree, into } = mergeable(task);
    const { path } = workspaceOf(ledger.db, task);
    return turns.take(path, async () => {
      const result = await merge({
        repository: await requireRepository(path),
        worktree: worktree.path,
        into,
        message: body.message ?? task.title,
        strategy: body.squash ? "squash" : "merge",
      });
      const isIn = result.outcome === "merged" || result.outcome === "already-merged";
      return commit((tx) => {
        const current = getTask(tx.db, task.id)!;
        const after = isIn ? { ...current, worktree: { ...worktree, state: "merged" as const } } : current;
        if (isIn) writeTask(tx, after);
        return { task: after, merge: result };
      });
    });
  },

  async cleanTask({ params, from, body, commit }, { ledger, turns }) {
    const task = mustFindTask(ledger.db, params.task, from);
    if (!isEnded(task))
      throw new DispatchError("conflict", `${task.slug} has not ended`, {
        hint: `dispatch cancel ${task.slug}`,
      });
    const { path } = workspaceOf(ledger.db, task);
    return turns.take(path, async () => {
      const { worktree, kept, removed } = await cleanUp(task, path, body.force ?? false);
      return commit((tx) => {
        const after = { ...getTask(tx.db, task.id)!, worktree, snapshot: null };
        writeTask(tx, after);
        return { task: after, kept, removed };
      });
    });
  },
};

/** Where a task's changes are, and what they are measured against. */
function comparison(task: Task): { folder: string; base: string } {
  const base = task.worktree?.base || task.snapshot;
  if (task.worktree?.state === "removed")
    throw new DispatchError("conflict", `the worktree of ${task.slug} was removed`, {
      hint: `git log ${task.worktree.branch}`,
    });
  if (task.runFolder === null)
    throw new DispatchError("conflict", `${task.slug} has not started yet`, {
      hint: `dispatch status ${task.slug}`,
    });
  if (!base)
    throw new DispatchError(
      "refused",
      `${task.runFolder} is in no git repository, so there is nothing to compare with`,
    );
  return { folder: task.runFolder, base };
}

function mergeable(task: Task): { worktree: TaskWorktree; into: string } {
  if (!isEnded(task))
    throw new DispatchError("conflict", `${task.slug} has not ended`, { hint: `dispatch wait ${task.slug}` });
  if (!task.worktree)
    throw new DispatchError(
      "refused",
      `${task.slug} ran in the checkout itself: its changes are there already`,
      {
        hint: `dispatch diff ${task.slug}`,
      },
    );
  if (task.worktree.state === "removed")
    throw new DispatchError("conflict", `the worktree of ${task.slug} was removed`, {
      hint: `git merge ${task.worktree.branch}`,
    });
  if (task.worktree.target === null)
    throw new DispatchError("refused", `${task.slug} started from a commit that was on no branch`, {
      hint: `commit what is in ${task.worktree.path}, then git merge ${task.worktree.branch}`,
    });
  return { worktree: task.worktree, into: task.worktree.target };
}

interface CleanUp {
  worktree: TaskWorktree | null;
  kept: string[];
  removed: string[];
}

/** Takes away what git and the file system hold of an ended task; each step can be repeated after a crash. */
async function cleanUp(task: Task, checkout: string, force: boolean): Promise<CleanUp> {
  const { worktree, runFolder, slug } = task;
  if (worktree === null || worktree.state === "removed" || runFolder === null) {
    if (task.snapshot) await dropSnapshot(checkout, task.id);
    return { worktree, kept: [], removed: task.snapshot ? ["snapshot"] : [] };
  }
  const repository = await requireRepository(checkout);
  const folder = await returnTaskFolder({ runFolder, checkout, name: slug });
  const removal = await removeWorktree({
    repository,
    folder: worktree.path,
    branch: worktree.branch,
    into: worktree.target ?? "HEAD",
    task: slug,
    force,
    now: Date.now(),
  });
  const gone = removal.branch === "deleted" ? [`branch ${worktree.branch}`] : [];
  const kept = [
    ...(removal.branch === "kept" ? [`branch ${worktree.branch}`] : []),
    ...(removal.backup ? [`backup ${removal.backup}`] : []),
    ...(folder ? [folder] : []),
  ];
  return { worktree: { ...worktree, state: "removed" }, kept, removed: [worktree.path, ...gone] };
}
