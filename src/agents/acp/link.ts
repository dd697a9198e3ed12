import {
  client,
  RequestError,
  type ClientConnection,
  type ReadTextFileRequest,
  type RequestPermissionOutcome,
  type RequestPermissionRequest,
  type WriteTextFileRequest,
} from "@agentclientprotocol/sdk";
import type { z } from "zod";
import type { AgentProcess } from "../driver.ts";
import { within } from "../limit.ts";
import { signalGroup } from "../process-group.ts";
import { StderrTail } from "../stderr-tail.ts";
import { Wire, type Rubbish } from "./wire.ts";

/** What an agent may still have in its pipe when it is gone; a child that holds the pipe open is not waited for. */
const DRAIN_LIMIT_MS = 1_000;
/** What an agent that closed its output gets to end by itself. */
const EXIT_LIMIT_MS = 2_000;

/** What an agent tells and asks us. `signal`: the agent took its question back, or is gone. */
export interface AgentCalls {
  update(params: unknown): Promise<void>;
  permission(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionOutcome>;
  read(request: ReadTextFileRequest): Promise<string>;
  write(request: WriteTextFileRequest, signal: AbortSignal): Promise<void>;
}

/** How an agent's process ended. */
export interface Gone {
  readonly exitCode: number | null;
  readonly message: string;
}

/**
 * An agent process with ACP over its standard streams. Until it is served, updates are dropped (a conversation that is
 * loaded replays its past as updates) and requests are refused.
 */
export class AgentLink {
  /** Resolves when the process is gone and what it had written was taken. */
  readonly closed: Promise<Gone>;
  readonly #process: AgentProcess;
  readonly #wire: Wire;
  readonly #stderr: StderrTail;
  readonly #connection: ClientConnection;
  #calls: AgentCalls | null = null;
  #updates = 0;
  #isGone = false;

  constructor(process: AgentProcess) {
    this.#process = process;
    this.#stderr = new StderrTail(process.stderr);
    this.#wire = new Wire(process, async (params) => {
      this.#updates += 1;
      await this.#calls?.update(params);
    });
    this.#connection = client({ name: "dispatch" })
      .onRequest("session/request_permission", async ({ params, signal }) => ({
        outcome: await this.#served().permission(params, signal),
      }))
      .onRequest("fs/read_text_file", async ({ params }) => ({ content: await this.#served().read(params) }))
      .onRequest("fs/write_text_file", async ({ params, signal }) => {
        await this.#served().write(params, signal);
        return {};
      })
      .connect(this.#wire.stream);
    void this.#endWithOutput();
    this.closed = this.#watch();
  }

  /** Updates that came so far, served or not. */
  get updates(): number {
    return this.#updates;
  }

  get rubbish(): Rubbish {
    return this.#wire.rubbish;
  }

  /** True once the agent sent anything that was ACP. */
  get heard(): boolean {
    return this.#wire.heard;
  }

  /** From now on the agent's updates and requests are taken. */
  serve(calls: AgentCalls): void {
    this.#calls = calls;
  }

  /**
   * Asks the agent.
   * @throws RequestError when it answers with an error, ZodError when its answer is none, or any other error when it is
   * gone
   */
  async request<T>(method: string, params: object, answer: z.ZodType<T>): Promise<T> {
    return answer.parse((await this.#connection.agent.request(method, params)) ?? {});
  }

  /** Tells the agent. Does not wait for it to listen; when it is gone, `closed` says so. */
  notify(method: string, params: object): void {
    this.#connection.agent.notify(method, params).catch(() => undefined);
  }

  /** Ends the agent in its own way: it sees the end of its input. */
  end(): void {
    this.#process.end();
  }

  kill(): void {
    if (!this.#isGone) signalGroup(this.#process, "SIGKILL");
  }

  #served(): AgentCalls {
    if (this.#calls) return this.#calls;
    throw RequestError.invalidRequest(undefined, "the session is not open yet");
  }

  /** Without its output an agent is of no use, whether it closed it or we had to give up reading. */
  async #endWithOutput(): Promise<void> {
    const gaveUp = (await this.#wire.ended) !== null;
    const exit = gaveUp
      ? undefined
      : await within(
          this.#process.exited.then(() => true),
          EXIT_LIMIT_MS,
        );
    if (exit === undefined) this.kill();
  }

  async #watch(): Promise<Gone> {
    const exitCode = await this.#process.exited;
    this.#isGone = true;
    const gaveUp = await within(this.#wire.ended, DRAIN_LIMIT_MS);
    this.#calls = null;
    this.#connection.close();
    return { exitCode, message: gaveUp ?? this.#stderr.text };
  }
}
