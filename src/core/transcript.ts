import type { TranscriptEvent } from "../protocol/transcript.ts";

const STREAMED = new Set<TranscriptEvent["type"]>(["text", "thought", "tool", "todos", "usage", "notice"]);

/** True for events that the rules act on, and that a full log still takes. */
export function isControl(event: TranscriptEvent): boolean {
  return !STREAMED.has(event.type);
}

/** True for events that must be on disk before anyone acts on them. A command that is only received was not acted on. */
export function mustLast(event: TranscriptEvent): boolean {
  return isControl(event) && !(event.type === "command" && event.phase === "received");
}
