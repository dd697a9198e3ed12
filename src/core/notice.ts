import type { Event } from "../protocol/event.ts";
import type { Merge } from "../protocol/merge.ts";
import type { Notice, NoticeKind } from "../protocol/notice.ts";
import type { Task } from "../protocol/task.ts";

/** What `noticeOf` finds in an event; the name and the workspace of a task are the store's to say. */
export type Found = Omit<Notice, "name" | "workspace" | "next" | "at"> & { readonly verb: Verb };

/** What a person does about it, as the command's first word. */
type Verb = "result" | "retry" | "answer" | "approve" | "release" | "status";

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
    case "message": {
      const { id, task, session, text, receipt } = event.message;
      if (receipt.state !== "held") return null;
      return { kind: "needs-you", about: id, task, session, text: short(text), verb: "release" };
    }
    case "merge":
      return endOfMerge(event.merge);
    case "workspace":
    case "session":
    case "transcript":
      return null;
  }
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

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT - 1)}…`;
}
