import type { Event } from "../protocol/event.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Message } from "../protocol/message.ts";
import type { Topic } from "../protocol/stream.ts";

/** What decides who follows an event. `attention`: something for a human; `transcript`: a line of a session's log. */
export interface Marks {
  task: TaskId | null;
  session: SessionId | null;
  kind: "state" | "attention" | "transcript";
}

export function marksOf(event: Event): Marks {
  switch (event.type) {
    case "workspace":
      return { task: null, session: null, kind: "state" };
    case "task":
      return { task: event.task.id, session: null, kind: "state" };
    case "session":
      return { task: event.session.task, session: event.session.id, kind: "state" };
    case "question":
      return { task: event.question.task, session: event.question.session, kind: "attention" };
    case "approval":
      return { task: event.approval.task, session: event.approval.session, kind: "attention" };
    case "flag":
      return { task: event.flag.task, session: event.flag.session, kind: "attention" };
    case "message":
      return {
        task: event.message.task,
        session: event.message.session,
        kind: wantsPerson(event.message) ? "attention" : "state",
      };
    case "merge":
      return { task: event.merge.task, session: null, kind: "state" };
    case "schedule":
      return { task: null, session: null, kind: "attention" };
    case "transcript":
      return { task: event.task, session: event.session, kind: "transcript" };
  }
}

/** True for a message that waits for a person, or did: then its end is told to whoever was told of it. */
function wantsPerson({ receipt, decision }: Message): boolean {
  return receipt.state === "held" || decision !== null;
}

/** Whether a follower of `topic` gets an event with these marks. `tasks` is everything but transcripts. */
export function isFollowed(topic: Topic, marks: Marks): boolean {
  switch (topic) {
    case "*":
      return true;
    case "tasks":
      return marks.kind !== "transcript";
    case "attention":
      return marks.kind === "attention";
    default:
      return topic === `task:${marks.task}` || topic === `session:${marks.session}`;
  }
}
