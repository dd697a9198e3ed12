import { isFailing } from "../../core/schedule.ts";
import type { Attention } from "../../protocol/attention.ts";
import type { Event } from "../../protocol/event.ts";
import type { Session } from "../../protocol/session.ts";
import type { Task } from "../../protocol/task.ts";

/** Nothing waits. */
export const NOTHING: Attention = {
  questions: [],
  approvals: [],
  flags: [],
  messages: [],
  terminals: [],
  blockers: [],
  schedules: [],
};

/**
 * The list of what waits for a person after an event: taken in while it is open, off it afterwards. What blocks others
 * no event tells: see `changesBlockers`.
 */
export function withEvent(attention: Attention, event: Event): Attention {
  switch (event.type) {
    case "question": {
      const { question } = event;
      const questions = replaced(attention.questions, question, question.status.state === "open");
      return { ...attention, questions };
    }
    case "approval": {
      const { approval } = event;
      const approvals = replaced(attention.approvals, approval, approval.status.state === "open");
      return { ...attention, approvals };
    }
    case "flag":
      return { ...attention, flags: replaced(attention.flags, event.flag, event.flag.seenAt === null) };
    case "message": {
      const { message } = event;
      const messages = replaced(attention.messages, message, message.receipt.state === "held");
      return { ...attention, messages };
    }
    case "session": {
      const { session } = event;
      return { ...attention, terminals: replaced(attention.terminals, session, waitsAtTerminal(session)) };
    }
    case "schedule": {
      const { schedule, removed } = event;
      const schedules = replaced(attention.schedules, schedule, !removed && isFailing(schedule));
      return { ...attention, schedules };
    }
    case "task":
    case "workspace":
    case "merge":
    case "transcript":
      return attention;
  }
}

/** Whether a task's change can be one of what blocks others, which only the daemon knows: then it is read again. */
export function changesBlockers({ blockers }: Attention, before: Task | undefined, after: Task): boolean {
  return isBlocked(after) || isBlocked(before) || blockers.some(({ task }) => task === after.id);
}

function isBlocked(task: Task | undefined): boolean {
  return task?.status.state === "submitted" && task.blockedBy.length > 0;
}

/** The tasks that something of it waits in. */
export function tasksOf(attention: Attention): Task["id"][] {
  const { schedules: _, ...ofTasks } = attention;
  const all = Object.values(ofTasks).flat();
  return [...new Set(all.flatMap(({ task }) => task ?? []))];
}

/** What of it waits in one task. */
export function ofTask(attention: Attention, id: string): Attention {
  const isOf = ({ task }: { task: string | null }) => task === id;
  return {
    questions: attention.questions.filter(isOf),
    approvals: attention.approvals.filter(isOf),
    flags: attention.flags.filter(isOf),
    messages: attention.messages.filter(isOf),
    terminals: attention.terminals.filter(isOf),
    blockers: attention.blockers.filter(isOf),
    schedules: [],
  };
}

/** What of it waits in sessions that are no task's, and the schedules that fail. */
export function outsideTasks(attention: Attention): Attention {
  const isOutside = ({ task }: { task: string | null }) => task === null;
  const { approvals, messages, terminals, schedules } = attention;
  return {
    ...NOTHING,
    schedules,
    approvals: approvals.filter(isOutside),
    messages: messages.filter(isOutside),
    terminals: terminals.filter(isOutside),
  };
}

function replaced<T extends { id: string }>(list: readonly T[], item: T, waits: boolean): T[] {
  if (!waits) return list.filter((each) => each.id !== item.id);
  const isKnown = list.some((each) => each.id === item.id);
  return isKnown ? list.map((each) => (each.id === item.id ? item : each)) : [...list, item];
}

function waitsAtTerminal({ kind, status, deletedAt }: Session): boolean {
  return kind === "terminal" && status.state === "busy" && status.waiting !== null && deletedAt === null;
}

/** How many things wait. */
export function countOf(attention: Attention): number {
  return Object.values(attention).reduce((sum, list) => sum + list.length, 0);
}
