import type { CallAnswer, SessionDetail } from "../protocol/api.ts";
import type { PlacedEvent, Position } from "../protocol/event.ts";
import type { SessionId } from "../protocol/id.ts";
import type { Message } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import type { Context } from "./command.ts";
import { follow, waitSignal } from "./follow.ts";

/** What an agent outside does is looked at, where nothing tells of it; so often, in milliseconds. */
const LOOK_AGAIN_MS = 3_000;
/** The end of an answer that is kept, in characters. */
const MAX_ANSWER_CHARS = 1_000_000;

/** How a session came to rest: with nothing to do, with something for its person, or by a fault. */
export type Rest = "idle" | "waits" | "failed";

type Ended = Extract<TranscriptEvent, { type: "turn_ended" | "gone" }>;

/** What became of a message that was waited for. `answer` is what its agent said in that turn, where that is told. */
export interface Answered {
  message: Message;
  detail: SessionDetail;
  end: "done" | "waits" | "failed";
  answer: string | null;
  /** Why the turn ended otherwise. */
  reason: string | null;
}

/** Null while something goes on in a session by itself. */
export function restOf({ session: { status }, messages, approvals }: SessionDetail): Rest | null {
  switch (status.state) {
    case "error":
      return "failed";
    case "stopped":
      return status.why === "lost" ? "failed" : "idle";
    case "busy":
      return status.waiting !== null || approvals.length > 0 ? "waits" : null;
    case "ready":
      if (messages.some(({ receipt }) => receipt.state !== "held")) return null;
      return messages.length > 0 ? "waits" : "idle";
    case "starting":
    case "stopping":
      return null;
  }
}

/** Waits until a session comes to rest. Null when the time is over or Ctrl-C was pressed. */
export async function nextRest(
  context: Context,
  { session }: SessionDetail,
  timeoutMs: number | null,
): Promise<SessionDetail | null> {
  const signal = waitSignal(context, timeoutMs);
  while (!signal.aborted) {
    for await (const item of follow(context, [topicOf(session.id)], slice(signal, session))) {
      if (item.type === "event" && item.event.type === "transcript") continue;
      const detail = await context.client.call("getSession", { session: session.id }, {});
      if (restOf(detail) !== null) return detail;
    }
  }
  return null;
}

/**
 * Waits until a message is taken and the turn that it began is over, or until a person is needed before.
 * @param after a position from before it was sent
 * @returns null when the time is over or Ctrl-C was pressed
 */
export async function nextAnswer(
  context: Context,
  { message, session }: CallAnswer<"sendMessage">,
  { after, timeoutMs }: { after: Position; timeoutMs: number | null },
): Promise<Answered | null> {
  const turn = new HeardTurn(message.id);
  const signal = waitSignal(context, timeoutMs);
  let from = after;
  while (!signal.aborted) {
    for await (const item of follow(context, [topicOf(session.id)], slice(signal, session), from)) {
      from = item.position;
      if (item.type === "reset") turn.missed();
      else turn.hear(item.event);
      if (item.type === "event" && item.event.type === "transcript" && !turn.isOver) continue;
      const answered = turn.judge(await read(context, message));
      if (answered) return answered;
    }
    const seen = signal.aborted ? null : turn.judge(await read(context, message));
    if (seen) return seen;
  }
  return null;
}

async function read({ client }: Context, message: Message) {
  const [detail, now] = await Promise.all([
    client.call("getSession", { session: message.session }, {}),
    client.call("getMessage", { message: message.id }, {}),
  ]);
  return { detail, message: now.message };
}

/** What is heard of the turn that a message begins. A message is over right before its turn's end is told, or after. */
class HeardTurn {
  readonly #message: Message["id"];
  #said: string | null = "";
  #ended: Ended | null = null;
  #isAnswered = false;

  constructor(message: Message["id"]) {
    this.#message = message;
  }

  get isOver(): boolean {
    return this.#isAnswered && this.#ended !== null;
  }

  /** Events were lost: what was said is not known any more. */
  missed(): void {
    this.#said = null;
    this.#isAnswered = true;
  }

  hear(event: PlacedEvent["event"]): void {
    if (event.type === "message" && event.message.id === this.#message)
      this.#isAnswered ||= event.message.endedAt !== null;
    if (event.type === "transcript" && !this.isOver) this.#hearLine(event.record.event);
  }

  judge({ detail, message }: Pick<Answered, "detail" | "message">): Answered | null {
    const told = { detail, message, answer: null, reason: null };
    const { receipt, endedAt } = message;
    const isTold = this.isOver || this.#said === null || detail.session.outside !== null;
    if (endedAt !== null) return isTold ? { ...told, ...this.#outcome(detail) } : null;
    if (receipt.state === "held") return { ...told, end: "waits" };
    if (receipt.state === "refused" || receipt.state === "expired") return { ...told, end: "failed" };
    const rest = restOf(detail);
    if (rest === null) return null;
    return { ...told, end: rest === "waits" ? "waits" : "failed" };
  }

  #outcome({ session }: SessionDetail): Pick<Answered, "end" | "answer" | "reason"> {
    const answer = session.kind === "terminal" || session.outside !== null ? null : this.#said;
    if (this.#ended === null || (this.#ended.type === "turn_ended" && this.#ended.end === "end_turn"))
      return { end: "done", answer, reason: null };
    const why = this.#ended.type === "gone" ? "its agent is gone" : `its turn ended: ${this.#ended.end}`;
    return { end: "failed", answer, reason: this.#ended.message ?? why };
  }

  #hearLine(event: TranscriptEvent): void {
    if (event.type === "turn_ended" || event.type === "gone") this.#ended = event;
    if (event.type === "turn_started" || event.type === "turn_typed") {
      this.#ended = null;
      this.#said &&= "";
    }
    if (event.type === "text" && this.#said !== null)
      this.#said = `${this.#said}${event.text}`.slice(-MAX_ANSWER_CHARS);
  }
}

/** As long as the wait; of an agent outside until it is time to look at it again. */
function slice(signal: AbortSignal, { outside }: Session): AbortSignal {
  return outside === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(LOOK_AGAIN_MS)]);
}

function topicOf(session: SessionId): `session:${SessionId}` {
  return `session:${session}`;
}
