import { DispatchError } from "../../base/error.ts";
import { agentTable, agentText } from "../agent-words.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const agents = command({
  operands: ["[AGENT]"],
  flags: {},
  details:
    "With AGENT: all that is known of it. As the daemon sees them: it has the PATH and the variables of whoever started it.",
  async run({ client, output }, { operands: [name] }) {
    const all = await client.call("listAgents", {}, {});
    if (name === undefined) {
      await output.show(all, (view, look) => agentTable(view.agents, look));
      return EXIT.done;
    }
    const agent = all.agents.find((each) => each.agent === name);
    if (agent === undefined)
      throw new DispatchError("not_found", `no agent ${JSON.stringify(name)}`, {
        hint: "dispatch agents",
        candidates: all.agents.map((each) => each.agent),
      });
    await output.show(agent, agentText);
    return EXIT.done;
  },
});
