import type { AcpRow } from "../agent-row.ts";
import { StartError, type DriverInput } from "../driver.ts";
import { RpcError } from "../json-rpc.ts";
import { WORKER_SERVER } from "../worker-server.ts";
import type { AgentLink } from "./link.ts";
import { Done, Initialized, Opened } from "./messages.ts";
import { configure, modelsOf } from "./options.ts";
import { describe, isLoginError } from "./refusal.ts";

/** The version of ACP that we speak. */
const PROTOCOL_VERSION = 1;
/** Not a method that any agent knows: its refusal shows that the agent has come to it. */
const PING = "_dispatch/ping";

/** A session that is open, with the model and the thinking that it was to have. */
export interface OpenSession {
  readonly id: string;
  /** What the agent's present process is told as the id. */
  readonly name: string;
  readonly resumable: boolean;
  readonly resumed: boolean;
  readonly forkable: boolean;
  readonly images: boolean;
  readonly models: { id: string; name: string }[];
}

/**
 * Initializes, opens or goes on with a session, and chooses the model and its level of thinking.
 * @throws StartError `resume`, `model` and `thinking`; and whatever the link throws
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
  const opened = await loggedIn(link, { agent, row }, () => open(link, input, { row, way, agent }));
  const { fork } = input.launch;
  const resume = fork ? null : input.launch.resume;
  const id = resume ?? opened.sessionId;
  if (id === undefined) throw new StartError("protocol", "the agent opened a session without an id");
  const name = resume === null ? id : nameOf(resume, row);
  const models = modelsOf(opened);
  await configure(link, { sessionId: name, opened, models, row }, input.launch);
  const forkable = way !== null && canFork(agent);
  const images = agent.agentCapabilities?.promptCapabilities?.image === true;
  return { id, name, resumable: way !== null, resumed: resume !== null, forkable, images, models };
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

/** A method of ACP that its version 1 calls unstable: agents that have it say so. */
function canFork({ agentCapabilities }: Initialized): boolean {
  return Boolean(agentCapabilities?.sessionCapabilities?.fork);
}

/** As `canFork`. */
function furtherFolders({ launch }: DriverInput, { agentCapabilities }: Initialized): object {
  const takesThem = Boolean(agentCapabilities?.sessionCapabilities?.additionalDirectories);
  return takesThem && launch.also.length > 0 ? { additionalDirectories: launch.also } : {};
}

/** Opens a session; where that is refused for want of a login, the user's own is taken first, if the agent offers it. */
async function loggedIn(
  link: AgentLink,
  { agent, row }: { agent: Initialized; row: AcpRow },
  opening: () => Promise<Opened>,
): Promise<Opened> {
  try {
    return await opening();
  } catch (error) {
    const method = agent.authMethods?.find(({ id }) => id === row.authenticate);
    if (!(error instanceof RpcError) || !isLoginError(error) || method === undefined) throw error;
    await link.request("authenticate", { methodId: method.id }, Done);
    return opening();
  }
}

async function open(
  link: AgentLink,
  input: DriverInput,
  { row, way, agent }: { row: AcpRow; way: "session/resume" | "session/load" | null; agent: Initialized },
): Promise<Opened> {
  const { folder, permissions, resume, fork } = input.launch;
  const meta = row.gates[permissions].meta;
  const params = {
    cwd: folder,
    mcpServers: mcpServers(input),
    ...furtherFolders(input, agent),
    ...(meta ? { _meta: meta } : {}),
  };
  if (resume === null) return link.request("session/new", params, Opened);
  if (way === null) throw new StartError("resume", `${row.name} cannot go on with an earlier conversation`);
  try {
    if (fork) return await link.request("session/fork", { ...params, sessionId: resume }, Opened);
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
