import type { Client } from "../client/client.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { Topic } from "../protocol/stream.ts";
import type { findSubject } from "./subject.ts";

/** Where a transcript comes from. */
export interface TranscriptSource {
  readonly topic: Topic;
  page(after: number): Promise<CallAnswer<"getTranscript">>;
}

/** The transcript of a task, all its attempts, or of a session. */
export function transcriptSource(
  client: Client,
  subject: Awaited<ReturnType<typeof findSubject<"task" | "session">>>,
): TranscriptSource {
  if (subject.kind === "task") {
    const { id } = subject.detail.task;
    return { topic: `task:${id}`, page: (after) => client.call("getTranscript", { task: id }, { after }) };
  }
  const { id } = subject.detail.session;
  return {
    topic: `session:${id}`,
    page: (after) => client.call("getSessionEvents", { session: id }, { after }),
  };
}

/** Every event after a number up to now, page by page. */
export async function* eventsOf(source: TranscriptSource, after = 0): AsyncGenerator<PlacedEvent> {
  for (let from = after; ;) {
    const page = await source.page(from);
    yield* page.events;
    if (!page.more) return;
    from = page.position.seq;
  }
}
