import type { Priority } from "../protocol/task.ts";

/** A waiting task rises by one priority each time it has waited this long, so that none waits for ever. */
export const AGEING_MS = 30 * 60 * 1_000;

const RANKS: Readonly<Record<Priority, number>> = { low: 0, normal: 1, high: 2 };

/** Where a worker is used: how many each of these has is limited apart. */
export interface Claim {
  readonly agent: string;
  readonly sweep: string | null;
}

/** A task that could start now. `since` is when it began to wait, `place` its place in the order of hand-over. */
export interface Waiting extends Claim {
  readonly id: string;
  readonly workspace: string;
  readonly priority: Priority;
  readonly since: number;
  readonly place: number;
}

/** How many may run at once, in all and apart; what is not named is not limited apart. */
export interface Limits {
  readonly total: number;
  readonly agents: ReadonlyMap<string, number>;
  readonly sweeps: ReadonlyMap<string, number>;
}

/** `served` says when a group last had its turn, in any rising number; absent: never. */
export interface Turns {
  readonly now: number;
  readonly served: ReadonlyMap<string, number>;
}

/** Who takes turns: sweeps, and the tasks of a workspace that are in none. */
export function groupOf({ sweep, workspace }: Pick<Waiting, "sweep" | "workspace">): string {
  return sweep ?? workspace;
}

/**
 * The order in which waiting tasks get workers: by priority, those that wait long risen; then groups take turns, the
 * one first whose last turn is longest ago; in a group the oldest first.
 */
export function queueOrder<T extends Waiting>(waiting: readonly T[], { now, served }: Turns): T[] {
  const rounds = new Map<string, number>();
  const seats = waiting.toSorted(byAge).map((task) => {
    const rank = rankOf(task, now);
    const group = groupOf(task);
    const round = rounds.get(`${rank} ${group}`) ?? 0;
    rounds.set(`${rank} ${group}`, round + 1);
    return { task, rank, round, turn: served.get(group) ?? -1 };
  });
  const inOrder = seats.toSorted(
    (one, other) =>
      other.rank - one.rank ||
      one.round - other.round ||
      one.turn - other.turn ||
      byAge(one.task, other.task),
  );
  return inOrder.map(({ task }) => task);
}

/** Those of an order that find room beside what runs. */
export function admitted<T extends Waiting>(
  order: readonly T[],
  running: readonly Claim[],
  limits: Limits,
): T[] {
  const agents = new Room(limits.agents);
  const sweeps = new Room(limits.sweeps);
  for (const { agent, sweep } of running) {
    agents.take(agent);
    if (sweep) sweeps.take(sweep);
  }
  const free = limits.total - running.length;
  const starting: T[] = [];
  for (const task of order) {
    if (starting.length >= free) break;
    if (agents.isFull(task.agent) || (task.sweep && sweeps.isFull(task.sweep))) continue;
    agents.take(task.agent);
    if (task.sweep) sweeps.take(task.sweep);
    starting.push(task);
  }
  return starting;
}

function rankOf({ priority, since }: Waiting, now: number): number {
  return Math.min(RANKS.high, RANKS[priority] + Math.max(0, Math.floor((now - since) / AGEING_MS)));
}

function byAge(one: Waiting, other: Waiting): number {
  return one.since - other.since || one.place - other.place;
}

/** What is taken of something that is limited by name. */
class Room {
  readonly #limits: ReadonlyMap<string, number>;
  readonly #taken = new Map<string, number>();

  constructor(limits: ReadonlyMap<string, number>) {
    this.#limits = limits;
  }

  take(name: string): void {
    this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1);
  }

  isFull(name: string): boolean {
    return (this.#taken.get(name) ?? 0) >= (this.#limits.get(name) ?? Infinity);
  }
}
