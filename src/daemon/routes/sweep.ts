import { DispatchError } from "../../base/error.ts";
import { isEnded } from "../../core/run.ts";
import type { SweepRequest, SweepTaskRequest } from "../../protocol/sweep.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { countStates, saveSweep, listSweeps, tasksOfSweep, withAncestors } from "../../store/sweep.ts";
import { tasksSince } from "../../store/task.ts";
import { cancelTasks, tellHosts } from "../cancel.ts";
import { learnAll, nameTaken, writeNewTask } from "../hand-over.ts";
import { newSweep } from "../new-sweep.ts";
import type { Parts } from "../parts.ts";
import { askerOf, refuseWider } from "../preset.ts";
import { earlierSweep, rememberSweep } from "../repeat.ts";
import { reportOf } from "../report.ts";
import { keepEnvironment } from "../session-environment.ts";
import { sourcesFor } from "../setup.ts";
import { answerSweep } from "../sweep-budget.ts";
import { checkTogether } from "../together.ts";
import { handedOverFrom } from "../tree.ts";
import { unwatchedMoney } from "../unwatched.ts";
import { openPlace, settleWorkspace, useWorkspace } from "../workspace.ts";
import { mustFindSweep, mustFindTask, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";

/** Tasks of one report at the most: the newest. */
const MAX_REPORTED = 500;

type SweepCalls = "createSweep" | "listSweeps" | "getSweep" | "setSweepBudget" | "cancelSweep" | "getReport";

export const sweepHandlers: Pick<Handlers, SweepCalls> = {
  async createSweep({ body, from, commit }, parts) {
    const { db } = parts.ledger;
    const firsts = await lookUpModels(body, parts);
    const opened = await openWorkspaces(body, parts);
    const apart = await checkAllTogether(body, opened); // the last that takes time: what follows sees one state of the store
    const workspace = mustOpen(opened, body.workspace, parts);
    const earlier = earlierSweep(db, body, workspace);
    if (earlier) return { sweep: earlier, tasks: tasksOfSweep(db, earlier.id), notices: [], existing: true };
    const config = parts.config.read();
    const asker = askerOf(db, body.fromSession);
    const fromSession = body.fromSession ?? handedOverFrom(db, { listener: body.tasks[0]!.listener });
    const made = newSweep(
      { ...body, ...(fromSession && { fromSession }) },
      {
        asker,
        ...parts.knownAgents.sources(config, body.environment ?? parts.environment),
        workspace,
        workspacesOf: (task) => apart.get(task) ?? settledAll(refsOf(task, body), { opened, parts }),
        taken: ({ id }, slug) => nameTaken(db, id, slug),
        tenants: parts.tenancy.read(),
        withAncestors: (ids) => withAncestors(db, ids),
        findTask: (ref) => mustFindTask(db, ref, from),
      },
    );
    for (const { task } of made.tasks) refuseWider(asker, task);
    const notices = [
      ...firsts,
      ...learnAll(made.tasks, parts),
      ...made.notices,
      ...unwatchedMoney(
        made.tasks.map(({ task }) => task),
        config,
        made.sweep.budget,
      ),
    ];
    const answer = commit((tx) => {
      for (const each of opened.values()) {
        const one = settled(each, parts);
        if (!(one instanceof DispatchError)) useWorkspace(tx, one);
      }
      saveSweep(tx.db, made.sweep);
      for (const task of made.tasks) writeNewTask(tx, task);
      rememberSweep(tx.db, body, made.sweep);
      return { sweep: made.sweep, tasks: made.tasks.map(({ task }) => task), notices, existing: false };
    });
    for (const { id } of answer.tasks) keepEnvironment(parts, id, body.environment);
    parts.sweepTimers.arm(made.sweep);
    parts.scheduler.consider();
    return answer;
  },

  listSweeps({ query }, { ledger: { db } }) {
    const { sweeps, next } = listSweeps(db, query);
    return { sweeps: sweeps.map((sweep) => ({ sweep, states: countStates(db, sweep.id) })), next };
  },

  async getSweep({ params, from, query }, { ledger: { db }, config }) {
    const sweep = mustFindSweep(db, params.sweep, from);
    const report = await reportOf(db, tasksOfSweep(db, sweep.id), { ...query, config: config.last() });
    return { sweep, workspace: workspaceOf(db, sweep), ...report };
  },

  setSweepBudget({ params, from, body, commit }, parts) {
    const sweep = mustFindSweep(parts.ledger.db, params.sweep, from);
    const answered = commit((tx) => answerSweep(tx, sweep, body.more));
    tellHosts(answered.tasks, parts);
    return answered;
  },

  cancelSweep({ params, from, body, commit }, parts) {
    const { db } = parts.ledger;
    const sweep = mustFindSweep(db, params.sweep, from);
    const open = tasksOfSweep(db, sweep.id).filter((task) => !isEnded(task));
    if (open.length === 0)
      throw new DispatchError("conflict", `all tasks of ${sweep.slug} have ended`, {
        hint: `dispatch status ${sweep.slug}`,
      });
    if (body.dryRun) return { sweep, tasks: open };
    const answered = commit((tx) => ({ sweep, tasks: cancelTasks(tx, open) }));
    tellHosts(answered.tasks, parts);
    return answered;
  },

  getReport({ query }, { ledger: { db }, config }) {
    const tasks = tasksSince(db, query.since, MAX_REPORTED);
    return reportOf(db, tasks, { changes: false, config: config.last() });
  },
};

/** Has every model that a request names looked up where nobody knows it. @returns what a person is told */
async function lookUpModels({ tasks, environment }: SweepRequest, parts: Parts): Promise<string[]> {
  const notices: string[] = [];
  for (const model of new Set(tasks.map((task) => task.model)))
    notices.push(...(await sourcesFor(parts, { model, environment })).notices);
  return notices;
}

/** Every workspace that a request names, or why it cannot be used. */
async function openWorkspaces(
  request: SweepRequest,
  { ledger }: Parts,
): Promise<Map<string, Workspace | DispatchError>> {
  const refs = new Set([request.workspace, ...request.tasks.flatMap((task) => refsOf(task, request))]);
  const opened = new Map<string, Workspace | DispatchError>();
  const byPath = new Map<string, Workspace>(); // one new folder may have two names
  for (const ref of refs) {
    try {
      const workspace = await openPlace(ledger.db, ref);
      byPath.set(workspace.path, byPath.get(workspace.path) ?? workspace);
      opened.set(ref, byPath.get(workspace.path)!);
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      opened.set(ref, error);
    }
  }
  return opened;
}

/** What a task calls its workspaces, its own first. */
function refsOf({ workspace, also = [] }: SweepTaskRequest, request: SweepRequest): string[] {
  return [workspace ?? request.workspace, ...also];
}

/** The tasks whose workspaces one task cannot have together, and why. */
async function checkAllTogether(
  request: SweepRequest,
  opened: Map<string, Workspace | DispatchError>,
): Promise<Map<SweepTaskRequest, DispatchError>> {
  const faults = new Map<SweepTaskRequest, DispatchError>();
  for (const task of request.tasks) {
    const all = refsOf(task, request).map((ref) => opened.get(ref)!);
    try {
      await checkTogether(all.flatMap((each) => (each instanceof DispatchError ? [] : each)));
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      faults.set(task, error);
    }
  }
  return faults;
}

function settledAll(
  refs: readonly string[],
  { opened, parts }: { opened: Map<string, Workspace | DispatchError>; parts: Parts },
): [Workspace, ...Workspace[]] | DispatchError {
  const all: Workspace[] = [];
  for (const ref of refs) {
    const workspace = settled(opened.get(ref)!, parts);
    if (workspace instanceof DispatchError) return workspace;
    all.push(workspace);
  }
  return all as [Workspace, ...Workspace[]];
}

function settled(opened: Workspace | DispatchError, { ledger }: Parts): Workspace | DispatchError {
  return opened instanceof DispatchError ? opened : settleWorkspace(ledger.db, opened);
}

function mustOpen(opened: Map<string, Workspace | DispatchError>, ref: string, parts: Parts): Workspace {
  const workspace = settled(opened.get(ref)!, parts);
  if (workspace instanceof DispatchError) throw workspace;
  return workspace;
}
