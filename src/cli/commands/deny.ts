import { command } from "../command.ts";
import { decide, REASON_FLAG } from "../decide.ts";

export const deny = command({
  operands: ["ID", "[REQUEST]"],
  details: "ID is a task, a session, or the approval itself; REQUEST says which, where several wait.",
  flags: { reason: REASON_FLAG },
  async run(context, { operands, flags }) {
    const { reason } = flags;
    const why = reason === undefined ? {} : { reason };
    return await decide(context, operands, { verdict: "deny", ...why });
  },
});
