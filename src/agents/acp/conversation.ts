import type { RequestPermissionOutcome } from "@agentclientprotocol/sdk";
import type { GatedCall, Verdict } from "../../protocol/approval.ts";
import type { Image } from "../../protocol/image.ts";
import type { AcpRow } from "../agent-row.ts";
import type { AgentOutput, Conversation, DriverInput, PromptSigns, Turn } from "../driver.ts";
import { INVALID_REQUEST, RpcError } from "../json-rpc.ts";
import { confine, readPart, writeWhole } from "./files.ts";
import type { OpenSession } from "./handshake.ts";
import type { AgentCalls, AgentLink, Gone } from "./link.ts";
import { Prompted, Update, type FileToRead, type FileToWrite, type PermissionRequest } from "./messages.ts";
import { resolvePath } from "./paths.ts";
import { CANCELLED, outcomeOf } from "./permission.ts";
import { describe } from "./refusal.ts";
import { ToolCalls } from "./tool-calls.ts";
import { Trouble } from "./trouble.ts";
import { outputsOf } from "./updates.ts";

/** A running turn: its end as a signal, and the paths that it was allowed to change. */
interface RunningTurn {
  readonly cancel: AbortController;
  readonly writable: Set<string>;
  readonly trouble: Trouble;
}

/** A conversation over ACP: turns go in, and the agent's updates and requests come to the host. */
export class AcpConversation implements Conversation, AgentCalls {
  readonly id: string;
  readonly resumable: boolean;
  readonly resumed: boolean;
  readonly forkable: boolean;
  readonly images: boolean;
  readonly models: { id: string; name: string }[];
  readonly closed: Promise<Gone>;
  readonly #name: string;
  readonly #link: AgentLink;
  readonly #input: DriverInput;
  readonly #row: AcpRow;
  /** Where it works, resolved: files of requests lie in one of these. */
  readonly #folders: readonly [string, ...string[]];
  readonly #calls: ToolCalls;
  #turn: RunningTurn | null = null;
  #rubbishTold = 0;

  constructor(link: AgentLink, session: OpenSession, { input, row }: { input: DriverInput; row: AcpRow }) {
    this.id = session.id;
    this.resumable = session.resumable;
    this.resumed = session.resumed;
    this.forkable = session.forkable;
    this.images = session.images;
    this.models = session.models;
    this.closed = link.closed;
    this.#name = session.name;
    this.#link = link;
    this.#input = input;
    this.#row = row;
    const { folder, also } = input.launch;
    this.#folders = [resolvePath("/", folder), ...also.map((each) => resolvePath("/", each))];
    this.#calls = new ToolCalls(this.#folders[0], row.commandLine);
    link.serve(this);
  }

  async prompt(text: string, _signs?: PromptSigns, images: readonly Image[] = []): Promise<Turn> {
    if (images.length > 0 && !this.images)
      return {
        end: "error",
        message: `${this.#row.name} takes no images: put them into files, and name those`,
      };
    const turn = { cancel: new AbortController(), writable: new Set<string>(), trouble: new Trouble() };
    this.#turn = turn;
    try {
      const ended = await this.#ask(text, images);
      return (ended.end === "end_turn" ? turn.trouble.turn : null) ?? ended;
    } catch (error) {
      return await this.#failed(error, turn);
    } finally {
      turn.cancel.abort();
      this.#turn = null;
      this.#calls.clear();
      await this.#tellRubbish();
    }
  }

