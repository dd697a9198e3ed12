import type { Event } from "../protocol/event.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { PassageKind } from "../protocol/search.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";

/**
 * A text worth finding. `running`: it goes on the text of the same kind that its session said last, since agents speak
 * in pieces.
 */
export interface Passage {
  readonly kind: PassageKind;
  readonly task: TaskId | null;
  readonly session: SessionId | null;
  readonly text: string;
  readonly running: boolean;
}

/**
 * What an event adds to what can be found; null: nothing. A task's own prompt is no part of its events, and the first
 * prompt of its worker repeats it among our instructions: the caller knows both.
 */
export function passageOf(event: Event): Passage | null {
  switch (event.type) {
    case "transcript": {
      const found = spoken(event.record.event);
      return found && { task: event.task, session: event.session, running: false, ...found };
    }
    case "question": {
      const { question } = event;
      const { task, session, status } = question;
      if (status.state === "answered")
        return { kind: "answer", task, session, text: status.text, running: false };
      if (status.state !== "open") return null;
      const text = [question.text, ...question.options].join("\n");
      return { kind: "question", task, session, text, running: false };
    }
    case "workspace":
    case "task":
    case "session":
    case "approval":
    case "flag":
    case "message": // the turn that it becomes is found
    case "merge":
    case "schedule":
      return null;
  }
}

function spoken(event: TranscriptEvent): (Pick<Passage, "kind" | "text"> & { running?: boolean }) | null {
  switch (event.type) {
    case "text":
      return { kind: "said", text: event.text, running: true };
    case "turn_started":
      return { kind: "prompt", text: event.prompt };
    case "tool": {
      const done = event.status === "completed" || event.status === "failed";
      const text = [event.title, ...(event.paths ?? []), done ? event.output : undefined];
      return { kind: "tool", text: text.filter((each) => each !== undefined).join("\n") };
    }
    case "flag":
      return { kind: "flag", text: event.text };
    case "finish":
      return { kind: "result", text: event.summary };
    case "thought":
    case "turn_ended":
    case "question":
    case "question_withdrawn":
    case "approval":
    case "approval_applied":
    case "approval_withdrawn":
    case "start_failed":
    case "started":
    case "gone":
    case "conversation":
    case "prompt_taken":
    case "turn_typed":
    case "dialogue":
    case "dialogue_ended":
    case "command":
    case "notice":
    case "plan":
    case "todos":
    case "usage":
      return null;
  }
}
