import type { AgentInfo } from "../../protocol/agent.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";

export const agents = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("listAgents", {}, {}), ({ agents }, look) =>
      agentTable(agents, look),
    );
    return EXIT.done;
  },
});

function agentTable(agents: AgentInfo[], look: Look): string {
  const rows = table(
    agents.map((each) => [
      look.bold(each.agent),
      each.installed ? (each.version ?? "installed") : "not installed",
      loginText(each),
      [each.problem ?? "", each.hint ?? ""].filter((text) => text !== "").join(": "),
    ]),
    look,
  );
  const holes = agents.flatMap(({ agent, installed, ungated }) =>
    installed && ungated ? [`  ${agent}: ${ungated}`] : [],
  );
  return holes.length === 0
    ? rows
    : [rows, "", "What runs unasked even under --permissions ask:", ...holes].join("\n");
}

function loginText({ installed, login }: AgentInfo): string {
  if (!installed) return "";
  switch (login) {
    case "yes":
      return "logged in";
    case "no":
      return "not logged in";
    case "unknown":
      return "";
  }
}
