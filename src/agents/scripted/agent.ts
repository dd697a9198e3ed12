/**
 * The scripted agent: an ACP agent that plays what its prompts name, for tests and benchmarks. It is the only fake.
 *
 * A prompt is read line by line; a line `scripted: VERB REST` is a step, everything else is ignored. Steps are played
 * in order, then the turn ends. Steps that a turn left behind (a parked question, a killed process) are played in the
 * next turn, after that turn's own. Every `edit` and `run` asks for permission first, as a gated agent does.
 *
 *   text WORDS                says it            thought WORDS        thinks it
 *   model | thinking | recall says its model, its level of thinking, or how many user turns it saw in this conversation
 *   environment NAME          says the variable
 *   edit PATH CONTENT         writes a file      client-write PATH CONTENT   has the client write it
 *   run COMMAND               runs a command     setsid COMMAND       leaves one behind that no group kill reaches
 *   permission KIND TITLE     asks for permission, and says the answer
 *   tool TITLE JSON           tells of a tool call with this input
 *   plan +DONE|OPEN|…         tells its own todo list (`+`: completed)
 *   usage TOKENS [USD]        tells its context and cost
 *   spend IN OUT              tells at the turn's end that it took these tokens
 *   ask QUESTION|OPTION|…     worker tool `ask`; says the answer; ends the turn when the question is parked
 *   flag TEXT                 worker tool `flag`
 *   tick N | mark N MARK NOTE worker tool `plan_update`
 *   finish SUMMARY|FILE|…     worker tool `finish`
 *   flood LINES BYTES         says numbered lines as fast as they are taken
 *   stream PER_SECOND LINES   says numbered lines at a rate
 *   rubbish [TEXT]            writes three lines that are no JSON
 *   line BYTES                writes one long line
 *   wait-file PATH            goes on when the file appears
 *   hang PATH                 the same; a cancel ends the process
 *   network PORT              reads from a port of this machine until the other end closes
 *   silence                   does nothing until it is cancelled
 *   hang-cancel               does nothing, not even when it is cancelled
 *   crash [CODE]              ends the process
 *   stop REASON               ends the turn with this ACP stop reason
 *   error MESSAGE             answers the prompt with an error
 *   silent-error MESSAGE      fails as Codex does: says that the thread failed, says why, ends as if all were well
 *   limit [SECONDS]           answers the prompt with a usage limit that is over after so long; without: nobody knows when
 *
 * SCRIPTED_START breaks the start: rubbish, silence, crash, blind (takes no images), login (asks for one), late-login (asks at the prompt),
 * limit (a usage limit of a minute), no-resume (knows no earlier session), load-only (offers session/load only), late-replay (the same, and replays after
 * the answer).
 */
import { INTERNAL_ERROR, INVALID_PARAMS, JsonRpcPeer, METHOD_NOT_FOUND, RpcError } from "../json-rpc.ts";
import { StoredConversation } from "./memory.ts";
import { parseScript, type Step } from "./script.ts";
import { ONCE, reachedLimit, STEPS, type Scene, type StepEnd } from "./steps.ts";
import { WorkerTools, type McpServer } from "./worker-tools.ts";

const MODELS = ["scripted-large", "scripted-small"];
/** The levels of thinking of each model; what is not told is the first. */
const EFFORTS: Readonly<Record<string, readonly string[]>> = {
  "scripted-large": ["default", "none", "low", "high", "max"],
  "scripted-small": ["default", "low"],
};
const AUTH_REQUIRED = -32000;
const CURSOR_LOGIN = "cursor_login";
const NOT_FOUND = -32002;

type StartFault =
  | "rubbish"
  | "silence"
  | "blind"
  | "crash"
  | "login"
  | "late-login"
  | "limit"
  | "authenticate"
  | "no-resume"
  | "load-only"
  | "late-replay";

interface SessionRequest {
  cwd: string;
  mcpServers: McpServer[];
  sessionId?: string;
}

