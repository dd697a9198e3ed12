import { command } from "../command.ts";
import { decide, REASON_FLAG } from "../decide.ts";
import { usageError } from "../parse.ts";

export const approve = command({
  operands: ["ID", "[REQUEST]"],
  details: "ID is a task, a session, or the approval itself; REQUEST says which, where several wait.",
  flags: {
    once: { help: "this call only (the default)" },
    session: { help: "this tool, for the rest of the session" },
    reason: REASON_FLAG,
  },
  async run(context, { operands, flags }) {
    if (flags.once && flags.session)
      throw usageError("--once and --session are two answers", "dispatch approve --help");
    return await decide(context, operands, {
      verdict: "allow",
      grant: flags.session ? "session" : "once",
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    });
  },
});
