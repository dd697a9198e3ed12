import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { HOOKS, isHook, runHook } from "../hook.ts";

export const hook = command({
  operands: ["EVENT"],
  details: `EVENT is one of ${HOOKS.join(", ")}. An agent runs it and writes the event to standard input. Without a daemon, and for whatever goes wrong, it ends at once and says nothing: an agent is never held up.`,
  flags: {},
  async run({ local }, { operands: [event = ""] }) {
    if (!isHook(event)) return EXIT.done; // of a newer plugin: a failure would stop the agent's turn
    if (local.environment["DISPATCH_RUN"]) return EXIT.done; // a worker dispatches nothing, and is told nothing
    return await runHook(event, local);
  },
});
