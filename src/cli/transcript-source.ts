import type { Client } from "../client/client.ts";
import type { CallAnswer } from "../protocol/api.ts";
import type { PlacedEvent } from "../protocol/event.ts";
import type { Topic } from "../protocol/stream.ts";
import type { findSubject } from "./subject.ts";

/** What comes after a position, or the last so many events. */
type TranscriptPart = { after: number } | { last: number };

/** Where a transcript comes from. */
export interface TranscriptSource {
  readonly topic: Topic;
  page(part: TranscriptPart): Promise<CallAnswer<"getTranscript">>;
}

/** The transcript of a task, all its attempts or one of them, or of a session. */
export function transcriptSource(
  client: Client,
  subject: Awaited<ReturnType<typeof findSubject<"task" | "session">>>,
  attempt?: number,
): TranscriptSource {
  if (subject.kind === "task") {
    const { id } = subject.detail.task;
    const which = attempt === undefined ? {} : { attempt };
    return {
      topic: `task:${id}`,
      page: (part) => client.call("getTranscript", { task: id }, { ...part, ...which }),
    };
  }
  const { id } = subject.detail.session;
  return {
    topic: `session:${id}`,
    page: (part) => client.call("getSessionEvents", { session: id }, part),
  };
}

/** Every event after a number up to now, page by page. */
export async function* eventsOf(source: TranscriptSource, after = 0): AsyncGenerator<PlacedEvent> {
  for (let from = after; ;) {
    const page = await source.page({ after: from });
    yield* page.events;
    if (!page.more) return;
    from = page.position.seq;
  }
}
