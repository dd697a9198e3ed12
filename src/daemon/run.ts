import { DispatchError } from "../base/error.ts";
import { type Advance, type Facts, hasAgent, isEnded, type Run, type Talk } from "../core/run.ts";
import { rewaited } from "../core/waits.ts";
import { withWait, workedMs } from "../core/worked.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Attempt, Task } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { getAttempt, listAttempts, saveAttempt } from "../store/attempt.ts";
import { dropPending } from "../store/command.ts";
import { listFlags, saveFlag } from "../store/flag.ts";
import { listQuestions, saveQuestion } from "../store/question.ts";
import { getSession } from "../store/session.ts";
import { dependentsOf } from "../store/sweep.ts";
import { getTask, saveTask } from "../store/task.ts";
import type { Tx } from "./commit.ts";
import { advanceTalk, changed, facts, readTalk, saveTalk } from "./talk.ts";

/** The current attempt of a task. @throws DispatchError `conflict` while it has no session yet */
export function loadRun(db: Db, id: TaskId): Run {
  const task = mustFind(getTask(db, id));
  if (task.session === null) throw notStarted(task);
  return readRun(db, task, mustFind(getSession(db, task.session)));
}

/** Why nothing is found that a task has from its start on. */
export function notStarted(task: Task): DispatchError {
  const why = isEnded(task) ? "ended before it could start" : "has not started yet";
  return new DispatchError("conflict", `${task.slug} ${why}`, { hint: `dispatch status ${task.slug}` });
}

/** The run that a session's log belongs to; null when the task has moved on to another session. */
export function runOfSession(db: Db, id: SessionId): Run | null {
  const session = getSession(db, id);
  const task = session?.task ? getTask(db, session.task) : null;
  return session && task?.session === id ? readRun(db, task, session) : null;
}

/** True when nobody goes on in a session, unless its task is resumed. */
export function isOver(db: Db, session: Session): boolean {
  const task = session.task && getTask(db, session.task);
  return !hasAgent(session) && (!task || task.session !== session.id || isEnded(task));
}

/** Writes what a rule changed, announces it, and puts the orders in the session's outbox. */
export function saveRun(tx: Tx, before: Run | null, advance: Advance): Run {
  const run = withWait(advance.run, Date.now());
  const task = run.task === before?.task ? run.task : { ...run.task, updatedAt: Date.now() };
  if (task !== before?.task) writeTask(tx, task);
  if (run.attempt !== before?.attempt) saveAttempt(tx.db, task.id, run.attempt);
  const after = saveTalk(tx, before, { ...advance, run });
  for (const question of changed(before?.questions, run.questions)) {
    saveQuestion(tx.db, question);
    tx.announce({ type: "question", question });
  }
  for (const flag of changed(before?.flags, run.flags)) {
    saveFlag(tx.db, flag);
    tx.announce({ type: "flag", flag });
  }
  return { ...after, task };
}

/**
 * Applies a rule to a session: to the attempt that runs in it, or to the session alone where it has no task.
 * @throws DispatchError `conflict` where its task has moved on to another session
 */
export function advanceEither(
  tx: Tx,
  { id, task }: Session,
  rules: { task: (run: Run, facts: Facts) => Advance; alone: (talk: Talk, facts: Facts) => Advance<Talk> },
): Talk {
  if (task === null) return advanceTalk(tx, id, rules.alone);
  const run = runOfSession(tx.db, id);
  if (!run)
    throw new DispatchError("conflict", `the task of ${id} goes on in another session`, {
      hint: `dispatch status ${task}`,
    });
  return saveRun(tx, run, rules.task(run, facts()));
}

/** Applies a rule to the current attempt of a task, in the caller's transaction. */
export function advance(tx: Tx, id: TaskId, rule: (run: Run, facts: Facts) => Advance): Run {
  const before = loadRun(tx.db, id);
  return saveRun(tx, before, rule(before, facts()));
}

/** Writes a task, and what that changes for those that come after it and have not started. */
export function writeTask(tx: Tx, task: Task): void {
  saveTask(tx.db, task);
  tx.announce({ type: "task", task });
  for (const dependent of dependentsOf(tx.db, task.id)) {
    const after = rewaited(dependent, dependenciesOf(tx.db, dependent), Date.now());
    if (after !== dependent) writeTask(tx, after);
  }
}

/** The tasks that one comes right after. */
export function dependenciesOf(db: Db, { after }: Pick<Task, "after">): Task[] {
  return after.map((id) => mustFind(getTask(db, id)));
}

/** Writes the end of an attempt: what its host was still to do is taken back. */
export function writeEnd(tx: Tx, { task, attempt }: { task: Task; attempt: Attempt }): Task {
  const ended = { ...task, updatedAt: Date.now() };
  writeTask(tx, ended);
  saveAttempt(tx.db, task.id, attempt);
  if (task.session) dropPending(tx.db, task.session);
  return ended;
}

function readRun(db: Db, task: Task, session: Session): Run {
  return {
    ...readTalk(db, session),
    task,
    attempt: mustFind(getAttempt(db, task.id, task.attempt)),
    earlierMs: earlierMs(db, task),
    questions: listQuestions(db, task.id),
    flags: listFlags(db, task.id),
  };
}

/** How long the attempts of a task before its current one worked, in milliseconds. */
export function earlierMs(db: Db, { id, attempt }: Task): number {
  if (attempt === 1) return 0;
  return workedMs(
    listAttempts(db, id).filter(({ number }) => number < attempt),
    Date.now(),
  );
}

function mustFind<T>(value: T | null): T {
  if (value === null) throw new Error("the store lacks a row that another one names");
  return value;
}
