import { DispatchError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { cancelMerge, landingsOf, newMerge } from "../../core/merge.ts";
import type { Merge } from "../../protocol/merge.ts";
import type { Task } from "../../protocol/task.ts";
import type { Db } from "../../sqlite/database.ts";
import { findMerges, getMerge, lastMergeOf, listMerges, openMergeOf } from "../../store/merge.ts";
import { requireRepository } from "../../workspaces/repository.ts";
import { listed } from "../environment.ts";
import { writeMerge } from "../merge-try.ts";
import { mergeable } from "../mergeable.ts";
import { roomsOf } from "../rooms.ts";
import { mustFindTask } from "./find.ts";
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
    const found = mustFindMerge(ledger.db, params.merge, from);
    const repositories = landingsOf(found).map(({ repository }) => repository);
    return turns.takeAll(repositories, async () =>
      commit((tx) => {
        const merge = cancelMerge(getMerge(tx.db, found.id)!, Date.now());
        writeMerge(tx, merge);
        return { merge };
      }),
    );
  },
};

async function mergeOf(db: Db, task: Task, handback: boolean): Promise<Merge> {
  const landings = await Promise.all(
    mergeable(task, roomsOf(db, task)).map(async ({ name, workspace, into }) => {
      const { commonDir } = await requireRepository(workspace.path);
      return { name, repository: commonDir, target: into };
    }),
  );
  const [{ repository, target }, ...also] = landings as [Merge["also"][number], ...Merge["also"]];
  return newMerge(task, { id: newId("mrg"), repository, target, also, handback }, Date.now());
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
