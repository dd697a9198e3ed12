import { DispatchError } from "../base/error.ts";
import { type Unusable, unusableBy, withAlternatives } from "../core/alternatives.ts";
import { fail } from "../core/end.ts";
import type { Failed } from "../core/failover.ts";
import { unpark } from "../core/limit.ts";
import { admitted, type Claim, groupOf, type Limits, queueOrder } from "../core/queue.ts";
import { withPlaces } from "../core/place.ts";
import { hasAgent } from "../core/run.ts";
import { begin, neverStarted } from "../core/task.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { ModelChoice, Parked, Task, TaskWorktree } from "../protocol/task.ts";
import { getAttempt } from "../store/attempt.ts";
import { getSession, saveSession } from "../store/session.ts";
import { sweepRooms } from "../store/sweep.ts";
import { busyWorkers, countQueued, getTask, type WaitingRow, waitingTasks } from "../store/task.ts";
import type { Repository } from "../workspaces/repository.ts";
import type { AgentLimits } from "./agent-limits.ts";
import type { Ledger, Tx } from "./commit.ts";
import type { Log } from "./log.ts";
import { exhaustedSweeps } from "./sweep-budget.ts";
import { type Place, preparePlace } from "./place.ts";
import { type Room, roomsOf } from "./rooms.ts";
import { endOrGoOn } from "./restart.ts";
import { advance, earlierMs, saveRun, writeTask } from "./run.ts";
import { newSession } from "./new-session.ts";
import { facts } from "./talk.ts";
import type { Turns } from "./turns.ts";

/** What a scheduler needs of the daemon. */
export interface SchedulerPorts {
  readonly home: string;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly turns: Turns;
  readonly agentLimits: AgentLimits;
  /** How many agents may run at once, in all and of one product. */
  limits(): Omit<Limits, "sweeps">;
  /** Makes the product of a task ready to be started. @throws DispatchError what it lacks */
  prepareAgent(task: Task): Promise<void>;
  /** Models that can start here where one cannot. */
  alternatives(model: ModelChoice, unusable: Unusable): Promise<string[]>;
  /** Fills fresh worktrees of a task and runs the setup of each. @throws DispatchError what they lack */
  setUp(task: Task, rooms: readonly Room[], taskFolder: string): Promise<void>;
  /** The model that a task goes on with after this failure; null: it has failed. */
  goesOnWith(task: Task, failure: Failed["failure"]): ModelChoice | null;
  /** The commit that a task's worktree starts from; null: what is checked out. @throws DispatchError `conflict` */
  base(task: Task, repository: Repository): Promise<string | null>;
  /** How the agent of a task is driven. */
  sessionKind(task: Task): Session["kind"];
  /** The first turn of an attempt. */
  firstPrompt(task: Task, place: Place): string;
  /** The first turn of an attempt that goes on in the agent's own conversation. */
  nextPrompt(task: Task): string;
  /** A session has work for a host. */
  attend(session: SessionId): void;
}

