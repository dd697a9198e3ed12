import { userInfo } from "node:os";
import type { ServerWebSocket } from "bun";
import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import type { Image } from "../../protocol/image.ts";
import type { MessageId, SessionId } from "../../protocol/id.ts";
import type { Message } from "../../protocol/message.ts";
import { Thinking } from "../../protocol/thinking.ts";
import type { Core } from "../core.ts";
import { approvalFrame, type Frame, framesOf } from "./frames.ts";
import { sessionOf } from "./words.ts";

/** Subscriptions that a connection may ask for within `SUBSCRIBE_WINDOW_MS`. */
const MAX_SUBSCRIBES = 30;
const SUBSCRIBE_WINDOW_MS = 5_000;
/** Turns of a connection whose beginning is told: those asked for last. */
const MAX_TURNS = 256;
/** WebSocket close codes (RFC 6455, section 7.4.1). */
const CLOSE = { goingAway: 1001, unsupported: 1003 } as const;

const Told = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("subscribe"),
    sessionId: z.string(),
    level: z.enum(["full", "notifications"]).default("full"),
    sinceSeq: z.number().int().nonnegative().optional(),
  }),
  z.looseObject({ type: z.literal("unsubscribe"), sessionId: z.string() }),
  z.looseObject({ type: z.literal("set_thinking_level"), sessionId: z.string(), level: z.string() }),
  z.looseObject({
    type: z.literal("prompt"),
    sessionId: z.string(),
    message: z.string(),
    images: z.array(z.looseObject({ data: z.string(), mimeType: z.string() })).default([]),
    streamingBehavior: z.enum(["steer", "followUp"]).default("followUp"),
    clientTurnId: z.string().min(1).max(100).optional(),
  }),
  z.looseObject({ type: z.literal("stop"), sessionId: z.string() }),
  z.looseObject({
    type: z.literal("permission_response"),
    sessionId: z.string(),
    id: z.string(),
    action: z.enum(["allow", "deny"]),
  }),
]);
type Told = z.infer<typeof Told>;
type ToldOf<Type extends Told["type"]> = Extract<Told, { type: Type }>;

/** A turn as its client calls it. */
type Turn = Pick<ToldOf<"prompt">, "sessionId"> & { readonly clientTurnId: string };

/** One of oppi's clients on `/stream`. What it says is done in the order in which it says it. */
export class Connection {
  readonly #core: Core;
  readonly #report: (error: unknown) => void;
  readonly #followed = new Map<string, AbortController>();
  readonly #subscribes: number[] = [];
  /** The turns whose beginning is still to be told, by their message. */
  readonly #turns = new Map<MessageId, Turn>();
  #socket: ServerWebSocket<Connection> | null = null;
  #last: Promise<void> = Promise.resolve();

  /** @param report gets what is a defect: the client is told of one without its words */
  constructor(core: Core, report: (error: unknown) => void) {
    this.#core = core;
    this.#report = report;
  }

  opened(socket: ServerWebSocket<Connection>): void {
    this.#socket = socket;
    this.#send({ type: "stream_connected", userName: userInfo().username });
  }

  received(message: string | Buffer): void {
    if (typeof message !== "string") this.#socket?.close(CLOSE.unsupported, "text only");
    else this.#last = this.#last.then(() => this.#hear(message));
  }

