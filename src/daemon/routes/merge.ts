import { DispatchError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { cancelMerge, newMerge } from "../../core/merge.ts";
import type { Merge } from "../../protocol/merge.ts";
import type { Task } from "../../protocol/task.ts";
import type { Db } from "../../sqlite/database.ts";
import { findMerges, getMerge, lastMergeOf, listMerges, openMergeOf } from "../../store/merge.ts";
import { requireRepository } from "../../workspaces/repository.ts";
import { listed } from "../environment.ts";
import { writeMerge } from "../merge-try.ts";
import { mergeable } from "./change.ts";
import { mustFindTask, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";

export const mergeHandlers: Pick<Handlers, "queueMerges" | "listMerges" | "cancelMerge"> = {
  /** All or none; a task that waits to be merged already keeps its place. */
  async queueMerges({ from, body, commit }, { ledger, config, environments }) {
    config.read(); // the gate that a person is editing must be whole before anything passes it
    const tasks = body.tasks.map((ref) => mustFindTask(ledger.db, ref, from));
    const merges = await Promise.all(
      [...new Map(tasks.map((task) => [task.id, task])).values()].map((task) =>
        mergeOf(ledger.db, task, body.handback),
      ),
    );
    const answer = commit((tx) => ({
      merges: merges.map((merge) => {
        const open = openMergeOf(tx.db, merge.task);
        if (open) return open;
        writeMerge(tx, merge);
        return merge;
      }),
    }));
    if (body.environment)
      for (const { id } of answer.merges) environments.keep(id, listed(body.environment, []));
    return answer;
  },

  listMerges({ query }, { ledger }) {
    return listMerges(ledger.db, query);
  },

  /** In the repository's turn: a merge that is landing lands first, and is told as merged. */
  async cancelMerge({ params, from, commit }, { ledger, turns }) {
    const { id, repository } = mustFindMerge(ledger.db, params.merge, from);
    return turns.take(repository, async () =>
      commit((tx) => {
        const merge = cancelMerge(getMerge(tx.db, id)!, Date.now());
        writeMerge(tx, merge);
        return { merge };
      }),
    );
  },
};

async function mergeOf(db: Db, task: Task, handback: boolean): Promise<Merge> {
  const { into } = mergeable(task);
  const { commonDir } = await requireRepository(workspaceOf(db, task).path);
  const place = { id: newId("mrg"), repository: commonDir, target: into, handback };
  return newMerge(task, place, Date.now());
}

/** The merge with this id or the beginning of it, or the last one of the task that is named. */
function mustFindMerge(db: Db, ref: string, from: string | null): Merge {
  const found = findMerges(db, ref);
  if (found.length > 1)
    throw new DispatchError("ambiguous", `${ref} can mean several merges`, {
      candidates: found.map(({ id, slug }) => `${id} ${slug}`),
    });
  const merge = found[0] ?? lastMergeOf(db, mustFindTask(db, ref, from).id);
  if (merge) return merge;
  throw new DispatchError("not_found", `${ref} has no merge in the queue`, { hint: "dispatch merges" });
}
