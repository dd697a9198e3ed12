import { command } from "../command.ts";
import { watchTasks } from "../watch-view.ts";

export const watch = command({
  operands: ["[ID]"],
  details:
    "Without an ID it takes the whole terminal: tasks, plan, transcript, and keys to answer and approve. With one it shows that task until it ends, or those of a sweep. Into a pipe it prints a line for each change.",
  flags: {},
  async run(context, { operands }) {
    const { json, look } = context.output;
    if (operands[0] === undefined && look.terminal && !json && process.stdin.isTTY)
      return await (await import("../watch/full-screen.tsx")).watchFullScreen(context);
    return await watchTasks(context, operands[0] ?? null);
  },
});
