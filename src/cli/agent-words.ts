import type { AgentInfo } from "../protocol/agent.ts";
import { type Look, table, uncut } from "./output.ts";

/** A login and a program on the same PATH are seen at once. */
const AFTER_A_CHANGE = "After a change of PATH or of a key in your environment: dispatch daemon restart";
/** What `dispatch run --permissions` takes. */
const ALL_PRESETS = 4;

/** All agents, a line each, and behind them what not all of them can. */
export function agentTable(agents: readonly AgentInfo[], look: Look): string {
  const rows = table(
    agents.map((each) => [
      look.bold(each.agent),
      each.installed ? (each.version ?? "installed") : "not installed",
      loginText(each),
      problemText(each),
    ]),
    uncut(look),
  );
  const installed = agents.filter((each) => each.installed);
  return [
    rows,
    ...section("What --thinking can be:", installed, ({ thinking }) => thinking.join(", ")),
    ...section("What some cannot:", installed, (each) => inabilities(each).join(", ")),
    ...section(
      "What runs unasked even under the strictest --permissions:",
      installed,
      ({ ungated }) => ungated ?? "",
    ),
    ...(agents.some(({ problem }) => problem) ? ["", look.dim(AFTER_A_CHANGE)] : []),
  ].join("\n");
}

/** All that is known of one. */
export function agentText(agent: AgentInfo, look: Look): string {
  const facts = [
    ["program", agent.path ?? "not installed"],
    ["version", agent.version ?? ""],
    ["login", loginText(agent)],
    ["problem", problemText(agent)],
    ["driven", DRIVEN[agent.protocol]],
    ["permissions", agent.presets.join(", ")],
    ["thinking", agent.thinking.join(", ")],
    ["asks by", agent.workerTools === "mcp" ? "tools" : "files of its task folder"],
    ["cannot", inabilities(agent).join(", ")],
    ["unasked", agent.ungated ?? "nothing"],
    ["variables", agent.variables.join(" ")],
  ].filter(([, value]) => value !== "");
  return [look.bold(`${agent.agent}: ${agent.name}`), table(facts, uncut(look))].join("\n");
}

const DRIVEN: Readonly<Record<AgentInfo["protocol"], string>> = {
  acp: "over the Agent Client Protocol",
  exec: "as a one-shot command: a run for each turn",
  shell: "by running the items of its plan",
};

function section(title: string, agents: readonly AgentInfo[], text: (agent: AgentInfo) => string): string[] {
  const lines = agents
    .map((each) => ({ agent: each.agent, told: text(each) }))
    .filter(({ told }) => told !== "");
  return lines.length === 0 ? [] : ["", title, ...lines.map(({ agent, told }) => `  ${agent}: ${told}`)];
}

function inabilities({ protocol, presets, resume, model, plan }: AgentInfo): string[] {
  if (protocol === "shell") return [];
  return [
    ...(presets.length < ALL_PRESETS ? [`run with --permissions other than ${presets.join(", ")}`] : []),
    ...(resume ? [] : ["go on in a conversation of its own"]),
    ...(model ? [] : ["be told a model"]),
    ...(plan ? [] : ["show a todo list of its own"]),
  ];
}

function problemText({ problem, hint }: AgentInfo): string {
  return [problem, hint].filter((text) => text !== null).join(": ");
}

function loginText({ installed, login }: AgentInfo): string {
  if (!installed || login === "unknown") return "";
  return login === "yes" ? "logged in" : "not logged in";
}
