import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const release = command({
  operands: ["MESSAGE"],
  flags: {},
  async run({ client, output }, { operands }) {
    const [message = ""] = operands;
    const released = await client.call("decideMessage", { message }, { verdict: "release" });
    await output.show(released, (view) => `Released: ${view.message.id}`);
    return EXIT.done;
  },
});
