import { existsSync } from "node:fs";
import { DispatchError } from "../../base/error.ts";
import { isEnded } from "../../core/run.ts";
import type { Task, TaskWorktree } from "../../protocol/task.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { openMergeOf } from "../../store/merge.ts";
import { getTask } from "../../store/task.ts";
import { changes, diff } from "../../workspaces/diff.ts";
import { merge } from "../../workspaces/merge.ts";
import { exists, requireRepository } from "../../workspaces/repository.ts";
import { cleanUp } from "../clean-up.ts";
import type { Parts } from "../parts.ts";
import { lost } from "../place.ts";
import { writeTask } from "../run.ts";
import { failureText, settingsOf, tearDown } from "../worktree-setup.ts";
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

  async mergeTask({ params, from, body, commit }, { ledger, config, turns }) {
    const task = mustFindTask(ledger.db, params.task, from);
    const { worktree, into } = mergeable(task);
    const workspace = workspaceOf(ledger.db, task);
    if (!body.ungated) refuseUngated(task, settingsOf(config.read(), workspace).gate);
    const repository = await requireRepository(workspace.path);
    return turns.take(repository.commonDir, async () => {
      const result = await merge({
        repository,
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

  async cleanTask({ params, from, body, commit }, parts) {
    const { db } = parts.ledger;
    const task = mustFindTask(db, params.task, from);
    if (!isEnded(task))
      throw new DispatchError("conflict", `${task.slug} has not ended`, {
        hint: `dispatch cancel ${task.slug}`,
      });
    if (openMergeOf(db, task.id))
      throw new DispatchError("conflict", `${task.slug} waits to be merged`, {
        hint: `dispatch merge --cancel ${task.slug}`,
      });
    const workspace = workspaceOf(db, task);
    const { worktree, kept, removed, notices } = await cleanUp({
      task,
      workspace,
      force: body.force ?? false,
      turns: parts.turns,
      tearDown: (folder) => tearDownRoom(task, { workspace, folder }, parts),
    });
    return commit((tx) => {
      const after = { ...getTask(tx.db, task.id)!, worktree, snapshot: null };
      writeTask(tx, after);
      return { task: after, kept, removed, notices };
    });
  },
};

/** Best effort: what fails is told, and the worktree goes all the same. */
async function tearDownRoom(
  task: Task,
  room: { workspace: Workspace; folder: string },
  { config, environments }: Parts,
): Promise<string[]> {
  if (!(await exists(room.folder))) return [];
  const environment = await environments.of(task.id);
  const { signal } = new AbortController();
  const { failure } = await tearDown(config.last(), { ...room, environment, signal });
  return failure ? [`the teardown failed: ${failureText(failure)}`] : [];
}

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
  if (task.worktree && !existsSync(task.worktree.path)) throw lost(task);
  if (!base)
    throw new DispatchError(
      "refused",
      `${task.runFolder} is in no git repository, so there is nothing to compare with`,
    );
  return { folder: task.runFolder, base };
}

function refuseUngated(task: Task, gate: readonly string[]): void {
  if (gate.length === 0) return;
  throw new DispatchError("refused", `merges here pass a gate first: ${gate.join("; ")}`, {
    hint: `dispatch merge ${task.slug} --queue`,
  });
}

/** What of a task can be merged, and into which branch. @throws DispatchError why nothing can */
export function mergeable(task: Task): { worktree: TaskWorktree; into: string } {
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
  if (!existsSync(task.worktree.path)) throw lost(task);
  if (task.worktree.target === null)
    throw new DispatchError("refused", `${task.slug} started from a commit that was on no branch`, {
      hint: `commit what is in ${task.worktree.path}, then git merge ${task.worktree.branch}`,
    });
  return { worktree: task.worktree, into: task.worktree.target };
}
