import type { Approval } from "../../protocol/approval.ts";
import type { PlacedEvent } from "../../protocol/event.ts";
import type { SessionId } from "../../protocol/id.ts";
import type { TranscriptEvent } from "../../protocol/transcript.ts";
import { sessionOf } from "./words.ts";

/** A message to one of oppi's clients. */
export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** What a client that follows a session is told of an event; `seq` is the event's number in the stream. */
export function framesOf({ event, position: { seq } }: PlacedEvent, sessionId: SessionId): Frame[] {
  switch (event.type) {
    case "session":
      return [{ type: "state", session: sessionOf(event.session), sessionId, seq }];
    case "approval":
      return [approvalFrame(event.approval, seq)];
    case "transcript":
      return spoken(event.record.event).map((frame) => ({ ...frame, sessionId, seq }));
    case "workspace":
    case "task":
    case "question":
    case "flag":
    case "message":
    case "merge":
    case "schedule":
      return [];
  }
}

/** A call that waits for a decision, or does not any more. */
export function approvalFrame({ id, session, call, status }: Approval, seq: number): Frame {
  const about = { id, sessionId: session, seq };
  if (status.state !== "open") return { type: "permission_cancelled", ...about };
  return {
    type: "permission_request",
    ...about,
    tool: call.tool,
    input: call.input,
    displaySummary: call.title,
  };
}

function spoken(event: TranscriptEvent): Frame[] {
  switch (event.type) {
    case "turn_started":
      return [{ type: "agent_start" }, { type: "message_end", role: "user", content: event.prompt }];
    case "text":
      return [{ type: "text_delta", delta: event.text }];
    case "thought":
      return [{ type: "thinking_delta", delta: event.text }];
    case "tool":
      return toolFrames(event);
    case "turn_ended":
      return [{ type: "message_end", role: "assistant", content: event.said }, { type: "agent_end" }];
    case "start_failed":
      return [{ type: "error", error: event.message }];
    case "started":
    case "conversation":
    case "prompt_taken":
    case "turn_typed":
    case "dialogue":
    case "dialogue_ended":
    case "gone":
    case "command":
    case "notice":
    case "todos":
    case "usage":
    case "plan":
    case "question":
    case "question_withdrawn":
    case "flag":
    case "finish":
    case "approval":
    case "approval_applied":
    case "approval_withdrawn":
      return [];
  }
}

function toolFrames({
  call,
  status,
  title,
  input,
  output,
}: Extract<TranscriptEvent, { type: "tool" }>): Frame[] {
  const toolCallId = call;
  const said = output === undefined ? [] : [{ type: "tool_output", toolCallId, output }];
  switch (status) {
    case "pending":
      return [{ type: "tool_start", toolCallId, tool: title ?? call, args: input ?? {} }];
    case "in_progress":
      return said;
    case "completed":
    case "failed":
      return [...said, { type: "tool_end", toolCallId, tool: title ?? call, isError: status === "failed" }];
  }
}
