import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { sessionName } from "../session-words.ts";

export const stop = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("stopSession", { session: operands[0]! }, {});
    await output.show(answer, ({ session }) =>
      session.status.state === "stopping"
        ? `${sessionName(session)} is being stopped. The next message brings it back.`
        : `${sessionName(session)} is stopped. The next message brings it back.`,
    );
    return EXIT.done;
  },
});
