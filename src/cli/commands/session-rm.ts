import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { sessionName } from "../session-words.ts";

export const sessionRemove = command({
  operands: ["ID"],
  details: "Its agent must be stopped first. What was said in it is found by no search any more.",
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("deleteSession", { session: operands[0]! }, {});
    await output.show(answer, ({ session }) => `Removed ${sessionName(session)}.`);
    return EXIT.done;
  },
});
