import type { CallAnswer, CallInput, SessionDetail } from "../../src/protocol/api.ts";
import { startDaemon } from "../../src/client/daemon.ts";
import { followStream } from "../../src/client/stream.ts";
import { homeFiles } from "../../src/base/home.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { Session } from "../../src/protocol/session.ts";
import type { TranscriptRecord } from "../../src/protocol/transcript.ts";
import { AGENT, World } from "./world.ts";

/** A world whose tests talk to sessions. */
export class SessionWorld extends World {
  /** The command line of an agent without a fault. */
  readonly agentCommand = AGENT;

  /** The `backends` of a configuration that a test writes itself. */
  backend(): string {
    const command = JSON.stringify(AGENT.join(" "));
    return `backends:\n  scripted: { command: ${command}, protocol: acp }\n`;
  }

  /** Opens a session in the repository. */
  open(
    request: Partial<CallInput<"createSession">> = {},
    key?: string,
  ): Promise<CallAnswer<"createSession">> {
    const { environment } = this;
    const body = { workspace: this.repo, environment, ...request };
    return this.client.call("createSession", {}, body, { key });
  }

  tell(
    session: string,
    text: string,
    more: Partial<CallInput<"sendMessage">> = {},
    key?: string,
  ): Promise<CallAnswer<"sendMessage">> {
    return this.client.call("sendMessage", { session }, { text, ...more }, { key });
  }

  session(session: string): Promise<SessionDetail> {
    return this.client.call("getSession", { session }, {});
  }

  async message(message: string): Promise<Message> {
    return (await this.client.call("getMessage", { message }, {})).message;
  }

  /** Waits until a session is as wanted, over deaths of the daemon too. */
  async untilSession(session: string, isSo: (detail: SessionDetail) => boolean): Promise<SessionDetail> {
    return this.#until(() => this.session(session), isSo);
  }

  /** Waits until a session outside is as wanted, also when none is known yet. */
  async untilOutside(isSo: (session: Session) => boolean): Promise<Session> {
    const list = () => this.client.call("listSessions", {}, { origin: "external" });
    const { sessions } = await this.#until(list, ({ sessions }) => sessions.some(isSo));
    return sessions.find(isSo)!;
  }

  /** Waits until a message has one of these receipts, or until its turn has `ended`. */
  async untilMessage(
    message: string,
    ...states: (Message["receipt"]["state"] | "ended")[]
  ): Promise<Message> {
    return this.#until(
      () => this.message(message),
      ({ receipt, endedAt }) =>
        states.includes(receipt.state) || (endedAt !== null && states.includes("ended")),
    );
  }

  async transcriptOf(session: string): Promise<TranscriptRecord[]> {
    const { events } = await this.client.call("getSessionEvents", { session }, { limit: 5_000 });
    return events.flatMap(({ event }) => (event.type === "transcript" ? [event.record] : []));
  }

  /** What the agent of a session has said, in one piece. */
  async saidIn(session: string): Promise<string> {
    const records = await this.transcriptOf(session);
    return records.map(({ event }) => (event.type === "text" ? event.text : "")).join("");
  }

  /** What the agent of a session was told, turn by turn. */
  async toldIn(session: string): Promise<string[]> {
    const records = await this.transcriptOf(session);
    return records.flatMap(({ event }) => (event.type === "turn_started" ? [event.prompt] : []));
  }

  /** The same, once there were so many turns and nothing more waits. */
  async untilTold(session: string, turns: number): Promise<string[]> {
    await this.#until(
      () => this.toldIn(session),
      ({ length }) => length >= turns,
    );
    await this.untilSession(session, ({ messages }) => messages.length === 0);
    return await this.toldIn(session);
  }

  async #until<T>(read: () => Promise<T>, isSo: (now: T) => boolean): Promise<T> {
    const { position } = await this.client.call("health", {}, {});
    const over = new AbortController();
    const stream = followStream({
      socket: homeFiles(this.home).socket,
      topics: ["*"],
      after: position,
      signal: over.signal,
      revive: () => startDaemon({ home: this.home, environment: this.environment, self: this.self }),
    });
    try {
      for (let now = await read(); ; now = await read()) {
        if (isSo(now)) return now;
        await stream.next();
      }
    } finally {
      over.abort();
    }
  }
}
