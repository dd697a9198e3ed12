import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";
import { ruleLine } from "../rule-words.ts";

const EFFECTS = ["allow", "ask", "deny"] as const;

export const rulesAdd = command({
  operands: ["EFFECT", "[COMMAND]"],
  details: [
    "EFFECT is allow, ask or deny. COMMAND is one command, word for word; * stands for any letters of a word,",
    "and as the last word for any words. A command line is allowed when each of its commands is.",
    "An agent that runs already without asking for anything keeps to a new rule from its next start.",
  ].join("\n"),
  examples: [
    "dispatch rules add allow 'npm run *'",
    "dispatch rules add deny 'git push *'",
    "dispatch rules add ask --tool edit --path 'migrations/**'",
  ],
  flags: {
    tool: { value: "NAME", help: "only calls of this tool, or of this kind: read, edit, execute, fetch, …" },
    path: { value: "GLOB", help: "only what is in these files: * in a name, ** over folders" },
    workspace: {
      value: "FOLDER",
      help: "only in this workspace: a folder, a name or an id (default: everywhere)",
    },
    until: { value: "DURATION", help: "only for this time, such as 2h" },
    note: { value: "TEXT", help: "why; it is kept with the rule" },
  },
  async run({ client, output }, { operands, flags }) {
    const [word, pattern] = operands;
    const effect = EFFECTS.find((each) => each === word);
    if (!effect)
      throw usageError(`EFFECT is one of ${EFFECTS.join(", ")}, not ${word}`, "dispatch rules add --help");
    const body: CallInput<"addRule"> = { effect };
    if (pattern !== undefined) body.command = pattern;
    if (flags.tool !== undefined) body.tool = flags.tool;
    if (flags.path !== undefined) body.path = flags.path;
    if (flags.workspace !== undefined) body.workspace = flags.workspace;
    if (flags.until !== undefined) body.untilMs = parseDuration(flags.until);
    if (flags.note !== undefined) body.note = flags.note;
    await output.show(await client.call("addRule", {}, body), ({ rule }) => `${rule.id}: ${ruleLine(rule)}`);
    return EXIT.done;
  },
});
