import type { AgentInfo } from "../../protocol/agent.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";

/** A login and a program on the same PATH are seen at once. */
const AFTER_A_CHANGE = "After a change of PATH or of a key in your environment: dispatch daemon restart";

export const agents = command({
  operands: [],
  flags: {},
  details: "As the daemon sees them: it has the PATH and the variables of whoever started it.",
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
  const thinking = agents.flatMap(({ agent, installed, thinking }) =>
    installed && thinking.length > 0 ? [`  ${agent}: ${thinking.join(", ")}`] : [],
  );
  return [
    rows,
    ...(thinking.length > 0 ? ["", "What --thinking can be:", ...thinking] : []),
    ...(holes.length > 0 ? ["", "What runs unasked even under --permissions ask:", ...holes] : []),
    ...(agents.some(({ problem }) => problem) ? ["", look.dim(AFTER_A_CHANGE)] : []),
  ].join("\n");
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