  /** Ends what it follows. */
  closed(): void {
    this.#socket = null;
    for (const following of this.#followed.values()) following.abort();
    this.#followed.clear();
  }

  leave(): void {
    this.#socket?.close(CLOSE.goingAway, "the daemon stops");
  }

  async #hear(message: string): Promise<void> {
    const asked = parse(message);
    const requestId = typeof asked["requestId"] === "string" ? { requestId: asked["requestId"] } : {};
    const command = String(asked["type"]);
    const told = Told.safeParse(asked);
    const result = { type: "command_result", command, ...requestId };
    if (!told.success) return this.#send({ ...result, success: false, error: faultOf(told.error, command) });
    const about = { ...result, sessionId: told.data.sessionId };
    try {
      const data = await this.#do(told.data);
      this.#send({ ...about, success: true, data });
      if ("messageId" in data) await this.#tellBegun(data.messageId as MessageId);
    } catch (error) {
      const text = this.#faultOf(error, told.data);
      const code = error instanceof DispatchError ? error.code : "internal";
      this.#send({ ...about, success: false, error: text, code });
      // oppi's own client reads no result of a prompt that failed, and would wait for its time to be over.
      if (command === "prompt") this.#send({ type: "error", error: text, sessionId: told.data.sessionId });
    }
  }

