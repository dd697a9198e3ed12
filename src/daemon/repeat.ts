import { placesOf } from "../core/place.ts";
import type { SweepId, TaskId } from "../protocol/id.ts";
import type { Sweep, SweepRequest } from "../protocol/sweep.ts";
import { REPEAT_MS, type Task, type TaskRequest } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { forgetAnswer, recallAnswer, rememberAnswer } from "../store/idempotency.ts";
import { getSweep } from "../store/sweep.ts";
import { getTask } from "../store/task.ts";

/**
 * The task that this caller got for the same not longer than REPEAT_MS ago. A model repeats a call that took too long,
 * often with a plan or a name in other words, so these do not count.
 */
export function earlierTask(
  db: Db,
  request: TaskRequest,
  workspace: Workspace,
  also: readonly Workspace[] = [],
): Task | null {
  const key = keyOf(
    request,
    [workspace, ...also].map(({ id }) => id),
  );
  const earlier = key && recallAnswer(db, key, Date.now());
  const task = earlier && getTask(db, earlier.answer as TaskId);
  return task && task.createdAt > Date.now() - REPEAT_MS ? task : null;
}

/** Keeps what a caller got last, in the transaction that makes the task. */
export function rememberTask(db: Db, request: TaskRequest, task: Task): void {
  const key = keyOf(
    request,
    placesOf(task).map(({ workspace }) => workspace),
  );
  if (!key) return;
  remember(db, key, task.id);
}

/** The sweep that this caller got for the very same not longer than REPEAT_MS ago. */
export function earlierSweep(db: Db, request: SweepRequest, workspace: Workspace): Sweep | null {
  const key = sweepKey(request, workspace.id);
  const earlier = key && recallAnswer(db, key, Date.now());
  const sweep = earlier && getSweep(db, earlier.answer as SweepId);
  return sweep && sweep.createdAt > Date.now() - REPEAT_MS ? sweep : null;
}

/** Keeps what a caller got last, in the transaction that makes the sweep. */
export function rememberSweep(db: Db, request: SweepRequest, sweep: Sweep): void {
  const key = sweepKey(request, sweep.workspace);
  if (key) remember(db, key, sweep.id);
}

function remember(db: Db, key: string, id: string): void {
  forgetAnswer(db, key);
  rememberAnswer(db, key, { request: key, answer: id }, Date.now());
}

/** Longer than any key that a caller may send with a call (`http/once.ts`), so that the two never meet. */
const PREFIX = "task".padEnd(200, "-");

function keyOf(
  { caller, prompt, model, agent }: TaskRequest,
  [workspace, ...also]: readonly Workspace["id"][],
): string | null {
  if (caller === undefined) return null;
  return hashed([caller, workspace, model, agent, prompt, ...also]);
}

/** The environment is no part of what is asked: two terminals differ in it. */
function sweepKey(request: SweepRequest, workspace: Workspace["id"]): string | null {
  return request.caller === undefined
    ? null
    : hashed(["sweep", workspace, { ...request, environment: null }]);
}

function hashed(asked: unknown[]): string {
  return PREFIX + new Bun.CryptoHasher("sha256").update(JSON.stringify(asked)).digest("hex");
}
