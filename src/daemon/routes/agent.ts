import { findAgents } from "../../agents/find.ts";
import { configuredAgents } from "../known-agents.ts";
import type { Handlers } from "./handler.ts";

export const agentHandlers: Pick<Handlers, "listAgents"> = {
  async listAgents({ query }, { config, environment }) {
    const agents = configuredAgents(config.read());
    return { agents: await findAgents(environment, { agents, limitMs: query.withinMs }) };
  },
};
