import type { RequestPermissionOutcome } from "@agentclientprotocol/sdk";
import type { ZodMiniType } from "zod/mini";
import type { AgentProcess } from "../driver.ts";
import { INVALID_REQUEST, JsonRpcPeer, METHOD_NOT_FOUND, RpcError } from "../json-rpc.ts";
import { within } from "../../base/within.ts";
import { signalGroup } from "../../processes/group.ts";
import { StderrTail } from "../stderr-tail.ts";
import { FileToRead, FileToWrite, PermissionRequest } from "./messages.ts";

/** What an agent may still have in its pipe when it is gone; a child that holds the pipe open is not waited for. */
const DRAIN_LIMIT_MS = 1_000;
/** What an agent that closed its output gets to end by itself. */
const EXIT_LIMIT_MS = 2_000;
/** Lines that are no message, before the first one that is: so much is not a banner, it is another program. */
const MAX_RUBBISH_AT_START = 1_000;
const MAX_RUBBISH_SHOWN = 200; // characters

/** What an agent tells and asks us. `signal`: the agent took its question back, or is gone. */
export interface AgentCalls {
  update(params: unknown): Promise<void>;
  permission(request: PermissionRequest, signal: AbortSignal): Promise<RequestPermissionOutcome>;
  read(request: FileToRead): Promise<string>;
  write(request: FileToWrite, signal: AbortSignal): Promise<void>;
}

/** How an agent's process ended. */
export interface Gone {
  readonly exitCode: number | null;
  readonly message: string;
}

/** What an agent wrote to its standard output that was no JSON-RPC message: how many lines, and how the first began. */
export interface Rubbish {
  readonly lines: number;
  readonly first: string;
}

/** An agent answered with something else than the method's answer. */
export class AnswerError extends Error {}

/**
 * An agent process with ACP over its standard streams. Until it is served, updates are dropped (a conversation that is
 * loaded replays its past as updates) and requests are refused.
 */
export class AgentLink {
  /** Resolves when the process is gone and what it had written was taken. */
  readonly closed: Promise<Gone>;
  readonly #process: AgentProcess;
  readonly #stderr: StderrTail;
  readonly #peer: JsonRpcPeer;
  /** Resolves when nothing more is read: with null at the end of the output, else with why reading was given up. */
  readonly #read: Promise<string | null>;
  #calls: AgentCalls | null = null;
  #updates = 0;
  #rubbish: Rubbish = { lines: 0, first: "" };
  #isGone = false;

  constructor(process: AgentProcess) {
    this.#process = process;
    this.#stderr = new StderrTail(process.stderr);
    this.#peer = new JsonRpcPeer({
      send: (line) => process.write(Buffer.from(line)),
      hear: (method, params) => (method === "session/update" ? this.#update(params) : undefined),
      answer: (method, params, signal) => this.#answer(method, params, signal),
      rubbish: (line) => this.#takeRubbish(line),
    });
    this.#read = this.#peer.read(process.stdout).then(
      () => null,
      (error: Error) => error.message,
    );
    void this.#endWithOutput();
    this.closed = this.#watch();
  }

  /** Updates that came so far, served or not. */
  get updates(): number {
    return this.#updates;
  }

  get rubbish(): Rubbish {
    return this.#rubbish;
  }

  /** True once the agent sent anything that was ACP. */
  get heard(): boolean {
    return this.#peer.heard;
  }

  /** From now on the agent's updates and requests are taken. */
  serve(calls: AgentCalls): void {
    this.#calls = calls;
  }

  /**
   * Asks the agent.
   * @throws RpcError when it answers with an error, AnswerError when its answer is none, or any other error when it is
   * gone
   */
  async request<T>(method: string, params: object, answer: ZodMiniType<T>): Promise<T> {
    const parsed = answer.safeParse((await this.#peer.request(method, params)) ?? {});
    if (parsed.success) return parsed.data;
    throw new AnswerError(`the agent's answer to ${method} is not ACP: ${parsed.error.message}`);
  }

  /** Tells the agent. Does not wait for it to listen; when it is gone, `closed` says so. */
  notify(method: string, params: object): void {
    this.#peer.notify(method, params).catch(() => undefined);
  }

  /** Ends the agent in its own way: it sees the end of its input. */
  end(): void {
    this.#process.end();
  }

  kill(): void {
    if (!this.#isGone) signalGroup(this.#process, "SIGKILL");
  }

  async #update(params: unknown): Promise<void> {
    this.#updates += 1;
    await this.#calls?.update(params);
  }

  async #answer(method: string, params: unknown, signal: AbortSignal): Promise<object> {
    const calls = this.#calls;
    if (calls === null) throw new RpcError(INVALID_REQUEST, "the session is not open yet");
    switch (method) {
      case "session/request_permission":
        return { outcome: await calls.permission(PermissionRequest.parse(params), signal) };
      case "fs/read_text_file":
        return { content: await calls.read(FileToRead.parse(params)) };
      case "fs/write_text_file":
        await calls.write(FileToWrite.parse(params), signal);
        return {};
      default:
        throw new RpcError(METHOD_NOT_FOUND, `no method ${method}`);
    }
  }

  #takeRubbish(line: string): void {
    const first = this.#rubbish.lines === 0 ? line.slice(0, MAX_RUBBISH_SHOWN) : this.#rubbish.first;
    this.#rubbish = { lines: this.#rubbish.lines + 1, first };
    if (this.heard || this.#rubbish.lines < MAX_RUBBISH_AT_START) return;
    throw new Error(`the agent speaks no ACP: ${first}`);
  }

  /** Without its output an agent is of no use, whether it closed it or we had to give up reading. */
  async #endWithOutput(): Promise<void> {
    const gaveUp = (await this.#read) !== null;
    const exited = this.#process.exited.then(() => true);
    if (gaveUp || !(await within(exited, EXIT_LIMIT_MS))) this.kill();
  }

  async #watch(): Promise<Gone> {
    const exitCode = await this.#process.exited;
    this.#isGone = true;
    const gaveUp = await within(this.#read, DRAIN_LIMIT_MS);
    this.#calls = null;
    this.#peer.close(new Error("the agent is gone"));
    return { exitCode, message: gaveUp ?? this.#stderr.text };
  }
}
