import { DispatchError } from "../base/error.ts";
import type { Client } from "../client/client.ts";
import { isEnded } from "../core/run.ts";
import { runAfter } from "../core/schedule.ts";
import type { ScheduleId, WorkspaceId } from "../protocol/id.ts";
import type { Schedule, ScheduledRun } from "../protocol/schedule.ts";
import { getSchedule, nextSchedule, saveSchedule } from "../store/schedule.ts";
import type { Db } from "../sqlite/database.ts";
import { getSession } from "../store/session.ts";
import { getTask } from "../store/task.ts";
import { setAlarm } from "./alarm.ts";
import type { Ledger, Tx } from "./commit.ts";

/** A time that is further back than this was missed: no daemon ran, or the machine slept. */
const MISSED_MS = 60_000;

type Outcome = ScheduledRun["outcome"];

/** Writes a schedule as it is now. */
export function changeSchedule(tx: Tx, schedule: Schedule): void {
  saveSchedule(tx.db, schedule);
  tx.announce({ type: "schedule", schedule, removed: false });
}

/**
 * Does scheduled work at its time, by the calls that every client has. Each time has a key of its own, so that a daemon
 * that dies between the work and its record does not do it twice. Its alarm only asks the store again.
 */
export class Schedules {
  readonly #ledger: Ledger;
  readonly #client: Client;
  #alarm: ReturnType<typeof setTimeout> | null = null;
  #working: Promise<void> | null = null;
  #closed = false;

  /** @param client the daemon's own: it must answer before `consider` is called */
  constructor(ledger: Ledger, client: Client) {
    this.#ledger = ledger;
    this.#client = client;
  }

  /** Does what is due and comes back for the rest. To be called at the start, and when a schedule has changed. */
  consider(): void {
    if (this.#closed || this.#working) return;
    if (this.#alarm) clearTimeout(this.#alarm);
    const schedule = nextSchedule(this.#ledger.db);
    if (!schedule) return;
    if (schedule.next! > Date.now()) {
      this.#alarm = setAlarm(schedule.next!, () => this.consider());
      return;
    }
    this.#working = this.#work(schedule).finally(() => {
      this.#working = null;
      this.consider();
    });
  }

  /** Does it now, whatever its time is. */
  async runNow(schedule: Schedule): Promise<Schedule> {
    const due = Date.now();
    const done = this.#record(schedule.id, { due, outcome: await this.#do(schedule, due) }, schedule.next);
    if (!done) throw new DispatchError("not_found", `the schedule ${schedule.id} was removed meanwhile`);
    return done;
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#alarm) clearTimeout(this.#alarm);
    await this.#working;
  }

  async #work(schedule: Schedule): Promise<void> {
    const due = schedule.next!;
    const outcome = this.#skipped(schedule, due) ?? (await this.#do(schedule, due));
    const { nextTime } = await import("./cron.ts"); // few daemons have a schedule, and none at its start
    const next = nextTime(schedule.cron, schedule.timeZone, Math.max(due, Date.now()));
    this.#record(schedule.id, { due, outcome }, next);
  }

  #skipped({ missed, overlap, last }: Schedule, due: number): Outcome | null {
    if (missed === "skip" && due < Date.now() - MISSED_MS) return { type: "skipped", because: "missed" };
    const before = last?.outcome.type === "task" ? getTask(this.#ledger.db, last.outcome.task) : null;
    return overlap === "skip" && before && !isEnded(before) ? { type: "skipped", because: "overlap" } : null;
  }

  async #do({ id, action }: Schedule, due: number): Promise<Outcome> {
    const options = { key: `schedule:${id}:${due}` };
    try {
      if (action.type === "task") {
        const { task } = await this.#client.call("createTask", {}, action.request, options);
        return { type: "task", task: task.id };
      }
      const sent = { text: action.text, schedule: id };
      const { message } = await this.#client.call("sendMessage", { session: action.session }, sent, options);
      return { type: "message", message: message.id, session: message.session };
    } catch (error) {
      if (error instanceof DispatchError) return { type: "failed", message: error.message, since: due };
      throw error;
    }
  }

  /** It may have been changed, or removed, while its work was done. */
  #record(id: ScheduleId, run: ScheduledRun, next: number | null): Schedule | null {
    return this.#ledger.commit((tx) => {
      const current = getSchedule(tx.db, id);
      if (!current) return null;
      const workspace = workspaceOf(tx.db, run.outcome) ?? current.workspace;
      const schedule = { ...current, workspace, last: runAfter(current.last, run), next };
      changeSchedule(tx, schedule);
      return schedule;
    });
  }
}

/** Where work began; null where none did. */
function workspaceOf(db: Db, outcome: Outcome): WorkspaceId | null {
  switch (outcome.type) {
    case "task":
      return getTask(db, outcome.task)?.workspace ?? null;
    case "message":
      return getSession(db, outcome.session)?.workspace ?? null;
    case "skipped":
    case "failed":
      return null;
  }
}
