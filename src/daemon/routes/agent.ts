import { findAgents } from "../../agents/find.ts";
import type { Handlers } from "./handler.ts";

export const agentHandlers: Pick<Handlers, "listAgents"> = {
  async listAgents({ query }, { environment }) {
    return { agents: await findAgents(environment, query.withinMs) };
  },
};
