import { DispatchError } from "../../base/error.ts";
import { parseBudget } from "../../core/budget.ts";
import { retryPlan } from "../../core/plan.ts";
import { answer } from "../../core/question.ts";
import { type Advance, type Facts, isEnded, type Run } from "../../core/run.ts";
import { note } from "../../core/task.ts";
import type { Question } from "../../protocol/question.ts";
import type { Budget, ModelChoice, Task } from "../../protocol/task.ts";
import { listApprovals } from "../../store/approval.ts";
import { listQuestions } from "../../store/question.ts";
import { getSweep, tasksOfSweep } from "../../store/sweep.ts";
import { getSession } from "../../store/session.ts";
import { allDependentsOf } from "../../store/sweep.ts";
import { getTask } from "../../store/task.ts";
import { decideCall } from "../approval.ts";
import { cancelTasks, tellHosts } from "../cancel.ts";
import type { Tx } from "../commit.ts";
import { answerSweep } from "../sweep-budget.ts";
import { lookUp } from "../discover.ts";
import type { Environment } from "../environment.ts";
import { learnModel } from "../learn-model.ts";
import { modelOf } from "../new-task.ts";
import type { Parts } from "../parts.ts";
import { askerOf, checkPermissions, refuseWider } from "../preset.ts";
import { hurry, resumeTask, restart } from "../restart.ts";
import { advance } from "../run.ts";
import { keepEnvironment } from "../session-environment.ts";
import { checkThinking } from "../thinking.ts";
import { workedBy } from "../tree.ts";
import { unwatchedMoney } from "../unwatched.ts";
import { entryOf, sectionOf } from "../workspace-settings.ts";
import { mustFindTask, pick, workspaceOf } from "./find.ts";
import type { Handlers } from "./handler.ts";

type AttemptCalls = "answerTask" | "noteTask" | "cancelTask" | "retryTask" | "resumeTask" | "decideApproval";

export const attemptHandlers: Pick<Handlers, AttemptCalls> = {
  answerTask({ params, from, body, commit }, parts) {
    const task = mustFindTask(parts.ledger.db, params.task, from);
    const { id } = task;
    refuseWider(askerOf(parts.ledger.db, body.fromSession), task);
    const isOpen = { noun: "question", open: isWaiting };
    const questions = listQuestions(parts.ledger.db, id);
    const question = pick(questions, body.question ?? lastSettled(questions)?.id, isOpen);
    if (question.via === "sweep-budget" && isWaiting(question)) {
      const answered = commit((tx) => answeredForSweep(tx, question, body.text));
      tellHosts(tasksOfSweep(parts.ledger.db, answered.task.sweep!), parts);
      return answered;
    }
    return changing(
      parts,
      commit,
      id,
      (run, facts) => answer(run, question.id, body.text, facts),
      (run) => ({
        task: run.task,
        question: run.questions.find((each) => each.id === question.id)!,
      }),
    );
  },

  noteTask({ params, from, body, commit }, parts) {
    const task = mustFindTask(parts.ledger.db, params.task, from);
    refuseWider(askerOf(parts.ledger.db, body.fromSession), task);
    return changing(
      parts,
      commit,
      task.id,
      (run) => note(run, body.text),
      ({ task }) => ({ task }),
    );
  },

  cancelTask({ params, from, body, commit }, parts) {
    const task = mustFindTask(parts.ledger.db, params.task, from);
    const all = [task, ...(body.withDependents ? allDependentsOf(parts.ledger.db, task.id) : [])];
    const open = all.filter((each) => !isEnded(each));
    if (open.length === 0)
      throw new DispatchError("conflict", `${task.slug} has ended: ${task.status.state}`, {
        hint: `dispatch status ${task.slug}`,
      });
    if (body.dryRun) return { task, tasks: open };
    const asker = askerOf(parts.ledger.db, body.fromSession);
    for (const each of open) refuseWider(asker, each);
    const answered = commit((tx) => {
      const tasks = cancelTasks(tx, open);
      return { task: getTask(tx.db, task.id)!, tasks };
    });
    tellHosts(answered.tasks, parts);
    return answered;
  },

  async retryTask({ params, from, body, commit }, parts) {
    const { db } = parts.ledger;
    const before = mustFindTask(db, params.task, from);
    refuseWider(askerOf(db, body.fromSession), before);
    const { model, isNew } =
      body.model === undefined
        ? { model: before.model, isNew: false }
        : await modelFor(before, body.model, body.environment ?? parts.environment, parts);
    const config = parts.config.read();
    const task = getTask(db, before.id)!; // as it is now, after the look-up
    const thinking = checkThinking(
      body.thinking === undefined ? task.thinking : body.thinking,
      model,
      config,
    );
    checkPermissions(task.permissions, model, config);
    const plan = retryPlan(task.plan, { skip: body.skip, fresh: body.fresh });
    const budget = more(task, workedBy(db, task), body.budget);
    const next = { resume: false, model, thinking, plan, budget };
    const answered = commit((tx) => ({
      task: restart(tx, task, next),
      notices: [
        ...(isNew ? learnModel(model, parts.config) : []),
        ...(body.save ? saveChoice(task, model, parts) : []),
        ...unwatchedMoney([{ budget, model }], config),
      ],
    }));
    goOn(task.id, body.environment, parts);
    return answered;
  },

  resumeTask({ params, from, body, commit }, parts) {
    const task = mustFindTask(parts.ledger.db, params.task, from);
    if (!task.parked) checkResumable(task, parts);
    const answered = commit((tx) => ({ task: task.parked ? hurry(tx, task) : resumeTask(tx, task) }));
    goOn(task.id, body.environment, parts);
    return answered;
  },

  decideApproval({ params, from, body, commit }, parts) {
    const { id } = mustFindTask(parts.ledger.db, params.task, from);
    const isOpen = { noun: "approval", open: isWaiting };
    const approval = pick(listApprovals(parts.ledger.db, id), body.approval, isOpen);
    const answered = commit((tx) => decideCall(tx, approval.id, body));
    parts.supervisor.attend(approval.session);
    return answered;
  },
};