  /** The agent is told first, so that it takes the answer "cancelled" to an open request for what it is. */
  async cancel(): Promise<void> {
    if (this.#turn === null) return;
    this.#link.notify("session/cancel", { sessionId: this.#name });
    this.#turn.cancel.abort();
  }

  async close(): Promise<void> {
    this.#link.end();
  }

  async update(params: unknown): Promise<void> {
    const update = Update.safeParse((params as { update?: unknown } | null | undefined)?.update);
    if (!update.success) return; // of a kind that we do not show, or malformed
    this.#turn?.trouble.hear(update.data);
    for (const output of outputsOf(update.data, this.#calls, this.#row.plan))
      await this.#input.emit(this.#counted(output));
  }

  async permission(request: PermissionRequest, signal: AbortSignal): Promise<RequestPermissionOutcome> {
    const { isWorkerTool } = await import("./worker-tool.ts"); // it brings schemas, and few agents ever ask
    const call = this.#calls.gated(request.toolCall);
    const verdict = isWorkerTool(call) ? "allow" : await this.#decide(call, signal);
    if (verdict === null) return CANCELLED;
    const outcome = outcomeOf(verdict, request.options);
    if (outcome !== null) return outcome;
    const text = `${this.#row.name} gave no way to ${verdict} this once, so the call was cancelled: ${call.title}`;
    await this.#input.emit({ type: "notice", level: "warning", text });
    return CANCELLED;
  }

  async read(request: FileToRead): Promise<string> {
    return readPart({ ...request, path: confine(this.#folders, request.path) });
  }

  /** Some agents have the client write what they were allowed to edit; what they were not is a call of its own. */
  async write(request: FileToWrite, signal: AbortSignal): Promise<void> {
    const path = confine(this.#folders, request.path);
    if (!this.#turn?.writable.has(path)) {
      const input = { path, content: request.content };
      const call = {
        tool: "fs/write_text_file",
        kind: "edit",
        title: `Write ${path}`,
        paths: [path],
        input,
      } as const;
      const verdict = await this.#decide({ ...call, paths: [...call.paths] }, signal);
      if (verdict !== "allow") throw new RpcError(INVALID_REQUEST, `writing ${path} was not allowed`);
    }
    await writeWhole(path, request.content);
  }

  /** A cost that counts from the start of this process becomes the session's. */
  #counted(output: AgentOutput): AgentOutput {
    if (output.type !== "usage" || output.usage.cost === undefined || this.#row.cost !== "process")
      return output;
    return { ...output, usage: { ...output.usage, cost: this.#input.launch.cost + output.usage.cost } };
  }

  async #ask(text: string, images: readonly Image[]): Promise<Turn> {
    const blocks = images.map((image) => ({ type: "image", ...image }));
    const params = { sessionId: this.#name, prompt: [{ type: "text", text }, ...blocks] };
    const { stopReason, usage } = await this.#link.request("session/prompt", params, Prompted);
    if (usage) {
      const { inputTokens, outputTokens } = usage;
      await this.#input.emit({
        type: "usage",
        usage: {
          ...(inputTokens === null ? {} : { inputTokens }),
          ...(outputTokens === null ? {} : { outputTokens }),
        },
      });
    }
    return { end: stopReason };
  }

  /** An agent that answers with an error lives on; anything else that goes wrong means that it is gone. */
  async #failed(error: unknown, turn: RunningTurn): Promise<Turn> {
    if (error instanceof RpcError) {
      if (turn.cancel.signal.aborted) return { end: "cancelled" };
      return turn.trouble.failed({ message: describe(error), code: error.code, data: error.data });
    }
    this.#link.kill();
    const gone = await this.closed;
    throw new Error(gone.message || "the agent is gone", { cause: error });
  }

  /** Null when the turn was cancelled, or the agent took its question back. */
  async #decide(call: GatedCall, question: AbortSignal): Promise<Verdict | null> {
    const turn = this.#turn;
    if (turn === null) return null;
    const signal = AbortSignal.any([turn.cancel.signal, question]);
    if (signal.aborted) return null;
    try {
      const verdict = await Promise.race([this.#input.gate(call, signal), aborted(signal)]);
      if (verdict === "allow") for (const path of call.paths) turn.writable.add(path);
      return verdict;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async #tellRubbish(): Promise<void> {
    const { lines, first } = this.#link.rubbish;
    if (lines === this.#rubbishTold) return;
    this.#rubbishTold = lines;
    const text = `The agent wrote ${lines} lines so far that are no ACP messages; the first began: ${first}`;
    await this.#input.emit({ type: "notice", level: "warning", text });
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
