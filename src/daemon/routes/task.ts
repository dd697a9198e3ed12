import { DispatchError } from "../../base/error.ts";
import { clashOf } from "../../core/boundary.ts";
import { workedMs } from "../../core/worked.ts";
import type { Task } from "../../protocol/task.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import type { Db } from "../../sqlite/database.ts";
import { listApprovals } from "../../store/approval.ts";
import { listAttempts } from "../../store/attempt.ts";
import { attemptSpan, MAX_EXPORTED_EVENTS, transcriptOf } from "../../store/event.ts";
import { listFlags } from "../../store/flag.ts";
import { listQuestions } from "../../store/question.ts";
import { withAncestors } from "../../store/sweep.ts";
import { getTask, getTaskText, listTasks } from "../../store/task.ts";
import { getWorkspace } from "../../store/workspace.ts";
import { overlapText, sharingNotices, tenantsOfNew } from "../boundary.ts";
import { isGated, mergedInstead, mergeSinceEnd } from "../mergeable.ts";
import { learnAll, nameTaken, writeNewTask } from "../hand-over.ts";
import { type NewTask, newTask } from "../new-task.ts";
import type { Parts } from "../parts.ts";
import { askerOf, refuseWider } from "../preset.ts";
import { earlierTask, rememberTask } from "../repeat.ts";
import { dependenciesOf } from "../run.ts";
import { keepEnvironment } from "../session-environment.ts";
import { folderCalled } from "../routing.ts";
import { sourcesFor } from "../setup.ts";
import { handedOverFrom, treeOfTask } from "../tree.ts";
import { unwatchedMoney } from "../unwatched.ts";
import { findWorkspace, openTogether, settleWorkspace, useWorkspace } from "../workspace.ts";
import type { Config } from "../../protocol/config.ts";
import { mustFindSession } from "./find-session.ts";
import { checkBefore, mustFindSweep, mustFindTask, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";
import { transcriptPage } from "./transcript.ts";

export const taskHandlers: Pick<
  Handlers,
  "createTask" | "listTasks" | "getTask" | "getTranscript" | "exportTask"
> = {
  async createTask({ body, from, commit }, parts) {
    const { db } = parts.ledger;
    const { sources, notices: firsts } = await sourcesFor(parts, body);
    const called = await Promise.all(
      [body.workspace, ...(body.also ?? [])].map((ref) => folderCalled(ref, parts)),
    );
    const opened = await openTogether(db, called);
    const [workspace, ...also] = opened.map((each) => settleWorkspace(db, each)) as [
      Workspace,
      ...Workspace[],
    ];
    const config = parts.config.read();
    const earlier = earlierTask(db, body, workspace, also);
    if (earlier) return { task: earlier, workspace, notices: [], existing: true };
    const after = (body.after ?? []).map((ref) => mustFindTask(db, ref, from));
    const taken = (slug: string) => nameTaken(db, workspace.id, slug);
    const asker = askerOf(db, body.fromSession);
    const fromSession = handedOverFrom(db, body);
    const made = newTask(
      { ...body, ...(fromSession && { fromSession }) },
      { ...sources, workspace, also, taken, after, sweep: null, asker },
    );
    const { task } = made;
    refuseWider(asker, task);
    const notices = [
      ...firsts,
      ...oldForm(task, config),
      ...(made.narrowed ? [narrowedText(task)] : []),
      ...refuseOverlap(made, parts),
      ...learnAll([made], parts),
      ...unwatchedMoney([task], config),
    ];
    const answer = commit((tx) => {
      for (const each of [workspace, ...also]) useWorkspace(tx, each);
      writeNewTask(tx, made);
      rememberTask(tx.db, body, task);
      return { task, workspace, notices, existing: false };
    });
    keepEnvironment(parts, task.id, body.environment);
    parts.scheduler.consider();
    return answer;
  },

  listTasks({ query, from }, { ledger: { db } }) {
    checkBefore(query.before, (id) => getTask(db, id as Task["id"]) !== null);
    const workspace = query.workspace === undefined ? undefined : findWorkspace(db, query.workspace).id;
    const sweep = query.sweep === undefined ? undefined : mustFindSweep(db, query.sweep, from).id;
    const fromSession = query.from === undefined ? undefined : mustFindSession(db, query.from).id;
    return listTasks(db, { ...query, workspace, sweep, fromSession });
  },

  getTask({ params, from }, { ledger: { db }, scheduler, config }) {
    const task = mustFindTask(db, params.task, from);
    const text = getTaskText(db, task.id);
    if (!text) throw new DispatchError("internal", `${task.id} has lost its prompt`);
    const attempts = listAttempts(db, task.id);
    const worked = workedMs(attempts, Date.now());
    return {
      task,
      workspace: workspaceOf(db, task),
      also: furtherWorkspaces(db, task),
      ...text,
      attempts,
      questions: listQuestions(db, task.id),
      approvals: listApprovals(db, task.id),
      flags: listFlags(db, task.id),
      queue: scheduler.placeOf(task.id),
      held: task.status.state === "submitted" ? scheduler.limitOf(task) : null,
      after: dependenciesOf(db, task),
      merge: mergeSinceEnd(db, task),
      gated: isGated(db, task, config.last()),
      mergedInstead: mergedInstead(db, task),
      workedMs: worked,
      tree: treeOfTask(db, task, worked),
    };
  },

  getTranscript({ params, from, query }, { ledger }) {
    const { db } = ledger;
    const task = mustFindTask(db, params.task, from);
    const span = query.attempt === undefined ? {} : spanOf(db, task, query.attempt);
    return transcriptPage(transcriptOf(db, task.id, { ...query, ...span }), query, ledger);
  },

  async exportTask({ params, from }, { ledger: { db } }) {
    const task = mustFindTask(db, params.task, from);
    const { taskMarkdown } = await import("../../core/task-markdown.ts");
    const markdown = taskMarkdown({
      task,
      workspace: workspaceOf(db, task),
      also: furtherWorkspaces(db, task),
      ...getTaskText(db, task.id)!,
      questions: listQuestions(db, task.id),
      transcript: transcriptOf(db, task.id, { after: 0, limit: MAX_EXPORTED_EVENTS }),
    });
    return { markdown };
  },
};

function oldForm({ model }: Task, { agents, backends }: Config): string[] {
  if (!Object.hasOwn(agents, model.agent) || Object.hasOwn(backends, model.agent)) return [];
  return [`${model.agent} stands in the old form of the configuration: dispatch config migrate rewrites it`];
}

function narrowedText({ slug, permissions }: Task): string {
  return `${slug} may do what the agent may that hands it over: ${permissions}`;
}

/**
 * What a person should know of tasks that work in the same checkout.
 * @throws DispatchError `refused` where two have the same files in their boundaries
 */
function refuseOverlap(made: NewTask, { ledger, tenancy }: Parts): string[] {
  const tenants = tenantsOfNew(made);
  const before = withAncestors(ledger.db, made.task.after);
  const others = tenancy.read().filter(({ id }) => !before.has(id));
  for (const tenant of tenants)
    for (const other of others) {
      const clash = clashOf(tenant, other);
      if (clash?.kind === "overlap")
        throw new DispatchError("refused", overlapText(other.slug, clash), {
          hint: `add --worktree, or --after ${other.slug}`,
        });
    }
  return sharingNotices(tenants, others);
}

/** @throws DispatchError `not_found` for an attempt that was never made */
function spanOf(db: Db, task: Task, attempt: number): ReturnType<typeof attemptSpan> {
  if (attempt <= task.attempt) return attemptSpan(db, task.id, attempt);
  throw new DispatchError("not_found", `${task.slug} has no attempt ${attempt}`, {
    hint: `dispatch attempts ${task.slug}`,
  });
}

function furtherWorkspaces(db: Db, { also }: Task): Workspace[] {
  return also.map(({ workspace }) => getWorkspace(db, workspace)!);
}