/** Gives waiting tasks a worker, in the order of `core/queue.ts`, as many at once as the limits allow. */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #preparing = new Map<TaskId, Claim & { queued: boolean; done: Promise<void> }>();
  /** When a group last had its turn, counted in starts. Forgotten with the daemon: at most a turn is lost by it. */
  readonly #served = new Map<string, number>();
  #starts = 0;
  #closed = false;

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
  }

  /** How many workers run, wait, and may run. */
  load(): { running: number; queued: number; limit: number } {
    const { db } = this.#ports.ledger;
    return {
      running: busyWorkers(db).length + this.#preparing.size,
      queued: countQueued(db) - [...this.#preparing.values()].filter((each) => each.queued).length,
      limit: this.#ports.limits().total,
    };
  }

  /** The place of a task in the queue, from 1; null where it waits for no worker. */
  placeOf(id: TaskId): number | null {
    const at = this.#queue().findIndex((task) => task.id === id);
    return at < 0 ? null : at + 1;
  }

  /** The wait for the limit of a task's agent that keeps it from starting, if there is one. */
  limitOf(task: Task): Parked | null {
    return this.#ports.agentLimits.holding(task.model.agent);
  }

  /** Starts what can be started now. To be called when a task came, or a worker's place became free. */
  consider(): void {
    if (this.#closed) return;
    const { db } = this.#ports.ledger;
    const running = [...busyWorkers(db), ...this.#preparing.values()];
    const limits = this.#ports.limits();
    if (running.length >= limits.total) return;
    const starting = admitted(this.#waiting(), running, { ...limits, sweeps: sweepRooms(db) });
    for (const waiting of starting) this.#start(waiting);
  }

  /** Who gets a free worker: first those whose agent's limit may be over, once nothing of that agent's life is left. */
  #waiting(): WaitingRow[] {
    const { db } = this.#ports.ledger;
    const { due, held } = this.#ports.agentLimits.now();
    const back = due
      .filter(({ id }) => !this.#preparing.has(id))
      .map(({ id }) => getTask(db, id)!)
      .filter(({ session }) => session === null || !hasAgent(getSession(db, session)!));
    return [...back.map(rowOf), ...this.#queue().filter(({ agent }) => !held.has(agent))];
  }

  #queue(): WaitingRow[] {
    const { db } = this.#ports.ledger;
    const exhausted = exhaustedSweeps(db);
    const waiting = waitingTasks(db).filter(
      ({ id, sweep }) => !this.#preparing.has(id) && !(sweep && exhausted.has(sweep)),
    );
    return queueOrder(waiting, { now: Date.now(), served: this.#served });
  }

  #start(waiting: WaitingRow): void {
    const { id, agent, sweep } = waiting;
    const task = getTask(this.#ports.ledger.db, id)!;
    if (task.parked) this.#ports.agentLimits.tries(task);
    else this.#served.set(groupOf(waiting), this.#starts++);
    const done = this.#begin(task).finally(() => {
      this.#preparing.delete(id);
      this.consider();
    });
    this.#preparing.set(id, { agent, sweep, queued: !task.parked, done });
  }

  /** Starts nothing more. Resolves when what was being prepared is; the rest begins again with the next daemon. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#preparing.values()].map(({ done }) => done));
  }

  async #begin(task: Task): Promise<void> {
    let unready: unknown;
    try {
      const rooms = roomsOf(this.#ports.ledger.db, task);
      const agent = this.#ports.prepareAgent(task).catch((error: unknown) => {
        unready = error;
        throw error;
      });
      const [place] = await Promise.all([
        preparePlace(
          this.#ports.home,
          { task, rooms },
          {
            turns: this.#ports.turns,
            reserve: (worktrees) => this.#reserve(task.id, worktrees),
            setUp: (fresh, taskFolder) => this.#ports.setUp(task, fresh, taskFolder),
            base: (repository) => this.#ports.base(task, repository),
          },
        ),
        agent,
      ]);
      const session = this.#ports.ledger.commit((tx) => this.#write(tx, task.id, place));
      if (session) this.#ports.attend(session);
    } catch (error) {
      await this.#refuse(task, error, error === unready ? unusableBy(error) : undefined);
    }
  }

  #reserve(id: TaskId, worktrees: readonly TaskWorktree[]): void {
    const places = worktrees.map((worktree) => ({ worktree, snapshot: null }));
    this.#ports.ledger.commit((tx) => {
      const task = getTask(tx.db, id)!;
      writeTask(tx, { ...task, ...withPlaces(task, places) });
    });
  }

  /** Null when the task was cancelled while its place was made. */
  #write(tx: Tx, id: TaskId, place: Place): SessionId | null {
    const { runFolder, rooms } = place;
    const task = getTask(tx.db, id)!;
    if (task.parked) return this.#goOn(tx, id, place);
    if (task.status.state !== "submitted" || task.waitsFor.length > 0) return null;
    const attempt = getAttempt(tx.db, id, task.attempt)!;
    const earlier = task.session && getSession(tx.db, task.session);
    const session = earlier || sessionFor(task, { folder: runFolder, kind: this.#ports.sessionKind(task) });
    saveSession(tx.db, session);
    const placed: Task = { ...task, runFolder, ...withPlaces(task, rooms), session: session.id };
    const prompt = earlier ? this.#ports.nextPrompt(placed) : this.#ports.firstPrompt(placed, place);
    const run = {
      task: placed,
      attempt,
      earlierMs: earlierMs(tx.db, task),
      session,
      questions: [],
      flags: [],
    };
    const open = { approvals: [], messages: [], wasTold: true, orders: [] };
    saveRun(tx, null, begin({ ...run, ...open }, prompt, facts()));
    return session.id;
  }

  /** Its attempt has begun long since, and waited. */
  #goOn(tx: Tx, id: TaskId, place: Place): SessionId {
    const ports = this.#ports;
    const { session } = advance(tx, id, (run, at) => {
      const isNew = run.session.conversation === null;
      return unpark(run, isNew ? ports.firstPrompt(run.task, place) : ports.nextPrompt(run.task), at);
    });
    return session.id;
  }

  async #refuse(task: Task, error: unknown, unusable: Unusable | undefined): Promise<void> {
    if (this.#closed) return; // it was stopped with us: the next daemon begins it again
    const known = error instanceof DispatchError;
    if (!known) this.#ports.log.error("setup-failed", { task: task.id, error });
    const message = error instanceof Error ? error.message : String(error);
    const hint = (known ? error.hint : undefined) ?? `dispatch retry ${task.slug}`;
    const instead = unusable ? await this.#ports.alternatives(task.model, unusable) : [];
    const failure = { reason: "setup", message, hint, ...(unusable && { unusable }) } as const;
    this.#ports.ledger.commit((tx) => {
      const current = getTask(tx.db, task.id)!;
      if (current.parked) advance(tx, task.id, (run, at) => fail(run, failure, at));
      if (current.status.state !== "submitted") return;
      const attempt = getAttempt(tx.db, task.id, current.attempt)!;
      const failed = { state: "failed", result: null, ...failure } as const;
      const ended = neverStarted(current, attempt, withAlternatives(failed, task.slug, instead), Date.now());
      endOrGoOn(tx, ended, this.#ports.goesOnWith(current, failed));
    });
    if (task.parked && task.session) this.#ports.attend(task.session);
  }
}

/** A task that went out of the queue once, as the queue sees it. */
function rowOf({ id, workspace, sweep, model, priority, status }: Task): WaitingRow {
  return { id, workspace, sweep, agent: model.agent, priority, since: status.since, place: 0 };
}

function sessionFor(
  { id, workspace, model, permissions, thinking }: Task,
  place: Pick<Session, "folder" | "kind">,
): Session {
  return newSession({ origin: "task", task: id, workspace, ...place, model, permissions, thinking });
}
