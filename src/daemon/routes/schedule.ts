import { DispatchError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { slugOf } from "../../core/slug.ts";
import {
  MAX_SCHEDULES,
  type Schedule,
  type ScheduledAction,
  type ScheduleRequest,
} from "../../protocol/schedule.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import type { Db } from "../../sqlite/database.ts";
import { deleteSchedule, findSchedules, listSchedules } from "../../store/schedule.ts";
import { getWorkspace } from "../../store/workspace.ts";
import { changeSchedule } from "../schedules.ts";
import { openTogether, settleWorkspace, writeWorkspace } from "../workspace.ts";
import { mustFindSession } from "./find-session.ts";
import { only } from "./find.ts";
import type { Handlers } from "./handler.ts";

type ScheduleCalls = "listSchedules" | "addSchedule" | "changeSchedule" | "removeSchedule" | "runSchedule";

export const scheduleHandlers: Pick<Handlers, ScheduleCalls> = {
  listSchedules(_, { ledger: { db } }) {
    return { schedules: listSchedules(db) };
  },

  async addSchedule({ body, commit }, { ledger, schedules }) {
    const { nextTime, ownTimeZone } = await import("../cron.ts");
    const known = listSchedules(ledger.db);
    if (known.length >= MAX_SCHEDULES)
      throw new DispatchError("limited", `there are ${MAX_SCHEDULES} schedules already`, {
        hint: "dispatch schedule",
      });
    const timeZone = body.timeZone ?? ownTimeZone();
    const next = nextTime(body.cron, timeZone, Date.now());
    if (next === null)
      throw new DispatchError("invalid", `${JSON.stringify(body.cron)} has no time that is still to come`);
    const { action, workspace } = await settled(body.action, ledger.db);
    const schedule = newSchedule({ ...body, action, workspace: workspace.id, timeZone }, next, known);
    const answer = commit((tx) => {
      writeWorkspace(tx, workspace);
      changeSchedule(tx, schedule);
      return { schedule };
    });
    schedules.consider();
    return answer;
  },

  async changeSchedule({ params, body, commit }, { ledger, schedules }) {
    const { nextTime } = await import("../cron.ts");
    const found = mustFindSchedule(ledger.db, params.schedule);
    const next = nextTime(found.cron, found.timeZone, Date.now());
    const answer = commit((tx) => {
      const schedule = { ...found, enabled: body.enabled, next };
      changeSchedule(tx, schedule);
      return { schedule };
    });
    schedules.consider();
    return answer;
  },

  removeSchedule({ params, commit }) {
    return commit((tx) => {
      const schedule = mustFindSchedule(tx.db, params.schedule);
      deleteSchedule(tx.db, schedule.id);
      tx.announce({ type: "schedule", schedule, removed: true });
      return { schedule };
    });
  },

  async runSchedule({ params }, { ledger, schedules }) {
    return { schedule: await schedules.runNow(mustFindSchedule(ledger.db, params.schedule)) };
  },
};

/**
 * The same for a session that is meant now, whatever it is called later, and where its work begins.
 * @throws DispatchError for what is not there
 */
async function settled(
  action: ScheduledAction,
  db: Db,
): Promise<{ action: ScheduledAction; workspace: Workspace }> {
  if (action.type === "message") {
    const session = mustFindSession(db, action.session);
    return { action: { ...action, session: session.id }, workspace: getWorkspace(db, session.workspace)! };
  }
  const [opened] = await openTogether(db, [action.request.workspace, ...(action.request.also ?? [])]);
  return { action, workspace: settleWorkspace(db, opened!) };
}

function newSchedule(
  request: ScheduleRequest & Pick<Schedule, "timeZone" | "workspace">,
  next: number,
  known: readonly Schedule[],
): Schedule {
  const { action } = request;
  const words = action.type === "task" ? action.request.prompt : action.text;
  const taken = (name: string) => known.some((each) => each.name === name);
  return {
    ...request,
    id: newId("sch"),
    name: slugOf(request.name ?? words, { taken }),
    enabled: true,
    next,
    last: null,
    createdAt: Date.now(),
  };
}

function mustFindSchedule(db: Db, ref: string): Schedule {
  return only(findSchedules(db, ref), ref, {
    noun: "schedule",
    list: "dispatch schedule",
    shown: ({ id, name }) => `${id} ${name}`,
  });
}