  #faultOf(error: unknown, told: Told): string {
    if (!(error instanceof DispatchError)) this.#report(error);
    else if (error.code === "not_found") return `Session not found: ${told.sessionId}`;
    else if (error.code === "conflict" && told.type === "prompt" && told.clientTurnId !== undefined)
      return `clientTurnId conflict: ${told.clientTurnId}: ${error.message}`;
    else return error.message;
    return "internal error";
  }

  async #do(told: Told): Promise<object> {
    const session = told.sessionId;
    switch (told.type) {
      case "subscribe":
        return this.#subscribe(told);
      case "unsubscribe":
        this.#followed.get(session)?.abort();
        return {};
      case "set_thinking_level": {
        const thinking = levelOf(told.level);
        await this.#core.client.call("changeSession", { session }, { thinking });
        return { level: thinking };
      }
      case "prompt":
        return this.#prompt(told);
      case "stop":
        await this.#core.client.call("stopSession", { session }, {});
        return {};
      case "permission_response":
        await this.#core.client.call("decide", { approval: told.id }, { verdict: told.action });
        return {};
    }
  }

  /** The answer comes before any event that is news, so that a client that prompts at it misses nothing. */
  async #subscribe({ sessionId, level, sinceSeq }: ToldOf<"subscribe">): Promise<object> {
    this.#brake();
    const deduplicated = this.#followed.has(sessionId);
    const { position } = await this.#core.client.call("health", {}, {});
    const { session, approvals } = await this.#core.client.call("getSession", { session: sessionId }, {});
    const about = { sessionId: session.id, currentSeq: position.seq };
    if (level === "full") this.#send({ type: "connected", session: sessionOf(session), ...about });
    this.#send({ type: "state", session: sessionOf(session), sessionId: session.id });
    if (sinceSeq !== undefined) await this.#catchUp(session.id, sinceSeq, position.seq);
    for (const approval of approvals) this.#send(approvalFrame(approval, position.seq));
    if (!deduplicated) this.#follow(session.id, level, position).catch(this.#report);
    return { ...about, level, catchUpComplete: true, ...(deduplicated ? { deduplicated } : {}) };
  }

  async #catchUp(session: SessionId, after: number, until: number): Promise<void> {
    for (let from = after; ;) {
      const page = await this.#core.client.call("getSessionEvents", { session }, { after: from });
      for (const event of page.events)
        if (event.position.seq <= until) for (const frame of framesOf(event, session)) this.#send(frame);
      if (!page.more || page.position.seq >= until) return;
      from = page.position.seq;
    }
  }

  async #follow(
    session: SessionId,
    level: "full" | "notifications",
    after: Parameters<Core["follow"]>[1],
  ): Promise<void> {
    const following = new AbortController();
    this.#followed.set(session, following);
    for await (const item of this.#core.follow([`session:${session}`], after, following.signal)) {
      if (item.type === "reset") continue;
      if (item.event.type === "message") this.#heardOf(item.event.message);
      if (level === "notifications" && item.event.type === "transcript") continue;
      for (const frame of framesOf(item, session)) this.#send(frame);
    }
    this.#followed.delete(session);
  }

  /** A prompt to a busy session waits its turn, and the answer says so. */
  async #prompt(told: ToldOf<"prompt">): Promise<object> {
    const { sessionId, message, clientTurnId, streamingBehavior } = told;
    const mode = streamingBehavior === "steer" ? "steer" : "queue";
    // The daemon says what is wrong with one.
    const images = told.images.map(({ data, mimeType }) => ({ data, mimeType }) as Image);
    const askedAt = Date.now();
    const answer = await this.#core.client.call(
      "sendMessage",
      { session: sessionId },
      { text: message, mode, ...(images.length > 0 && { images }) },
      { key: clientTurnId === undefined ? undefined : turnKey(sessionId, clientTurnId) },
    );
    const { id, receipt, acceptedAt } = answer.message;
    if (clientTurnId !== undefined) {
      const turn = { sessionId, clientTurnId };
      if (acceptedAt < askedAt) await this.#repeat(id, turn);
      else {
        this.#acknowledge(turn, "accepted");
        this.#acknowledge(turn, "dispatched");
        this.#await(id, turn);
      }
    }
    return { messageId: id, queued: receipt.state === "queued", receipt };
  }

  #acknowledge(turn: Turn, stage: "accepted" | "dispatched" | "started", duplicate = false): void {
    this.#send({ type: "turn_ack", command: "prompt", ...turn, stage, ...(duplicate ? { duplicate } : {}) });
  }

  /** The turn was asked for before: how far it is by now is all that is told. */
  async #repeat(id: MessageId, turn: Turn): Promise<void> {
    const { message } = await this.#core.client.call("getMessage", { message: id }, {});
    this.#acknowledge(turn, message.deliveredAt === null ? "dispatched" : "started", true);
    if (message.deliveredAt === null) this.#await(id, turn);
  }

  /** Has the beginning of a turn told, when it comes. */
  #await(id: MessageId, turn: Turn): void {
    const [oldest] = this.#turns.keys();
    if (oldest !== undefined && this.#turns.size >= MAX_TURNS) this.#turns.delete(oldest);
    this.#turns.set(id, turn);
  }

  /** A turn may have begun before the answer to its prompt went out. */
  async #tellBegun(id: MessageId): Promise<void> {
    if (!this.#turns.has(id)) return;
    const { message } = await this.#core.client.call("getMessage", { message: id }, {});
    this.#heardOf(message);
  }

  #heardOf({ id, deliveredAt, receipt: { state } }: Message): void {
    const turn = this.#turns.get(id);
    if (turn === undefined) return;
    if (deliveredAt !== null || state === "refused" || state === "expired") this.#turns.delete(id);
    if (deliveredAt !== null) this.#acknowledge(turn, "started");
  }

  /** @throws DispatchError `limited` */
  #brake(): void {
    const now = Date.now();
    while (this.#subscribes.length > 0 && this.#subscribes[0]! <= now - SUBSCRIBE_WINDOW_MS)
      this.#subscribes.shift();
    if (this.#subscribes.length >= MAX_SUBSCRIBES)
      throw new DispatchError("limited", "too many subscriptions in a few seconds");
    this.#subscribes.push(now);
  }

  #send(frame: Frame): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}

/** A client's name for a turn holds any characters; a key is sent as a header. */
function turnKey(session: string, turn: string): string {
  return `oppi:${new Bun.CryptoHasher("sha256").update(JSON.stringify([session, turn])).digest("hex")}`;
}

function parse(message: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function faultOf({ issues }: z.ZodError, command: string): string {
  const [issue] = issues;
  return issue && issue.path[0] !== "type"
    ? `${issue.path.join(".")}: ${issue.message}`
    : `unknown command: ${command}`;
}

function levelOf(text: string): Thinking {
  const { success, data } = Thinking.safeParse(text);
  if (success) return data;
  throw new DispatchError("invalid", `the levels of thinking are ${Thinking.options.join(", ")}`);
}
