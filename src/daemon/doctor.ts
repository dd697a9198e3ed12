import { hasAdapter, isAdapterOffered } from "../agents/adapters.ts";
import type { AdapterName, AgentRow } from "../agents/agent-row.ts";
import { type ConfiguredAgent, findAgents } from "../agents/find.ts";
import { DispatchError } from "../base/error.ts";
import { quote } from "../core/quote.ts";
import { resolveName } from "../core/model-names.ts";
import { planSetup } from "../core/setup.ts";
import type { AgentInfo } from "../protocol/agent.ts";
import type { Config } from "../protocol/config.ts";
import type { Finding } from "../protocol/finding.ts";
import { desktopFinding } from "./desktop.ts";
import { configuredAgents } from "./known-agents.ts";
import type { Parts } from "./parts.ts";
import { unknownKeys } from "./unknown-keys.ts";

/** Whoever asks gets an answer within three seconds: what products and the registry get of it, in milliseconds. */
const PRODUCT_MS = 2_200;
const REGISTRY_MS = 1_500;

/** What the daemon knows of the config and the agents. */
export async function examine(parts: Parts): Promise<Finding[]> {
  const configured = configuredAgents(parts.config.last());
  const [agents, online] = await Promise.all([
    findAgents(parts.environment, { agents: configured, limitMs: PRODUCT_MS }),
    adaptersReachable(configured, parts),
  ]);
  const rows = new Map(configured.map(({ agent, row }) => [agent, row]));
  return [
    ...configFindings(agents, parts),
    ...notifyFindings(parts),
    ...agentFindings(agents, { rows, online, parts }),
  ];
}

/** What an agent is judged by: how it is driven, and whether an adapter that is missing could be fetched. */
interface Setting {
  readonly rows: ReadonlyMap<string, AgentRow>;
  readonly online: boolean;
  readonly parts: Parts;
}

function configFindings(agents: readonly AgentInfo[], parts: Parts): Finding[] {
  try {
    const config = parts.config.read();
    return [
      defaultFinding(config, agents, parts),
      ...oldForm(config),
      ...unread(parts),
      ...missingRoots(parts),
    ];
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    return [bad("config", error.message, error.hint ?? null)];
  }
}

function defaultFinding(own: Config, agents: readonly AgentInfo[], parts: Parts): Finding {
  const { config, known } = parts.knownAgents.sources(own, parts.environment);
  const where = parts.config.exists() ? parts.config.path : "not written yet: the first task makes it";
  const lacking = new Set(agents.filter(({ problem }) => problem !== null).map(({ agent }) => agent));
  const usable = new Set(known.map(({ agent }) => agent).filter((agent) => !lacking.has(agent)));
  const [best] = planSetup({ config, known, usable }).choices;
  if (config.default === undefined) return noDefault(where, best);
  const model = resolveName({ config, known }, config.default);
  if (model && usable.has(model.agent)) return good("config", `${where}, default model ${config.default}`);
  const why = model ? `needs ${model.agent}, which cannot start` : "is nobody's name";
  const text = `the default model ${config.default} ${why}`;
  const hint = `dispatch models default ${best === undefined ? "<name>" : quote(best)}`;
  return best === undefined ? note("config", text, "dispatch agents") : bad("config", text, hint);
}

function noDefault(where: string, best: string | undefined): Finding {
  if (best === undefined) return note("config", `${where}; no model can start yet`, null);
  return bad("config", `${where}: no default model`, `dispatch models default ${quote(best)}`);
}

/** Keys that nothing reads: a later version's, or typed wrong. */
function unread({ config }: Parts): Finding[] {
  return unknownKeys(config.contents().value).map(({ key, similar: [similar] }) => {
    const instead = similar === undefined ? "" : `; ${similar} is a key`;
    return note("config", `nothing reads ${key}${instead}`, `correct ${config.path}`);
  });
}

function missingRoots({ projects }: Parts): Finding[] {
  const hint = "dispatch config get projects.roots";
  return projects.missingRoots().map((root) => note("config", `projects.roots: ${root} is no folder`, hint));
}

function notifyFindings({ config, environment }: Parts): Finding[] {
  if (!config.last().notify.desktop) return [];
  return [desktopFinding(environment) ?? good("notify", "on the desktop")];
}

function oldForm({ agents }: Config): Finding[] {
  if (Object.keys(agents).length === 0) return [];
  return [note("config", "agents: is the old form", "dispatch config migrate")];
}

function agentFindings(agents: readonly AgentInfo[], setting: Setting): Finding[] {
  const products = agents.filter(({ agent }) => agent !== "shell");
  const found = products.filter(({ installed }) => installed).map((each) => agentFinding(each, setting));
  const absent = products.filter(({ installed }) => !installed);
  if (found.length === 0) {
    const names = absent.map(({ name }) => name).join(", ");
    const text = `no coding agent is installed, only --agent shell works; get one of ${names}`;
    return [note("agents", text, absent[0]?.hint ?? null)];
  }
  return [
    ...found,
    ...absent.map(({ agent, problem, hint }) => note(agent, problem ?? "not installed", hint)),
  ];
}

function agentFinding(
  { agent, path, version, problem, hint }: AgentInfo,
  { rows, online, parts }: Setting,
): Finding {
  const row = rows.get(agent)!;
  if (problem !== null) return note(agent, problem, hint);
  if ("program" in row && row.program === null) return good(agent, `${path}, a command of the config`);
  if (version === null)
    return note(agent, `did not say its version within ${PRODUCT_MS / 1_000} s`, `${path} --version`);
  const adapter = missingAdapter(row, parts);
  if (adapter === null) return good(agent, version);
  if (online) return good(agent, `${version}; its adapter is fetched with the first task`);
  const text = `${version}, but its adapter ${adapter} is not here and the package registry cannot be reached`;
  return bad(agent, text, `npm install -g @agentclientprotocol/${adapter}`);
}

/** The adapter that a product needs and that is neither on the PATH nor fetched; null where none is missing. */
function missingAdapter(row: AgentRow, parts: Parts): AdapterName | null {
  if (row.protocol !== "acp" || row.command.by !== "adapter") return null;
  return hasAdapter(row.command.adapter, parts) ? null : row.command.adapter;
}

/** Whether an adapter that is still to be fetched could be; the registry is asked only then. */
async function adaptersReachable(configured: readonly ConfiguredAgent[], parts: Parts): Promise<boolean> {
  const { known } = parts.knownAgents.sources(parts.config.last(), parts.environment);
  const here = new Set(known.map(({ agent }) => agent));
  const used = configured.filter(({ agent }) => here.has(agent));
  const [missing] = used.flatMap(({ row }) => missingAdapter(row, parts) ?? []);
  if (missing === undefined) return true;
  return isAdapterOffered(missing, { ...parts, self: parts.self[0]! }, REGISTRY_MS);
}

function good(about: string, text: string): Finding {
  return { about, state: "good", text, hint: null };
}

function note(about: string, text: string, hint: string | null): Finding {
  return { about, state: "note", text, hint };
}

function bad(about: string, text: string, hint: string | null): Finding {
  return { about, state: "bad", text, hint };
}
