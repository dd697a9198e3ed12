import type { Event } from "../protocol/event.ts";
import type { WorkspaceId } from "../protocol/id.ts";
import type { Merge } from "../protocol/merge.ts";
import type { Notice, NoticeKind } from "../protocol/notice.ts";
import type { Message } from "../protocol/message.ts";
import type { Schedule } from "../protocol/schedule.ts";
import type { Session } from "../protocol/session.ts";
import type { Task } from "../protocol/task.ts";
import { hasAgent } from "./run.ts";
import { isFailing } from "./schedule.ts";
import { awaited, wayTo } from "./terminal-wait.ts";

/** What `noticeOf` finds in an event; the name and the workspace of a task or a session are the store's to say. */
export type Found = Omit<Notice, "name" | "workspace" | "next" | "at"> & {
  readonly verb: Verb;
  readonly name?: string;
  readonly workspace?: WorkspaceId | null;
};

/** What a person does about it, as the command's first word. */
type Verb =
  | "result"
  | "retry"
  | "answer"
  | "approve"
  | "release"
  | "logs"
  | "screen"
  | "attach"
  | "session show"
  | "status"
  | "schedule run";

/** The longest text of a notice, in characters: it is read on a lock screen. */
const MAX_TEXT = 300;

/** What an event is worth telling somebody who does something else; null: nothing. */
export function noticeOf(event: Event): Found | null {
  switch (event.type) {
    case "task":
      return endOf(event.task);
    case "question": {
      const { id, task, session, text, status } = event.question;
      if (status.state !== "open") return null;
      return { kind: "needs-you", about: id, task, session, text: short(text), verb: "answer" };
    }
    case "approval": {
      const { id, task, session, call, status } = event.approval;
      if (status.state !== "open") return null;
      const text = short(`${call.tool}: ${call.title}`);
      return { kind: "needs-you", about: id, task, session, text, verb: "approve" };
    }
    case "flag": {
      const { id, task, session, text, seenAt } = event.flag;
      if (seenAt !== null) return null;
      return { kind: "needs-you", about: id, task, session, text: short(text), verb: "status" };
    }
    case "message":
      return ofMessage(event.message);
    case "session":
      return ofSession(event.session);
    case "merge":
      return endOfMerge(event.merge);
    case "schedule":
      return event.removed ? null : ofSchedule(event.schedule);
    case "workspace":
    case "transcript":
      return null;
  }
}

/** By which command one reads what the agent of a session said: in a terminal it stands on the screen. */
export function saidBy(session: Session): "logs" | "screen" | "session show" {
  if (session.outside !== null) return "session show";
  return session.kind === "terminal" && hasAgent(session) ? "screen" : "logs";
}

/** A message is done with the turn that it began; what a task's worker was told is the task's own affair. */
function ofMessage({ id, task, session, text, from, receipt, endedAt }: Message): Found | null {
  const about = { task, session, text: short(text) };
  if (receipt.state === "held") return { kind: "needs-you", about: id, ...about, verb: "release" };
  if (endedAt === null || task !== null || from.kind === "tasks") return null; // of those, their own notices tell
  return { kind: "done", about: `${id}:ended`, ...about, verb: "logs" };
}

/** A wait for a person at its own terminal is told once, however often it is seen. */
function ofSession(session: Session): Found | null {
  const { id, task, epoch, status } = session;
  if (task !== null) return null;
  const told = { task, session: id };
  if (status.state === "error")
    return { kind: "failed", about: `${id}:${epoch}`, ...told, text: short(status.message), verb: "logs" };
  const what = awaited(session);
  if (what === null || status.state !== "busy" || status.since === undefined) return null;
  const text = short(`waits at its terminal: ${what}`);
  return { kind: "needs-you", about: `${id}:waits:${status.since}`, ...told, text, verb: wayTo(session) };
}

/** A task that was canceled was ended by somebody who knows. */
function endOf({ id, session, attempt, status }: Task): Found | null {
  const told = (kind: NoticeKind, text: string, verb: Verb): Found => {
    return { kind, about: `${id}:${attempt}`, task: id, session, text: short(text), verb };
  };
  switch (status.state) {
    case "completed":
      return told("done", status.result.summary, "result");
    case "failed":
      return told("failed", status.message, "retry");
    case "rejected":
      return told("failed", status.message, "status");
    case "submitted":
    case "working":
    case "input-required":
    case "canceled":
      return null;
  }
}

/** A merge that is done shows in its branch, and one that was canceled was ended by somebody who knows. */
function endOfMerge({ id, task, target, status }: Merge): Found | null {
  const told = (what: string): Found => {
    const text = short(`not merged into ${target}: ${what}`);
    return { kind: "failed", about: id, task, session: null, text, verb: "status" };
  };
  switch (status.state) {
    case "conflict":
      return told(`conflicts in ${status.trouble.files.join(", ")}`);
    case "gate-failed":
      return told(`${status.trouble.command} failed`);
    case "refused":
      return told(status.message);
    case "waiting":
    case "rebasing":
    case "gating":
    case "resolving":
    case "merged":
    case "canceled":
      return null;
  }
}

/** Nothing began at its time. It is told once, until it fails otherwise, or again after it did not. */
function ofSchedule(schedule: Schedule): Found | null {
  const { id, name, workspace, last } = schedule;
  if (last?.outcome.type !== "failed" || !isFailing(schedule)) return null;
  const { message, since } = last.outcome;
  const text = short(message);
  return {
    kind: "failed",
    about: `${id}:${since}`,
    task: null,
    session: null,
    name,
    workspace,
    text,
    verb: "schedule run",
  };
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT - 1)}…`;
}
