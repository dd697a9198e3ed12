import { command } from "../command.ts";
import { decide, REASON_FLAG } from "../decide.ts";
import { parseDuration } from "../duration.ts";
import { usageError } from "../parse.ts";

export const approve = command({
  operands: ["ID", "[REQUEST]"],
  details: [
    "ID is a task, a session, or the approval itself; REQUEST says which, where several wait.",
    "What is alike is said where the call is shown, and becomes rules: the same commands, files of the same folder, or",
    "the same tool. See dispatch rules.",
  ].join("\n"),
  flags: {
    once: { help: "this call only (the default)" },
    session: { help: "and the like, for the rest of the session" },
    until: { value: "DURATION", help: "and the like in this workspace, for this time, such as 2h" },
    always: { help: "and the like in this workspace, from now on" },
    reason: REASON_FLAG,
  },
  async run(context, { operands, flags }) {
    const grants = (["once", "session", "until", "always"] as const).filter((each) => flags[each]);
    const [grant = "once", other] = grants;
    if (other !== undefined)
      throw usageError(`--${grant} and --${other} are two answers`, "dispatch approve --help");
    return await decide(context, operands, {
      verdict: "allow",
      grant,
      ...(flags.until === undefined ? {} : { forMs: parseDuration(flags.until) }),
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    });
  },
});
