import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHook } from "../hook-report.ts";
import { HOOKS, isHook, runHook } from "../hook.ts";

export const hook = command({
  operands: ["EVENT"],
  details: `EVENT is one of ${HOOKS.join(", ")}, or report. An agent runs it and writes the event to standard input. Without a daemon, and for whatever goes wrong, it ends at once and says nothing: an agent is never held up.`,
  flags: {
    to: { value: "SOCKET", help: "of report: the socket of the session's host" },
    agent: { value: "AGENT", help: "of report: whose hook it is" },
  },
  async run({ local }, { operands: [event = ""], flags }) {
    if (event === "report" && flags.to !== undefined) {
      await reportHook(flags.to, flags.agent ?? "claude");
      return EXIT.done;
    }
    if (!isHook(event)) return EXIT.done; // of a newer plugin: a failure would stop the agent's turn
    if (local.environment["DISPATCH_RUN"]) return EXIT.done; // a worker dispatches nothing, and is told nothing
    return await runHook(event, local);
  },
});
