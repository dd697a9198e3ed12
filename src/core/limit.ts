import type { Parked, Task } from "../protocol/task.ts";
import type { ReachedLimit } from "../protocol/transcript.ts";
import { fail } from "./end.ts";
import {
  type Advance,
  type Facts,
  type Run,
  awaitsTurn,
  hasAgent,
  nextEpoch,
  still,
  stopping,
  withTask,
} from "./run.ts";

/** The wait where nobody says how long; doubled by each try that was in vain, up to the longest. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;
/** An agent that is back at the limit this soon has tried in vain: its wait goes on. */
const IN_VAIN_MS = 5 * 60_000;
/** Tasks do not all come back in the same moment: each waits up to this share longer, up to the most. */
const SPREAD = 0.1;
const MOST_SPREAD_MS = 60_000;
/** Waits of one attempt, before it fails all the same. */
export const MAX_PARKS = 50;

/** The agent ran into its provider's limit: it is let go, and its task waits for the end of that. */
export function parkAt(
  run: Run,
  { limit, message }: { limit: ReachedLimit; message: string },
  facts: Facts,
): Advance {
  const { attempt, task } = run;
  const { now } = facts;
  const last = attempt.lastPark;
  const before = last !== null && now - last.endedAt < IN_VAIN_MS ? last : { since: now, tries: 0 };
  const tries = before.tries + 1;
  const until = untilOf(limit, { now, tries, id: task.id });
  const parked: Parked = { limit: limit.kind, message, since: before.since, at: now, until, tries };
  const waiting = { ...withTask(run, { parked }), attempt: { ...attempt, parks: attempt.parks + 1 } };
  return hasAgent(run.session) ? stopping(waiting, "idle") : still(waiting);
}

/** True when a wait is longer than may be, or was one too many. @param limits.longestMs how long it may be in all */
export function isTooLong(
  parked: Parked,
  { parks, longestMs }: { parks: number; longestMs: number },
): boolean {
  return parked.until - parked.since > longestMs || parks > MAX_PARKS;
}

/** The wait would be too long: the attempt ends, and another model may take over. */
export function giveUp(run: Run, facts: Facts): Advance {
  const { parked } = run.task;
  if (!parked) return still(run);
  const failure = { reason: "agent-error", message: parked.message, unusable: "agent" } as const;
  return fail(run, failure, facts);
}

/**
 * The limit may be over: the agent is brought back, in its own conversation where it has one.
 * @param prompt what it is told first, unless it is to be told something else already
 */
export function unpark(run: Run, prompt: string, facts: Facts): Advance {
  const { task, attempt, session } = run;
  const { parked } = task;
  if (!parked) return still(run);
  const lastPark = { since: parked.since, tries: parked.tries, endedAt: facts.now };
  const back = nextEpoch({ ...withTask(run, { parked: null }), attempt: { ...attempt, lastPark } });
  const isNew = session.conversation === null; // then a note alone would tell it nothing
  const isTold = isNew ? run.orders.some(({ order }) => order.type === "prompt") : awaitsTurn(run);
  return isTold ? still(back) : { run: back, orders: [{ type: "prompt", text: prompt }] };
}

/** The same task, to be tried now: somebody knows that the limit is over. */
export function hurriedTask(task: Task, now: number): Task {
  return task.parked ? { ...task, parked: { ...task.parked, at: now, until: now } } : task;
}

/** A task that waits for the end of its agent's limit. */
export interface Waiter {
  readonly id: Task["id"];
  readonly agent: string;
  readonly at: number;
  readonly until: number;
}

/** What is known of an agent's limit beside who waits: a task is trying it now, or it was found to be over then. */
export interface Findings {
  readonly trying: ReadonlySet<string>;
  readonly over: ReadonlyMap<string, number>;
}

/**
 * Who may go on, and which agents nothing else is started for. All tasks of an agent wait together: as long as the one
 * that ran into the limit last; then one of them tries, and when it gets on all others follow.
 */
export function whoGoesOn(
  waiters: readonly Waiter[],
  { trying, over }: Findings,
  now: number,
): { due: Waiter[]; held: Set<string> } {
  const due: Waiter[] = [];
  const held = new Set<string>(trying);
  for (const [agent, all] of Map.groupBy(waiters, (each) => each.agent)) {
    const isOver = (over.get(agent) ?? -Infinity) >= Math.max(...all.map(({ at }) => at));
    if (isOver) {
      due.push(...all);
      continue;
    }
    held.add(agent);
    const [latest] = all.toSorted((one, other) => other.at - one.at);
    const [first] = all.toSorted((one, other) => one.until - other.until);
    if (!trying.has(agent) && latest!.until <= now) due.push(first!);
  }
  return { due, held };
}

function untilOf(
  limit: ReachedLimit,
  { now, tries, id }: { now: number; tries: number; id: string },
): number {
  const isKnown = limit.resetsAt !== null && limit.resetsAt > now;
  const wait = isKnown ? limit.resetsAt! - now : Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
  return now + wait + Math.round(Math.min(wait * SPREAD, MOST_SPREAD_MS) * shareOf(id));
}

/** Between 0 and 1, always the same for an id (FNV-1a). */
function shareOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}
