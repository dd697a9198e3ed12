import type { AcpRow } from "../agent-row.ts";
import { StartError, type DriverInput } from "../driver.ts";
import { RpcError } from "../json-rpc.ts";
import type { AgentLink } from "./link.ts";
import { Done, Initialized, Opened } from "./messages.ts";

/** The name under which agents get our MCP server. */
export const WORKER_SERVER = "dispatch";
/** The version of ACP that we speak. */
const PROTOCOL_VERSION = 1;
/** "Authentication required": https://agentclientprotocol.com/protocol/v1/schema#errorcode */
const LOGIN_REQUIRED = -32000;
/** Not a method that any agent knows: its refusal shows that the agent has come to it. */
const PING = "_dispatch/ping";

/** A session that is open and has the model it was to have. */
export interface OpenSession {
  readonly id: string;
  /** What the agent's present process is told as the id. */
  readonly name: string;
  readonly resumable: boolean;
  readonly resumed: boolean;
  readonly models: { id: string; name: string }[];
}

/**
 * Initializes, opens or goes on with a session, and chooses the model.
 * @throws StartError `resume` and `model`; and whatever the link throws
 */
export async function openSession(link: AgentLink, input: DriverInput, row: AcpRow): Promise<OpenSession> {
  const agent = await link.request(
    "initialize",
    {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "dispatch", title: "Dispatch", version: "0" },
    },
    Initialized,
  );
  if (agent.protocolVersion !== PROTOCOL_VERSION) {
    throw new StartError("protocol", `the agent speaks version ${agent.protocolVersion} of ACP`);
  }
  const way = wayBack(agent, row);
  const opened = await open(link, input, row, way);
  const { model, resume } = input.launch;
  const id = resume ?? opened.sessionId;
  if (id === undefined) throw new StartError("protocol", "the agent opened a session without an id");
  const name = resume === null ? id : nameOf(resume, row);
  const models = modelsOf(opened);
  if (model !== null) await chooseModel(link, name, { model, models, opened, row });
  return { id, name, resumable: way !== null, resumed: resume !== null, models };
}

function nameOf(resume: string, row: AcpRow): string {
  return row.resume?.by === "load" ? (row.resume.prefix ?? "") + resume : resume;
}

/** The catalog says which way is known to work; of an agent that lacks it, or is in no catalog, what it advertises. */
function wayBack(agent: Initialized, row: AcpRow): "session/resume" | "session/load" | null {
  const offered = agent.agentCapabilities;
  const resume = offered?.sessionCapabilities?.resume ? "session/resume" : null;
  const load = offered?.loadSession ? "session/load" : null;
  if (row.resume === null) return null;
  return row.resume.by === "resume" ? (resume ?? load) : (load ?? resume);
}

async function open(
  link: AgentLink,
  input: DriverInput,
  row: AcpRow,
  way: "session/resume" | "session/load" | null,
): Promise<Opened> {
  const { folder, permissions, resume } = input.launch;
  const meta = row.gates[permissions].meta;
  const params = { cwd: folder, mcpServers: mcpServers(input), ...(meta ? { _meta: meta } : {}) };
  if (resume === null) return link.request("session/new", params, Opened);
  if (way === null) throw new StartError("resume", `${row.name} cannot go on with an earlier conversation`);
  try {
    const opened = await link.request(way, { ...params, sessionId: nameOf(resume, row) }, Opened);
    if (way === "session/load") await untilReplayed(link);
    return opened;
  } catch (error) {
    if (!(error instanceof RpcError) || isLoginError(error)) throw error;
    throw new StartError("resume", describe(error));
  }
}

/**
 * Waits until a loaded conversation has been replayed, of which nothing tells the end and which may come after the
 * answer: until the agent took and answered a request, and no update came in between.
 */
async function untilReplayed(link: AgentLink): Promise<void> {
  for (let seen = -1; seen !== link.updates;) {
    seen = link.updates;
    await link.request(PING, {}, Done).catch((error: unknown) => {
      if (!(error instanceof RpcError)) throw error;
    });
  }
}

function mcpServers({ workerTools }: DriverInput): object[] {
  if (workerTools === null) return [];
  const [command, ...args] = workerTools.command;
  const env = Object.entries(workerTools.environment).map(([name, value]) => ({ name, value }));
  return [{ name: WORKER_SERVER, command, args, env }];
}

function modelOption(opened: Opened) {
  const options = opened.configOptions ?? [];
  return options.find(({ category }) => category === "model") ?? options.find(({ id }) => id === "model");
}

function modelsOf(opened: Opened): { id: string; name: string }[] {
  const choices = modelOption(opened)?.options?.flatMap((each) => ("options" in each ? each.options : each));
  if (choices) return choices.map(({ value, name }) => ({ id: value, name }));
  return (opened.models?.availableModels ?? []).map(({ modelId, name }) => ({ id: modelId, name }));
}

async function chooseModel(
  link: AgentLink,
  sessionId: string,
  choice: { model: string; models: OpenSession["models"]; opened: Opened; row: AcpRow },
): Promise<void> {
  const { model, models, opened, row } = choice;
  const offers = models.map(({ id }) => id);
  if (offers.length > 0 && !offers.includes(model)) {
    throw new StartError("model", `${row.name} does not offer the model ${model}, but ${offers.join(", ")}`);
  }
  try {
    if (row.model === "set_model")
      await link.request("session/set_model", { sessionId, modelId: model }, Done);
    if (row.model === "set_config_option") {
      const configId = modelOption(opened)?.id ?? "model";
      await link.request("session/set_config_option", { sessionId, configId, value: model }, Done);
    }
  } catch (error) {
    if (!(error instanceof RpcError) || isLoginError(error)) throw error;
    throw new StartError("model", `${row.name} does not take the model ${model}: ${describe(error)}`);
  }
}

export function isLoginError(error: RpcError): boolean {
  return error.code === LOGIN_REQUIRED;
}

/** An agent's error as a sentence: many say "Internal error" and put the reason in the data. */
export function describe(error: RpcError): string {
  const data = error.data as { details?: unknown; message?: unknown } | null | undefined;
  const reason = [data?.details, data?.message].find((each) => typeof each === "string");
  return reason === undefined || reason === error.message ? error.message : `${error.message}: ${reason}`;
}
