import { pullRequestText } from "../../core/pull-request.ts";
import { lastMergeOf } from "../../store/merge.ts";
import { getTaskText } from "../../store/task.ts";
import { changes } from "../../workspaces/diff.ts";
import { pushBranch } from "../../workspaces/push.ts";
import { requireRepository } from "../../workspaces/repository.ts";
import { settingsOf } from "../worktree-setup.ts";
import { mergeable } from "./change.ts";
import { mustFindTask, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";

export const pullRequestHandlers: Pick<Handlers, "getPullRequest" | "pushPullRequest"> = {
  async getPullRequest({ params, from }, { ledger: { db }, config }) {
    const task = mustFindTask(db, params.task, from);
    const { worktree, into } = mergeable(task);
    const files = await changes(worktree.path, worktree.base);
    const { gate } = settingsOf(config.read(), workspaceOf(db, task));
    const { prompt } = getTaskText(db, task.id)!;
    const text = pullRequestText({ task, prompt, files, gate, merge: lastMergeOf(db, task.id) });
    const place = { branch: worktree.branch, target: into, folder: worktree.path };
    return { pullRequest: { ...text, ...place, files } };
  },

  async pushPullRequest({ params, from, body }, { ledger: { db }, turns }) {
    const task = mustFindTask(db, params.task, from);
    const { worktree } = mergeable(task);
    const repository = await requireRepository(workspaceOf(db, task).path);
    const request = { repository, worktree: worktree.path, remote: body.remote, message: task.title };
    const commit = await turns.take(repository.commonDir, () => pushBranch(request));
    return { remote: body.remote, branch: worktree.branch, commit };
  },
};
