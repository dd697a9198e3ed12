import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { existingFolder, openedText, openTerminal, TERMINAL_FLAGS } from "../open-terminal.ts";

export const createWorker = command({
  operands: ["REPO", "PATH", "[TASK]"],
  details: "REPO becomes the name of the workspace. The same as: dispatch open PATH --task TASK.",
  examples: ["dispatch create-worker api ~/code/api", 'dispatch create-worker api ~/code/api "flaky tests"'],
  flags: TERMINAL_FLAGS,
  async run(context, { operands: [repo = "", path = "", task], flags }) {
    const folder = existingFolder(path, context.environment);
    await context.client.call("addWorkspace", {}, { path: folder, name: repo });
    const opened = await openTerminal(context, { folder, name: task }, flags);
    await context.output.show(opened, openedText);
    return EXIT.done;
  },
});
