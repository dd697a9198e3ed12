import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { folderOrName, openedText, openTerminal, TERMINAL_FLAGS } from "../open-terminal.ts";

export const open = command({
  operands: ["REPO"],
  details:
    "REPO is a folder, or the name of a repository (dispatch projects). The first session of a folder needs no name; each further one is told apart by what it is for (--task). It goes on when you detach, and over restarts.",
  examples: ["dispatch open api", 'dispatch open ~/code/api --task "flaky tests" --agent codex'],
  flags: {
    task: { value: "NAME", help: "what the session is for, which is its name" },
    ...TERMINAL_FLAGS,
  },
  async run(context, { operands, flags }) {
    const folder = folderOrName(operands[0]!, context.environment);
    const opened = await openTerminal(context, { folder, name: flags.task }, flags);
    await context.output.show(opened, openedText);
    return EXIT.done;
  },
});
