import type { TranscriptEvent } from "../protocol/transcript.ts";

const STREAMED = new Set<TranscriptEvent["type"]>(["text", "thought", "tool", "todos", "usage", "notice"]);

/** True for events that must be on disk before anyone acts on them, and that a full log still takes. */
export function isControl(event: TranscriptEvent): boolean {
  return !STREAMED.has(event.type);
}
