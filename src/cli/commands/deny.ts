import { command } from "../command.ts";
import { decide, REASON_FLAG } from "../decide.ts";

export const deny = command({
  operands: ["ID", "[REQUEST]"],
  flags: { reason: REASON_FLAG },
  async run(context, { operands, flags }) {
    return await decide(context, operands, { verdict: "deny", reason: flags.reason });
  },
});
