import { command } from "../command.ts";
import { REASON_FLAG } from "../decide.ts";
import { EXIT } from "../exit.ts";

export const refuse = command({
  operands: ["MESSAGE"],
  flags: { reason: REASON_FLAG },
  async run({ client, output }, { operands, flags }) {
    const [message = ""] = operands;
    const reason = flags.reason === undefined ? {} : { reason: flags.reason };
    const refused = await client.call("decideMessage", { message }, { verdict: "refuse", ...reason });
    await output.show(refused, (view) => `Refused: ${view.message.id}`);
    return EXIT.done;
  },
});
