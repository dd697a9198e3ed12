import { command } from "../command.ts";
import { watchTasks } from "../watch-view.ts";

export const watch = command({
  operands: ["[ID]"],
  details:
    "On a terminal it redraws; into a pipe it prints a line for each change. Ctrl-C ends it, the task goes on.",
  flags: {},
  async run(context, { operands }) {
    return await watchTasks(context, operands[0] ?? null);
  },
});
