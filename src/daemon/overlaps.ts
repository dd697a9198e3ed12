import { newId } from "../base/id.ts";
import { isApart, overlapFlag } from "../core/overlap.ts";
import { placesOf } from "../core/place.ts";
import { isEnded } from "../core/run.ts";
import type { Event } from "../protocol/event.ts";
import type { TaskId } from "../protocol/id.ts";
import type { Task, TaskWorktree } from "../protocol/task.ts";
import type { Db } from "../sqlite/database.ts";
import { isFlaggedWith, saveFlag } from "../store/flag.ts";
import { getSweep } from "../store/sweep.ts";
import { getTask, liveTasks } from "../store/task.ts";
import { getWorkspace } from "../store/workspace.ts";
import { changes } from "../workspaces/diff.ts";
import type { Ledger, Tx } from "./commit.ts";
import type { Log } from "./log.ts";
import { roomsOf } from "./rooms.ts";

/** Paths by the folder of their repository. */
type Paths = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Raises one flag for two running tasks whose worktrees change the same file, while there is time to tell them. It
 * looks when a worker marks its plan or ends a turn, and only where a repository has two such tasks.
 */
export class Overlaps {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #changed = new Map<TaskId, Paths>();
  readonly #looking = new Map<TaskId, { again: boolean; done: Promise<void> }>();
  #unsubscribe: (() => void) | null = null;

  constructor({ ledger, log }: { ledger: Ledger; log: Log }) {
    this.#ledger = ledger;
    this.#log = log;
  }

  start(): void {
    this.#unsubscribe = this.#ledger.subscribe((events) => {
      for (const { event } of events) {
        if (event.type === "task" && isEnded(event.task)) this.#changed.delete(event.task.id);
        const moved = movedTask(event);
        if (moved) this.#look(moved);
      }
    });
  }

  /** Resolves when nothing is looked at any more. Idempotent. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    await Promise.all([...this.#looking.values()].map(({ done }) => done));
  }

  /** One look at a time for each task: what comes meanwhile is one more. */
  #look(id: TaskId): void {
    const running = this.#looking.get(id);
    if (running) {
      running.again = true;
      return;
    }
    const done = this.#compare(id)
      .catch((error: unknown) => this.#log.warn("changes-unreadable", { task: id, error }))
      .finally(() => {
        const { again } = this.#looking.get(id)!;
        this.#looking.delete(id);
        if (again) this.#look(id);
      });
    this.#looking.set(id, { again: false, done });
  }

  async #compare(id: TaskId): Promise<void> {
    const { db } = this.#ledger;
    const task = getTask(db, id);
    if (!task || !isApart(task)) return;
    const others = this.#beside(task);
    if (others.length === 0) return;
    const paths = await this.#read(task);
    for (const other of others) {
      const theirs = this.#changed.get(other.id) ?? (await this.#read(other));
      this.#ledger.commit((tx) => this.#flag(tx, { task, paths }, { task: other, paths: theirs }));
    }
  }

  async #read(task: Task): Promise<Paths> {
    const rooms = roomsOf(this.#ledger.db, task);
    const paths = new Map<string, ReadonlySet<string>>();
    for (const { workspace, worktree } of rooms)
      paths.set(workspace.repository!, await changedPaths(task, worktree!));
    this.#changed.set(task.id, paths);
    return paths;
  }

  #beside(task: Task): Task[] {
    const { db } = this.#ledger;
    const repositoriesOf = (each: Task) =>
      placesOf(each).map(({ workspace }) => getWorkspace(db, workspace)!.repository);
    const repositories = repositoriesOf(task);
    return liveTasks(db).filter(
      (other) =>
        other.id !== task.id &&
        isApart(other) &&
        repositoriesOf(other).some((each) => repositories.includes(each)) &&
        !areRivals(db, task, other),
    );
  }

  #flag(tx: Tx, one: { task: Task; paths: Paths }, other: { task: Task; paths: Paths }): void {
    if (isFlaggedWith(tx.db, one.task.id, other.task.id)) return;
    const flag = overlapFlag(one, other, { id: newId("flg"), now: Date.now() });
    if (!flag) return;
    saveFlag(tx.db, flag);
    tx.announce({ type: "flag", flag });
  }
}

async function changedPaths(
  { after }: Task,
  { path: folder, target, base }: TaskWorktree,
): Promise<Set<string>> {
  const since = after.length > 0 ? base : (target ?? base); // neither what came before nor from the target
  const files = await changes(folder, since);
  return new Set(files.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from])));
}

/** Whether two tasks are the same prompt for two models: only one of them is to be merged. */
function areRivals(db: Db, one: Task, other: Task): boolean {
  return one.sweep !== null && one.sweep === other.sweep && getSweep(db, one.sweep)?.of === "models";
}

/** The task whose worker has come to the end of something; null for every other event. */
function movedTask(event: Event): TaskId | null {
  if (event.type !== "transcript") return null;
  const { type } = event.record.event;
  return type === "plan" || type === "turn_ended" ? event.task : null;
}