function isWaiting({ status }: { status: { state: string } }): boolean {
  return status.state === "open";
}

/** Where none is open, the question that somebody else was quicker with: who answers it is told the first answer. */
function lastSettled(questions: readonly Question[]): Question | undefined {
  return questions.some(isWaiting) ? undefined : questions.at(-1);
}

/** One answer for all tasks of the sweep. */
function answeredForSweep(tx: Tx, { id, task }: Question, text: string): { task: Task; question: Question } {
  answerSweep(tx, getSweep(tx.db, getTask(tx.db, task)!.sweep!)!, text);
  return {
    task: getTask(tx.db, task)!,
    question: listQuestions(tx.db, task).find((each) => each.id === id)!,
  };
}

/** Applies a rule to the current attempt, answers, and has the host told. */
function changing<Answer>(
  parts: Parts,
  commit: (write: (tx: Tx) => Answer) => Answer,
  id: Task["id"],
  rule: (run: Run, facts: Facts) => Advance,
  answerOf: (run: Run) => Answer,
): Answer {
  const result = commit((tx) => answerOf(advance(tx, id, rule)));
  const { session } = getTask(parts.ledger.db, id)!;
  if (session) parts.supervisor.attend(session);
  return result;
}

/** One whose agent was lost may go on without its conversation: nobody meant it to end. */
function checkResumable(task: Task, { ledger }: Parts): void {
  const session = task.session && getSession(ledger.db, task.session);
  const isLost = task.status.state === "failed" && task.status.reason === "lost";
  if ((session && session.conversation) || isLost) return;
  throw new DispatchError("conflict", `${task.slug} has no conversation to go on with`, {
    hint: `dispatch retry ${task.slug}`,
  });
}

/** Has the next attempt begin, with the environment of whoever asked for it. */
function goOn(id: Task["id"], environment: Environment | undefined, parts: Parts): void {
  keepEnvironment(parts, id, environment);
  parts.scheduler.consider();
}

/** A new budget counts from what is used by now. */
function more({ budget, spent }: Task, worked: number, wanted: Budget | string | undefined): Budget | null {
  if (wanted === undefined) return budget;
  const { dollars, tokens, timeMs } = typeof wanted === "string" ? parseBudget(wanted) : wanted;
  return {
    ...(dollars === undefined ? {} : { dollars: spent.dollars + dollars }),
    ...(tokens === undefined ? {} : { tokens: spent.tokens + tokens }),
    ...(timeMs === undefined ? {} : { timeMs: worked + timeMs }),
  };
}

async function modelFor(
  task: Task,
  model: string,
  environment: Environment,
  parts: Parts,
): Promise<{ model: ModelChoice; isNew: boolean }> {
  const sources = await lookUp(model, environment, parts);
  const entry = entryOf(sources.config, workspaceOf(parts.ledger.db, task));
  return modelOf({ ...sources, request: { prompt: null, model }, entry });
}

/** Writes a model into the config where the one before came from: the workspace's, else the default. */
function saveChoice(task: Task, model: ModelChoice, { config, ledger }: Parts): string[] {
  const workspace = workspaceOf(ledger.db, task);
  const name = task.model.because === "workspace" ? sectionOf(config.read(), workspace) : null;
  config.edit([{ key: name === null ? ["default"] : ["workspaces", name, "model"], value: model.name }]);
  const where = name === null ? "" : ` in ${name}`;
  return [`${model.name} is the default${where} from now on, in ${config.path}`];
}
