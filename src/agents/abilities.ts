import type { AgentInfo } from "../protocol/agent.ts";
import { Permissions } from "../protocol/permission.ts";
import type { AgentRow } from "./agent-row.ts";
import { thinkingLevels } from "./thinking.ts";

type Abilities = Pick<
  AgentInfo,
  "protocol" | "presets" | "plan" | "resume" | "model" | "workerTools" | "thinking" | "ungated" | "variables"
>;

/** What an agent can do for Dispatch, and what it takes from its caller, as its row says. */
export function abilitiesOf(row: AgentRow): Abilities {
  const base = { workerTools: row.workerTools, thinking: thinkingLevels(row) };
  if (row.protocol === "shell") {
    const none = { plan: false, resume: false, model: false, ungated: null, variables: [] };
    return { ...base, ...none, protocol: row.protocol, presets: [...Permissions.options] };
  }
  const { protocol, gates, ungated, variables } = row;
  return {
    ...base,
    protocol,
    presets: Permissions.options.filter((preset) => gates[preset] !== null),
    plan: row.protocol === "acp" ? row.plan !== null : row.plan,
    resume: row.resume !== null,
    model: row.model !== null,
    ungated,
    variables: [...variables],
  };
}