/** A part of a prompt, as far as this agent looks at it. */
interface Block {
  text?: string;
  data?: string;
  mimeType?: string;
}

/** The one session that a process of this agent holds. */
interface Session {
  readonly folder: string;
  readonly conversation: StoredConversation;
  readonly tools: WorkerTools | null;
}

class ScriptedAgent {
  readonly #home = process.env.HOME ?? "/";
  readonly #fault = process.env.SCRIPTED_START as StartFault | undefined;
  readonly #output = Bun.stdout.writer();
  readonly #peer = new JsonRpcPeer({
    send: (line) => this.#write(line),
    answer: (method, params) => this.#answer(method, params),
    hear: (method) => {
      if (method === "session/cancel") this.#turn?.abort();
    },
  });
  #session: Session | null = null;
  #isLoggedIn = false;
  #turn: AbortController | null = null;
  #spent: { inputTokens: number; outputTokens: number } | null = null;

  /** Until the end of standard input. */
  async live(): Promise<void> {
    if (this.#fault === "crash") process.exit(3);
    if (this.#fault === "rubbish") await this.#write("usage: this is another program\n".repeat(20));
    if (this.#fault === "rubbish" || this.#fault === "silence") await untilEnd(Bun.stdin.stream());
    else await this.#peer.read(Bun.stdin.stream());
    process.exit(0);
  }

  async #write(text: string): Promise<void> {
    void this.#output.write(text);
    await this.#output.flush();
  }

  async #answer(method: string, params: unknown): Promise<unknown> {
    switch (method) {
      case "initialize":
        return this.#initialize();
      case "authenticate":
        this.#isLoggedIn = (params as { methodId: string }).methodId === CURSOR_LOGIN;
        return {};
      case "session/new":
        return this.#open(params as SessionRequest, StoredConversation.create(this.#home, MODELS[0]!));
      case "session/resume":
        return this.#open(params as SessionRequest, this.#earlier(params as SessionRequest));
      case "session/fork":
        return this.#open(params as SessionRequest, this.#earlier(params as SessionRequest).copy(this.#home));
      case "session/load":
        return this.#load(params as SessionRequest);
      case "session/set_config_option":
        return this.#set(params as { configId: string; value: string });
      case "session/prompt":
        return this.#prompt((params as { prompt: Block[] }).prompt);
      default:
        throw new RpcError(METHOD_NOT_FOUND, `no method ${method}`);
    }
  }

  #initialize(): object {
    const loadOnly = this.#fault === "load-only" || this.#fault === "late-replay";
    return {
      protocolVersion: 1,
      authMethods: this.#fault === "authenticate" ? [{ id: CURSOR_LOGIN, name: "Cursor" }] : [],
      agentCapabilities: {
        loadSession: true,
        promptCapabilities: { image: this.#fault !== "blind" },
        sessionCapabilities: loadOnly ? {} : { resume: {}, fork: {} },
      },
      agentInfo: { name: "scripted", version: "0" },
    };
  }

  #open({ cwd, mcpServers }: SessionRequest, conversation: StoredConversation): object {
    const lacksLogin = this.#fault === "login" || (this.#fault === "authenticate" && !this.#isLoggedIn);
    if (lacksLogin) throw new RpcError(AUTH_REQUIRED, "Authentication required");
    if (this.#fault === "limit") throw errorOf(reachedLimit("60"));
    const server = mcpServers.find(({ name }) => name === "dispatch");
    this.#session = { folder: cwd, conversation, tools: server ? new WorkerTools(server) : null };
    return { sessionId: conversation.id, configOptions: this.#configOptions(conversation) };
  }

  #earlier({ sessionId }: SessionRequest): StoredConversation {
    const earlier = this.#fault === "no-resume" ? null : StoredConversation.load(this.#home, sessionId ?? "");
    if (earlier === null) throw new RpcError(NOT_FOUND, `no session ${sessionId}`);
    return earlier;
  }

  async #load(request: SessionRequest): Promise<object> {
    const opened = this.#open(request, this.#earlier(request));
    if (this.#fault === "late-replay") setImmediate(() => void this.#replay());
    else await this.#replay();
    return opened;
  }

  async #replay(): Promise<void> {
    for (const text of this.#session!.conversation.memory.turns) {
      await this.#update({ sessionUpdate: "user_message_chunk", content: { type: "text", text } });
      await this.#update({
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text: "replayed" },
      });
    }
  }

  #configOptions({ memory }: StoredConversation): object[] {
    const { model, effort } = memory;
    const efforts = EFFORTS[model]!;
    return [
      select({ id: "model", category: "model", currentValue: model, values: MODELS }),
      select({ id: "effort", category: "thought_level", currentValue: effort, values: efforts }),
    ];
  }

  #set({ configId, value }: { configId: string; value: string }): object {
    const { conversation } = this.#session!;
    const values = configId === "model" ? MODELS : EFFORTS[conversation.memory.model]!;
    if (!values.includes(value)) throw new RpcError(INVALID_PARAMS, `no ${configId} ${value}`);
    conversation.change(configId === "model" ? { model: value, effort: "default" } : { effort: value });
    return { configOptions: this.#configOptions(conversation) };
  }

  /** What it sees of an image it says. */
  async #prompt(blocks: Block[]): Promise<object> {
    if (this.#fault === "late-login") throw new RpcError(AUTH_REQUIRED, "Authentication required");
    const seen = blocks.flatMap(({ mimeType, data }) =>
      data === undefined ? [] : `scripted: text ${mimeType} of ${data.length} characters`,
    );
    const text = [...blocks.flatMap((block) => block.text ?? []), ...seen].join("\n");
    const { conversation } = this.#session!;
    const { turns, left } = conversation.memory;
    conversation.change({ turns: [...turns, text] });
    const turn = new AbortController();
    this.#turn = turn;
    this.#spent = null;
    const end = await this.#play([...parseScript(text), ...left], turn.signal);
    this.#turn = null;
    if (end === "never") return new Promise(() => undefined);
    if ("error" in end) throw errorOf(end);
    return { stopReason: end.stop, usage: this.#spent };
  }

  async #play(steps: Step[], signal: AbortSignal): Promise<StepEnd> {
    const { conversation } = this.#session!;
    for (const [at, step] of steps.entries()) {
      conversation.change({ left: steps.slice(ONCE.has(step.verb) ? at + 1 : at) });
      const end = await this.#playOne(step, signal);
      if (signal.aborted && end !== "never") {
        conversation.change({ left: [] });
        return { stop: "cancelled" };
      }
      if (end) return end;
    }
    conversation.change({ left: [] });
    return { stop: "end_turn" };
  }

  async #playOne({ verb, rest }: Step, signal: AbortSignal): Promise<StepEnd | void> {
    const play = STEPS[verb];
    if (play === undefined) return { error: `scripted: no verb ${verb}` };
    const { folder, conversation, tools } = this.#session!;
    const scene: Scene = {
      folder,
      conversation,
      tools,
      signal,
      update: (update) => this.#update(update),
      request: (method, params) => this.#peer.request(method, { sessionId: conversation.id, ...params }),
      write: (text) => this.#write(text),
      spend: (inputTokens, outputTokens) => {
        this.#spent = { inputTokens, outputTokens };
      },
    };
    return play(scene, rest);
  }

  #update(update: object): Promise<void> {
    return this.#peer.notify("session/update", { sessionId: this.#session!.conversation.id, update });
  }
}

function errorOf({ error, data }: { error: string; data?: unknown }): RpcError {
  return new RpcError(INTERNAL_ERROR, error, data);
}

interface Select {
  id: string;
  category: string;
  currentValue: string;
  values: readonly string[];
}

function select({ values, ...option }: Select): object {
  const options = values.map((value) => ({ value, name: value }));
  return { type: "select", name: option.id, ...option, options };
}

async function untilEnd(input: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of input);
}

await new ScriptedAgent().live();
