import { addSpent, NOTHING_SPENT } from "../core/budget.ts";
import { isOutside } from "../core/outside.ts";
import { workedMs } from "../core/worked.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { Task, TaskRequest, Tree } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { listAttempts } from "../store/attempt.ts";
import { sessionsOfProcess } from "../store/session.ts";
import { tasksBelowSession, tasksBelowTask } from "../store/tree.ts";

/** The session that a request comes from: the one that it names, or the only one outside of the process that listens. */
export function handedOverFrom(
  db: Db,
  { fromSession, listener }: Pick<TaskRequest, "fromSession" | "listener">,
): SessionId | null {
  if (fromSession !== undefined) return fromSession;
  const outside = listener === undefined ? [] : sessionsOfProcess(db, listener).filter(isOutside);
  const [only, ...others] = outside;
  return only && others.length === 0 ? only.id : null;
}

/** How long the attempts of a task worked by now, in milliseconds. */
export function workedBy(db: Db, { id }: Task): number {
  return workedMs(listAttempts(db, id), Date.now());
}

/** @param worked see `workedBy` */
export function treeOfTask(db: Db, { id, spent }: Task, worked: number): Tree {
  return sumOf(db, { spent, workedMs: worked }, tasksBelowTask(db, id));
}

export function treeOfSession(db: Db, { id, usage }: Session): Tree {
  const { cost = 0, currency = "USD", inputTokens = 0, outputTokens = 0 } = usage;
  const spent = { dollars: currency === "USD" ? cost : 0, tokens: inputTokens + outputTokens };
  return sumOf(db, { spent, workedMs: 0 }, tasksBelowSession(db, id));
}

function sumOf(db: Db, own: Pick<Tree, "spent" | "workedMs">, below: readonly Task[]): Tree {
  return {
    tasks: below.length,
    spent: addSpent(own.spent, below.map(({ spent }) => spent).reduce(addSpent, NOTHING_SPENT)),
    workedMs: below.reduce((sum, task) => sum + workedBy(db, task), own.workedMs),
  };
}
