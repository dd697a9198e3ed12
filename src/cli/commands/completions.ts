import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { completionScript, knownIds, SHELLS, type Shell } from "../completion-script.ts";
import { usageError } from "../parse.ts";

export const completions = command({
  operands: ["SHELL"],
  examples: [
    'eval "$(dispatch completions bash)"     # in ~/.bashrc',
    "dispatch completions zsh > ~/.zfunc/_dispatch",
    "dispatch completions fish > ~/.config/fish/completions/dispatch.fish",
  ],
  flags: {},
  async run(context, { operands }) {
    const shell = operands[0]!;
    if (shell === "ids") {
      await context.output.exact(await knownIds(context));
      return EXIT.done;
    }
    if (!SHELLS.includes(shell as Shell))
      throw usageError(
        `no completions for ${shell}; there are some for ${SHELLS.join(", ")}`,
        "dispatch completions bash",
      );
    await context.output.exact(await completionScript(shell as Shell));
    return EXIT.done;
  },
});
