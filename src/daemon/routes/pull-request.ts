import { DispatchError } from "../../base/error.ts";
import { pullRequestText } from "../../core/pull-request.ts";
import type { PullRequest } from "../../protocol/pull-request.ts";
import type { Task } from "../../protocol/task.ts";
import { lastMergeOf } from "../../store/merge.ts";
import { getTaskText } from "../../store/task.ts";
import { changes } from "../../workspaces/diff.ts";
import { checkRemote, pushBranch } from "../../workspaces/push.ts";
import { requireRepository } from "../../workspaces/repository.ts";
import { type MergeableRoom, mergeable } from "../mergeable.ts";
import type { Parts } from "../parts.ts";
import { roomsOf } from "../rooms.ts";
import { settingsOf } from "../worktree-setup.ts";
import { mustFindTask } from "./find.ts";
import type { Handlers } from "./handler.ts";

export const pullRequestHandlers: Pick<Handlers, "getPullRequest" | "pushPullRequest"> = {
  async getPullRequest({ params, from }, parts) {
    const task = mustFindTask(parts.ledger.db, params.task, from);
    const changed = await changedRooms(task, parts);
    const [pullRequest, ...also] = changed.map((one) => pullRequestOf(task, one, { changed, parts }));
    return { pullRequest: pullRequest!, also };
  },

  async pushPullRequest({ params, from, body: { remote } }, parts) {
    const task = mustFindTask(parts.ledger.db, params.task, from);
    const pushes = await Promise.all(
      (await changedRooms(task, parts)).map(async ({ room }) => {
        const repository = await requireRepository(room.workspace.path);
        await checkRemote(repository, remote); // of all, before anything leaves one
        return { room, repository };
      }),
    );
    const pushed: Pushed[] = [];
    for (const { room, repository } of pushes) {
      const { path: worktree, branch } = room.worktree;
      const request = { repository, worktree, remote, message: task.title };
      const commit = await parts.turns
        .take(repository.commonDir, () => pushBranch(request))
        .catch((error: unknown) => {
          throw withPushed(error, { pushed, name: room.name });
        });
      pushed.push({ name: room.name, branch, commit });
    }
    const [{ branch, commit }, ...also] = pushed as [Pushed, ...Pushed[]];
    return { remote, branch, commit, also };
  },
};

interface ChangedRoom {
  room: MergeableRoom;
  files: PullRequest["files"];
}

interface Pushed {
  name: string;
  branch: string;
  commit: string;
}

/** The rooms that have something to review: of several only those that changed, at least one. */
async function changedRooms(task: Task, { ledger: { db } }: Parts): Promise<ChangedRoom[]> {
  const rooms = await Promise.all(
    mergeable(task, roomsOf(db, task)).map(async (room) => ({
      room,
      files: await changes(room.worktree.path, room.worktree.base),
    })),
  );
  const changed = rooms.filter(({ files }) => files.length > 0);
  return changed.length > 0 ? changed : rooms.slice(0, 1);
}

function pullRequestOf(
  task: Task,
  { room, files }: ChangedRoom,
  { changed, parts }: { changed: readonly ChangedRoom[]; parts: Parts },
): PullRequest {
  const { db } = parts.ledger;
  const { name, worktree, workspace, into } = room;
  const { gate } = settingsOf(parts.config.read(), workspace);
  const { prompt } = getTaskText(db, task.id)!;
  const beside = changed
    .filter((other) => other.room !== room)
    .map((other) => ({ name: other.room.name, branch: other.room.worktree.branch }));
  const text = pullRequestText({ task, prompt, files, gate, merge: lastMergeOf(db, task.id), beside });
  return { ...text, name, branch: worktree.branch, target: into, folder: worktree.path, files };
}

/** What has left this machine is said with what has not. */
function withPushed(error: unknown, { pushed, name }: { pushed: readonly Pushed[]; name: string }): unknown {
  if (pushed.length === 0 || !(error instanceof DispatchError)) return error;
  const done = pushed.map((each) => each.name).join(", ");
  const message = `${done} is pushed, ${name} is not: ${error.message}`;
  return new DispatchError(error.code, message, { hint: error.hint, cause: error });
}
